/** Requests to an ACME directory: bounded in time and size, over HTTPS alone, through the proxy where there is one. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../base/index.ts';
import { readBoundedBody } from '../bounded-answer.ts';
import { OutboundAgents, type OutboundSettings } from '../outbound/outbound-agents.ts';
import { ProxyFailure } from '../outbound/proxy-failure.ts';
import { AcmeFailure, failureOf, readProblem } from './acme-failure.ts';
import { ACME_ANSWER_MAX_BYTES, ACME_TIMEOUT_MS, RETRY_AFTER_MAX_MS } from './constants.ts';

/** What acme-client asks of its HTTP library. */
export interface AcmeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** An object where the answer is JSON, else its text. Objects carry `retryAfterMs` where the directory asked to wait. */
  readonly data: unknown;
}

export class AcmeTransport {
  readonly #agents: OutboundAgents;
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #timeoutMs: number;

  constructor(settings: {
    readonly outbound: OutboundSettings;
    readonly clock: Clock;
    readonly userAgent: string;
    readonly timeoutMs?: number;
  }) {
    this.#agents = new OutboundAgents(settings.outbound, { keepAlive: true });
    this.#clock = settings.clock;
    this.#userAgent = settings.userAgent;
    this.#timeoutMs = settings.timeoutMs ?? ACME_TIMEOUT_MS;
  }

  close(): void {
    this.#agents.destroy();
  }

  /**
   * Rejects with AcmeFailure for every status of an error, but for a nonce that was refused: acme-client tries that again
   * (RFC 8555 section 6.5).
   */
  async request(url: string, method: string, body?: unknown): Promise<AcmeAnswer> {
    const target = URL.canParse(url) ? new URL(url) : undefined;
    if (target?.protocol !== 'https:')
      throw new AcmeFailure('acme-answer-malformed', 'the directory leads to a URL that is not https');
    const answer = await this.#exchange(target, method, body);
    const retryAfterMs = this.#retryAfterMs(answer.headers['retry-after']);
    if (answer.status < 400) return { ...answer, data: withRetryAfter(answer.data, retryAfterMs) };
    const problem = readProblem(answer.data);
    if (problem?.type === 'badNonce') return answer;
    throw failureOf(answer.status, problem, target.host, retryAfterMs);
  }

  async #exchange(url: URL, method: string, body: unknown): Promise<AcmeAnswer> {
    const { request } = await import('node:https');
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const way = await this.#agents.requestOptions(url).catch((error: Error) => Promise.reject(unreachable(url, error)));
    return new Promise((resolve, reject) => {
      const outgoing = request(url, {
        ...{ method: method.toUpperCase(), ...way },
        headers: {
          ...{ 'user-agent': this.#userAgent, accept: '*/*', 'accept-language': 'en' },
          ...(payload && { 'content-type': 'application/jose+json', 'content-length': payload.length }),
        },
      });
      const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), this.#timeoutMs);
      outgoing.on('close', () => clearTimeout(late));
      outgoing.on('error', (error) => reject(unreachable(url, error)));
      outgoing.on('response', (incoming) => void readAnswer(incoming, url).then(resolve, reject));
      outgoing.end(payload);
    });
  }

  /** Seconds or a date (RFC 9110 section 10.2.3). */
  #retryAfterMs(field: string | undefined): number | undefined {
    if (field === undefined) return undefined;
    const waitMs = /^\d{1,9}$/.test(field) ? Number(field) * 1000 : Date.parse(field) - this.#clock.unixMs();
    return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), RETRY_AFTER_MAX_MS) : undefined;
  }
}

async function readAnswer(incoming: IncomingMessage, url: URL): Promise<AcmeAnswer> {
  const body = await readBoundedBody(incoming, ACME_ANSWER_MAX_BYTES).catch((error: Error) => {
    throw unreachable(url, error);
  });
  if (body === undefined)
    throw new AcmeFailure(
      'acme-answer-malformed',
      `${url.host} answered with more than ${ACME_ANSWER_MAX_BYTES} bytes`,
    );
  const text = body.toString();
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/.test(incoming.headers['content-type'] ?? '');
  const headers = incoming.headers as AcmeAnswer['headers'];
  const status = incoming.statusCode ?? 0;
  if (!isJson || text === '') return { status, headers, data: text };
  try {
    return { status, headers, data: JSON.parse(text) };
  } catch (error) {
    throw new AcmeFailure('acme-answer-malformed', `${url.host} answered with something that is not JSON`, {}, error);
  }
}

function withRetryAfter(data: unknown, retryAfterMs: number | undefined): unknown {
  if (typeof data !== 'object' || data === null || retryAfterMs === undefined) return data;
  return { ...data, retryAfterMs };
}

function unreachable(url: URL, error: Error): AcmeFailure {
  if (error instanceof AcmeFailure) return error;
  const why = error instanceof ProxyFailure ? error.message : `cannot reach ${url.host}: ${error.message}`;
  return new AcmeFailure('acme-unreachable', why, {}, error);
}
