import type { OutgoingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { fieldValue } from '../../core/routing/index.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/** A request without a body that no client sent. */
export class NobodysRequest extends Readable implements HttpRequest {
  readonly method = 'GET';
  readonly url: string;
  readonly httpVersion = '1.1';
  readonly rawHeaders: string[];
  /** Nobody looks anything up of it but by the flat list. */
  readonly headers = {};
  readonly rawTrailers: string[] = [];
  /** Connected to nothing. */
  readonly socket = new Socket();
  readonly complete = true;

  constructor(url: string, rawHeaders: string[]) {
    super();
    this.url = url;
    this.rawHeaders = rawHeaders;
    this.push(null);
  }
}

/** Takes an answer that nobody waits for: no more of it than may be kept. */
export class NobodysResponse extends Writable implements HttpResponse {
  shouldKeepAlive = true;
  headersSent = false;
  statusCode = 0;
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    super({ decodeStrings: true });
    this.#most = most;
    this.on('error', () => undefined);
  }

  setHeader(): void {}

  appendHeader(): void {}

  writeContinue(): void {}

  writeInformation(): void {}

  addTrailers(): void {}

  writeHead(status: number, headers?: string[] | OutgoingHttpHeaders): void {
    [this.headersSent, this.statusCode] = [true, status];
    const length = Array.isArray(headers) ? fieldValue(headers, 'content-length') : undefined;
    if (Number(length ?? 0) > this.#most) this.destroy();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#most) this.destroy();
    done();
  }
}
