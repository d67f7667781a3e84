import { connect as netConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agent, request } from 'undici';
import { Failure } from '../base/index.ts';
import { Upstream, type UpstreamLimits } from './http-client.ts';
import { secureStream } from './secure-stream.ts';

/** How this PoP's requests to a control node are made; see `OpenLink` for where it comes from. */
export interface ControlAccess {
  /** `https://host:port` */
  readonly baseUrl: string;
  /** What control's certificate must chain to, PEM. Nothing else is trusted. */
  readonly caPem: string;
}

export interface ControlCall {
  readonly path: string;
  /** Sent with POST; without one it is GET. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maximumAnswerBytes: number;
}

export interface ControlAnswer {
  readonly status: number;
  /** Seconds of `Retry-After`, where it was sent so. */
  readonly retryAfterSeconds: number | undefined;
  readonly body: unknown;
}

/** HTTPS to one control node with its authority pinned: calls with JSON, and a relay for requests of clients. */
export class ControlClient {
  readonly access: ControlAccess;
  readonly upstream: Upstream;
  readonly #agent: Agent;

  constructor(access: ControlAccess, limits: UpstreamLimits, connectTimeoutMs: number) {
    this.access = access;
    this.#agent = new Agent({
      connections: 16,
      connect: { ca: access.caPem, timeout: connectTimeoutMs, minVersion: 'TLSv1.2' },
    });
    this.upstream = new Upstream(() => openTo(access, connectTimeoutMs), limits);
  }

  /** Rejects with Failure `control-unreachable` where there is no answer in time, or none that is JSON. */
  async call({ path, body, headers, timeoutMs, maximumAnswerBytes }: ControlCall): Promise<ControlAnswer> {
    try {
      const answer = await request(`${this.access.baseUrl}${path}`, {
        method: body ? 'POST' : 'GET',
        dispatcher: this.#agent,
        headers: body ? { 'content-type': 'application/json', ...headers } : headers,
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      let text = '';
      for await (const chunk of answer.body) {
        text += String(chunk);
        if (text.length > maximumAnswerBytes) throw new Error('the answer is too long');
      }
      const retryAfter = Number(answer.headers['retry-after']);
      return {
        status: answer.statusCode,
        retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
        body: text === '' ? undefined : JSON.parse(text),
      };
    } catch (error) {
      throw new Failure('control-unreachable', `the control plane does not answer: ${(error as Error).message}`, error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.upstream.destroy()]);
  }
}

async function openTo({ baseUrl, caPem }: ControlAccess, timeoutMs: number): Promise<Duplex> {
  const { hostname, port } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = await new Promise<Duplex>((resolve, reject) => {
    const opening = netConnect({ host, port: port === '' ? 443 : Number(port), noDelay: true, timeout: timeoutMs });
    opening.once('timeout', () => opening.destroy(new Error('the connection took too long')));
    opening.once('error', reject);
    opening.once('connect', () => {
      opening.setTimeout(0);
      opening.off('error', reject);
      resolve(opening);
    });
  });
  return secureStream(socket, { serverName: host, verify: true, ca: caPem, timeoutMs });
}
