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
  /** Entity tag (RFC 9110 section 8.8.3), where the answer has one. */
  readonly etag?: string;
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

interface Exchanged {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
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
    const { status, text, etag } = await this.#exchange(asked);
    const tagged = etag === undefined ? {} : { etag };
    if (text === '') return { status, body: undefined, ...tagged };
    try {
      return { status, body: JSON.parse(text), ...tagged };
    } catch (error) {
      const where = `${asked.url.origin} answered ${status}`;
      throw new JsonClientFailure('server-answer-malformed', `${where} with something that is not JSON`, error);
    }
  }

  close(): void {
    this.#agents?.destroy();
  }

  /** What speaks HTTPS is loaded with the first request: an enrolled node that runs makes none. */
  async #exchange({ method, url, headers, body }: JsonRequest): Promise<Exchanged> {
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
        const { statusCode: status = 0, headers: fields } = incoming;
        this.#readText(incoming, url).then((text) => resolve({ status, text, etag: fields.etag }), reject);
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
