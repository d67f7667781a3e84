import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import type { PopWorld } from './pop-world.ts';

export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>> | undefined;
  readonly interim: readonly number[];
}

/** An honest client of HTTP/2: one connection to a PoP, opened for the name of a host. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  readonly #port: number;
  /** Codes of GOAWAY frames that came. */
  readonly goneAway: number[] = [];
  isClosed = false;

  private constructor(session: ClientHttp2Session, port: number) {
    this.session = session;
    this.#port = port;
    session.on('error', () => undefined);
    session.on('goaway', (code) => this.goneAway.push(code));
    session.on('close', () => {
      this.isClosed = true;
    });
  }

  static async open(world: PopWorld, host: string, tls: SecureContextOptions = {}): Promise<Http2Client> {
    const { port } = world;
    const options = { ca: world.ca.certificatePem, servername: host, ...tls };
    const session = connect(`https://127.0.0.1:${port}`, options);
    const client = new Http2Client(session, port);
    await once(session, 'remoteSettings');
    return client;
  }

  request(host: string, path: string, fields: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const stream = this.session.request(
      { ':authority': `${host}:${this.#port}`, ':path': path, ...fields },
      { endStream: false },
    );
    stream.on('error', () => undefined);
    return stream;
  }

  async ask(
    host: string,
    path: string,
    { fields = {}, body }: { fields?: OutgoingHttpHeaders; body?: string | Uint8Array } = {},
  ): Promise<Http2Answer> {
    const stream = this.request(host, path, { ':method': body === undefined ? 'GET' : 'POST', ...fields });
    const answer = answerOf(stream);
    stream.end(body);
    return answer;
  }

  close(): void {
    this.session.destroy();
  }
}

/** The whole answer; rejects where the stream is reset. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const interim: number[] = [];
  stream.on('headers', (headers) => interim.push(headers[':status'] as number));
  let trailers: Http2Answer['trailers'];
  stream.on('trailers', (fields) => {
    trailers = { ...fields };
  });
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, string | string[] | undefined>>();
  stream.on('response', (headers) => resolve({ ...headers } as never));
  stream.on('error', reject);
  stream.on('close', () => reject(new Error(`reset with code ${stream.rstCode}`)));
  const headers = await promise;
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  if (stream.rstCode !== 0) throw new Error(`reset with code ${stream.rstCode}`);
  return { status: Number(headers[':status']), headers, body: Buffer.concat(parts).toString(), trailers, interim };
}
