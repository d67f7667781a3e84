import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { LeavingConnections } from '../leaving-connections.ts';
import { OpenConnections } from '../open-connections.ts';
import type { HttpHandlers, ListenerLimits } from './handlers.ts';
import { attachHttp1, isAnswering } from './http1-server.ts';

/** A request that comes from within this process. */
export interface InnerRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Flat, with Host, without what says how long the body is. */
  readonly fields: readonly string[];
  readonly body: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** The answer is cut after this much of its body. */
  readonly answerBytes: number;
}

/** Brings requests of this process to the same handlers that those of clients go to, as HTTP/1.1 over a pair of streams. */
export class InnerRequests {
  readonly #server: Server;

  constructor(handlers: HttpHandlers, limits: Pick<ListenerLimits, 'headerBytes' | 'headerCount'>) {
    this.#server = createServer({ maxHeaderSize: limits.headerBytes, requireHostHeader: false });
    this.#server.maxHeadersCount = limits.headerCount + 1;
    attachHttp1(this.#server, handlers, new LeavingConnections(isAnswering), new OpenConnections());
  }

  /**
   * The status of the answer, when all of it came or as much as is read; 0 where there was none in time. Never rejects.
   * @param prepare sets what is known of the client, before the first byte.
   */
  send(request: InnerRequest, prepare: (connection: Duplex) => void): Promise<number> {
    const [near, far] = duplexPair();
    // One end does not hear of the other's destruction by itself.
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    for (const end of [near, far]) end.on('error', () => undefined);
    prepare(far);
    this.#server.emit('connection', far);
    return exchange(request, near).finally(() => near.destroy());
  }
}

function exchange(
  { method, target, fields, body, timeoutMs, answerBytes }: InnerRequest,
  near: Duplex,
): Promise<number> {
  return new Promise((resolve) => {
    let status = 0;
    const late = setTimeout(() => over(), timeoutMs);
    const over = (): void => {
      clearTimeout(late);
      resolve(status);
    };
    const length = body || !MAY_LACK_LENGTH.test(method) ? ['Content-Length', String(body?.length ?? 0)] : [];
    try {
      const headers = [...fields, ...length, 'Connection', 'close'];
      const outgoing = httpRequest({
        method,
        path: target,
        headers,
        setHost: false,
        createConnection: () => near as never,
      });
      outgoing.on('error', over);
      outgoing.on('response', (answer: IncomingMessage) => {
        status = answer.statusCode ?? 0;
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytes) over();
        });
        answer.on('close', over).on('error', over);
      });
      outgoing.on('close', over);
      outgoing.end(body);
    } catch {
      // A field or target that cannot be written.
      over();
    }
  });
}

/** Methods that commonly have no body say nothing of its length (RFC 9110 section 8.6). */
const MAY_LACK_LENGTH = /^(?:GET|HEAD|DELETE|OPTIONS)$/;
