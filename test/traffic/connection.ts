/** One request on one connection to one PoP, as a browser makes it. */
import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { Trouble } from './outcome.ts';

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the body and ends it; the request has none where left out. */
  readonly write?: (sink: NodeJS.WritableStream) => void;
}

export interface Way {
  /** `address:port` of a PoP. */
  readonly endpoint: string;
  readonly origin: URL;
  readonly ca: string;
  readonly cookie: string;
  /** Kept connections; a connection of its own where left out. */
  readonly agent?: Agent;
}

export class TroubleError extends Error {
  override readonly name = 'TroubleError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble, detail: string) {
    super(detail);
    this.trouble = trouble;
  }
}

/** A browser has given up on an address by now and tries the next. */
const CONNECT_TIMEOUT_MS = 2_000;
/** Nothing at all for so long: the connection is as good as gone. */
export const SILENCE_MS = 10_000;

function placeOf(endpoint: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(endpoint) ?? [];
  return { host, port: Number(port) };
}

/** Resolves with the head of an answer, of whatever status. Rejects with TroubleError. */
export function ask(way: Way, asked: Asked): Promise<IncomingMessage> {
  const { origin, ca, cookie, agent = false } = way;
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const outgoing = httpsRequest({
      ...placeOf(way.endpoint),
      servername: origin.hostname,
      ca,
      agent,
      method: asked.method,
      path: asked.path,
      headers: { host: origin.host, accept: 'application/json', origin: origin.origin, cookie, ...asked.headers },
    });
    const connecting = setTimeout(() => outgoing.destroy(new Error('no connection in time')), CONNECT_TIMEOUT_MS);
    outgoing.on('socket', (socket) => {
      const connected = (): void => {
        isConnected = true;
        clearTimeout(connecting);
        outgoing.setTimeout(SILENCE_MS, () => outgoing.destroy(new TroubleError('silent', 'no answer')));
      };
      if (outgoing.reusedSocket) connected();
      else socket.once('secureConnect', connected);
    });
    outgoing.on('error', (error) => {
      clearTimeout(connecting);
      const trouble = isConnected ? 'reset' : 'no-connection';
      reject(error instanceof TroubleError ? error : new TroubleError(trouble, error.message));
    });
    outgoing.on('response', resolve);
    if (asked.write) asked.write(outgoing);
    else outgoing.end();
  });
}

/** Reads a whole answer. Rejects with TroubleError where it breaks off. */
export async function readAll(incoming: IncomingMessage, taken: (chunk: Buffer) => void): Promise<void> {
  incoming.setTimeout(SILENCE_MS, () => incoming.destroy(new TroubleError('silent', 'nothing more came')));
  try {
    for await (const chunk of incoming) taken(chunk as Buffer);
  } catch (error) {
    throw error instanceof TroubleError ? error : new TroubleError('truncated', (error as Error).message);
  }
}
