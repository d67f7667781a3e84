/** Small requests with JSON both ways, over HTTPS for talking to control: bounded in time and size, through a proxy or not. */
import type { IncomingMessage } from 'node:http';
import { Failure } from '../base/index.ts';
import { readBoundedBody } from './bounded-answer.ts';
import type { OutboundAgents, OutboundSettings } from './outbound/outbound-agents.ts';
import { ProxyFailure } from './outbound/proxy-failure.ts';

export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface JsonAnswer {
  readonly status: number;
  /** Undefined where the body is empty. */
  readonly body: unknown;
}

export interface JsonClientOptions extends OutboundSettings {
  /** Takes any certificate: for an answer that is checked by other means. */
  readonly unverified?: boolean;
  readonly timeoutMs: number;
  readonly answerBytes: number;
}

export type JsonClientFailureCode = 'server-unreachable' | 'server-answer-too-large' | 'server-answer-malformed';

export class JsonClientFailure extends Failure {
  override readonly name = 'JsonClientFailure';
  declare readonly code: JsonClientFailureCode;

  constructor(code: JsonClientFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}

/** Keeps its connections open between requests. */
export class JsonClient {
  readonly #options: JsonClientOptions;
  #agents: OutboundAgents | undefined;

  constructor(options: JsonClientOptions) {
    this.#options = options;
  }

  /** Resolves with whatever status the server answers. Rejects with JsonClientFailure or ProxyFailure. */
  async send(asked: JsonRequest): Promise<JsonAnswer> {
    const { status, text } = await this.#exchange(asked);
    if (text === '') return { status, body: undefined };
    try {
      return { status, body: JSON.parse(text) };
    } catch (error) {
      const where = `${asked.url.origin} answered ${status}`;
      throw new JsonClientFailure('server-answer-malformed', `${where} with something that is not JSON`, error);
    }
  }

  close(): void {
    this.#agents?.destroy();
  }

  /** What speaks HTTPS is loaded with the first request: an enrolled node that runs makes none. */
  async #exchange({ method, url, headers, body }: JsonRequest): Promise<{ status: number; text: string }> {
    const { request, way } = url.protocol === 'http:' ? await plainly() : await this.#securely(url);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const contentHeaders = payload && { 'content-type': 'application/json', 'content-length': payload.length };
    return new Promise((resolve, reject) => {
      const outgoing = request(url, {
        ...{ method, ...way },
        headers: { ...headers, ...contentHeaders },
      });
      const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), this.#options.timeoutMs);
      outgoing.on('close', () => clearTimeout(late));
      outgoing.on('error', (error) => reject(unreachable(url, error)));
      outgoing.on('response', (incoming) => {
        this.#readText(incoming, url).then((text) => resolve({ status: incoming.statusCode ?? 0, text }), reject);
      });
      outgoing.end(payload);
    });
  }

  async #securely(url: URL) {
    const { request } = await import('node:https');
    const { OutboundAgents } = await import('./outbound/outbound-agents.ts');
    this.#agents ??= new OutboundAgents(this.#options, { keepAlive: true });
    const way = { ...(await this.#agents.requestOptions(url)), rejectUnauthorized: !this.#options.unverified };
    return { request, way };
  }

  async #readText(incoming: IncomingMessage, url: URL): Promise<string> {
    const body = await readBoundedBody(incoming, this.#options.answerBytes).catch((error: Error) => {
      throw unreachable(url, error);
    });
    if (body !== undefined) return body.toString();
    const most = `more than ${this.#options.answerBytes} bytes`;
    throw new JsonClientFailure('server-answer-too-large', `${url.origin} answered with ${most}`);
  }
}

/** For what is next to us and has no certificate: a collector of traces. */
async function plainly() {
  return { request: (await import('node:http')).request, way: {} };
}

function unreachable(url: URL, error: Error): JsonClientFailure | ProxyFailure {
  if (error instanceof ProxyFailure) return error;
  return new JsonClientFailure('server-unreachable', `cannot reach ${url.origin}: ${error.message}`, error);
}
