import type { OutgoingHttpHeaders } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { Writable } from 'node:stream';
import type { HttpResponse } from './message.ts';

/** Fields of a connection of HTTP/1.1 (RFC 9113 section 8.2.2): no stream has them. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

type Fields = string[];

/** An answer on a stream of HTTP/2. */
export class Http2Response extends Writable implements HttpResponse {
  shouldKeepAlive = true;
  headersSent = false;
  statusCode = 0;
  readonly #stream: ServerHttp2Stream;
  readonly #isHead: boolean;
  #fields: Fields = [];
  /** The head ends the stream: what is written goes nowhere. */
  #hasNoBody = false;
  /** What the body has still to bring; undefined where its length was not told. */
  #leftBytes: number | undefined;
  #isEnded = false;
  /** Of the body, to the stream. */
  bytesWritten = 0;
  #trailers: Record<string, string | string[]> = {};
  /** What is left of the request's body is not wanted. */
  #dropsRequest = false;

  constructor(stream: ServerHttp2Stream, isHead: boolean) {
    super();
    this.#stream = stream;
    this.#isHead = isHead;
  }

  setHeader(name: string, value: string): void {
    this.#fields = without(this.#fields, name.toLowerCase());
    this.appendHeader(name, value);
  }

  appendHeader(name: string, value: string): void {
    this.#fields.push(name.toLowerCase(), value);
  }

  writeHead(status: number, headers: string[] | OutgoingHttpHeaders = []): void {
    if (this.headersSent) throw new Error('the head of this answer was sent');
    this.headersSent = true;
    this.statusCode = status;
    if (this.#isGone) return;
    const given = Array.isArray(headers) ? headers : flat(headers);
    const fields: string[] = [':status', String(status)];
    this.#hasNoBody = this.#isHead || status === 204 || status === 304;
    for (const text of this.#setBefore(given)) fields.push(text);
    for (let i = 0; i + 1 < given.length; i += 2) this.#take(given[i] as string, given[i + 1] as string, fields);
    if (!this.shouldKeepAlive) this.#dropsRequest = true;
    // Trailers cost a turn more, and nobody announces them who told the length.
    const mayHaveTrailers = !this.#hasNoBody && this.#leftBytes === undefined;
    if (mayHaveTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers());
    const endStream = this.#hasNoBody || this.#leftBytes === 0;
    if (endStream) this.#isEnded = true;
    this.#attempt(() => this.#stream.respond(fields as never, { endStream, waitForTrailers: mayHaveTrailers }));
  }

  writeContinue(): void {
    this.writeInformation(100);
  }

  writeInformation(status: number, headers: readonly string[] = []): void {
    if (this.headersSent || this.#isGone) return;
    const fields: Record<string, string | string[]> = {};
    for (let i = 0; i + 1 < headers.length; i += 2) add(fields, headers[i] as string, headers[i + 1] as string);
    this.#attempt(() => this.#stream.additionalHeaders({ ':status': status, ...fields }));
  }

  addTrailers(trailers: readonly [name: string, value: string][]): void {
    for (const [name, value] of trailers) add(this.#trailers, name, value);
  }

  /** The stream is over. */
  streamClosed(): void {
    if (!this.writableFinished) this.destroy();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.headersSent) this.writeHead(200);
    if (this.#isGone || this.#isEnded) return void done();
    this.bytesWritten += chunk.length;
    if (this.#leftBytes !== undefined) this.#leftBytes -= chunk.length;
    // The last frame says that it is the last: one frame less than an empty one after it.
    if (this.#leftBytes !== undefined && this.#leftBytes <= 0) {
      this.#isEnded = true;
      this.#stream.end(chunk, () => done());
    } else this.#stream.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.headersSent) this.writeHead(200, ['content-length', '0']);
    if (this.#isGone || this.#isEnded) return void done();
    this.#isEnded = true;
    this.#stream.end(() => done());
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    const stream = this.#stream;
    if (!this.writableFinished) {
      // Ended in good order, a part of the answer would look like the whole.
      if (!stream.closed) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    } else if (this.#dropsRequest) {
      // A turn later: a reset overtakes a head that was not written yet, and then there is no answer.
      setImmediate(() => {
        if (!stream.closed && !stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
      });
    }
    done();
  }

  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** What was set before and is not said anew. */
  #setBefore(given: readonly string[]): Fields {
    let fields = this.#fields;
    if (fields.length > 0) for (let i = 0; i < given.length; i += 2) fields = without(fields, given[i] as string);
    return fields;
  }

  #take(name: string, value: string, fields: Fields): void {
    const lower = name.toLowerCase();
    if (lower === 'content-length') {
      // RFC 9110 section 8.6: a 204 has none, and clients reset a stream where it does.
      if (fields[1] === '204') return;
      this.#leftBytes = Number(value);
    }
    if (!OF_CONNECTION.has(lower)) fields.push(lower, value);
    else if (lower === 'connection' && value.toLowerCase() === 'close') this.#dropsRequest = true;
  }

  #sendTrailers(): void {
    if (!this.#isGone) this.#attempt(() => this.#stream.sendTrailers(this.#trailers));
  }

  /** A backend of HTTP/1.1 may say what HTTP/2 has no way to say: a status of 700. Then there is no answer. */
  #attempt(send: () => void): void {
    try {
      send();
    } catch {
      this.destroy();
    }
  }
}

function without(fields: Fields, name: string): Fields {
  const lower = name.toLowerCase();
  return fields.filter((_, i) => fields[i - (i % 2)] !== lower);
}

function flat(headers: OutgoingHttpHeaders): string[] {
  const result: string[] = [];
  for (const [name, value] of Object.entries(headers))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) result.push(name, String(one));
  return result;
}

function add(fields: Record<string, string | string[]>, name: string, value: string): void {
  const lower = name.toLowerCase();
  const known = fields[lower];
  if (known === undefined) fields[lower] = value;
  else fields[lower] = Array.isArray(known) ? [...known, value] : [known, value];
}
