import type { IncomingHttpHeaders } from 'node:http';
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Http2Head } from './http2-head.ts';
import type { HttpRequest } from './message.ts';

/** What of a request came before anybody asked for more: read from the stream no faster than it is read here. */
export class Http2Request extends Readable implements HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion = '2.0';
  readonly rawHeaders: string[];
  readonly headers: IncomingHttpHeaders;
  readonly socket: TLSSocket;
  rawTrailers: string[] = [];
  complete: boolean;
  /** Of the body. */
  bytesReceived = 0;
  readonly #stream: ServerHttp2Stream;
  #isAttached = false;

  constructor(stream: ServerHttp2Stream, socket: TLSSocket, head: Http2Head, headers: Http2Headers) {
    super();
    this.method = head.method;
    this.url = head.path;
    this.rawHeaders = head.fields;
    this.headers = headers;
    headers.host = head.fields[1];
    if (head.fields.at(-2) === 'Transfer-Encoding') this.headers['transfer-encoding'] = 'chunked';
    this.socket = socket;
    this.#stream = stream;
    this.complete = stream.endAfterHeaders;
    if (this.complete) return;
    // They may come before anybody asks for the body.
    stream.on('trailers', (_headers, _flags, raw: string[]) => {
      this.rawTrailers = raw;
    });
  }

  /** Whether somebody waits for more of the body. */
  get isWanted(): boolean {
    return this.#isAttached && !this.complete && !this.#stream.isPaused();
  }

  /** The stream is over: what has not come will not. */
  streamClosed(): void {
    if (!this.complete) this.destroy(new Error('the client went away'));
  }

  override _read(): void {
    if (this.complete && !this.#isAttached) return void this.push(null);
    if (!this.#isAttached) this.#attach();
    else this.#stream.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.complete) {
      // As node does for HTTP/1.1: who listens for neither is not to be ended by it.
      this.emit('aborted');
      if (!this.#stream.closed) this.#stream.close(NO_LONGER_WANTED);
    }
    done(this.listenerCount('error') > 0 ? error : null);
  }

  #attach(): void {
    this.#isAttached = true;
    const stream = this.#stream;
    // An empty body has ended before anybody asked for it.
    if (stream.readableEnded) return void this.#ended();
    stream.on('data', (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      if (!this.push(chunk)) stream.pause();
    });
    stream.on('end', () => this.#ended());
  }

  #ended(): void {
    // A stream that was reset ends, too.
    if (this.#stream.aborted || this.#stream.rstCode !== 0) return;
    this.complete = true;
    this.push(null);
  }
}

/** NO_ERROR (RFC 9113 section 8.1): the answer is good, and the rest of the request is not needed. */
const NO_LONGER_WANTED = 0;
