import type { OutgoingHttpHeaders } from 'node:http';
import { type CompressionSettings, chooseEncoding, encodedFields, withVary } from '../../core/http-rules/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import type { Encoder, Encoders } from '../../io/encoders.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import { ENCODER_QUIET_MS } from './constants.ts';
import { PassingResponse } from './passing-response.ts';

export interface Compression {
  readonly settings: CompressionSettings;
  readonly encoders: Encoders;
  /** Of the request. */
  readonly method: string;
  readonly rawHeaders: readonly string[];
  /** Whether somebody is signed in. */
  readonly isPersonal: boolean;
}

/**
 * An answer that is compressed on its way out where that is worth while; what is written to it waits as long as the client
 * does not read. Its head decides: without one it passes on all that it gets.
 */
export class CompressingResponse extends PassingResponse {
  readonly #compression: Compression;
  #encoder: Encoder | undefined;
  /** When what the encoder holds is given out: after each write, after some silence, or when it is full. */
  #flushing: 'each' | 'quiet' | 'never' = 'never';
  #quiet: NodeJS.Timeout | undefined;
  #trailers: readonly [string, string][] = [];

  constructor(to: HttpResponse, compression: Compression) {
    super(to);
    this.#compression = compression;
  }

  override addTrailers(trailers: readonly [name: string, value: string][]): void {
    this.#trailers = trailers;
  }

  override writeHead(status: number, headers?: string[] | OutgoingHttpHeaders): void {
    this.to.writeHead(status, Array.isArray(headers) ? this.#encode(status, headers) : headers);
  }

  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    if (!this.#encoder) return void super._write(chunk, encoding, done);
    this.#encoder.write(chunk, () => {
      this.#flushSoon();
      done();
    });
  }

  override _final(done: () => void): void {
    clearTimeout(this.#quiet);
    const end = (): void => {
      if (this.#trailers.length > 0) this.to.addTrailers(this.#trailers);
      this.to.end(done);
    };
    this.#encoder?.once('end', end).end();
    if (!this.#encoder) end();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#quiet);
    this.#encoder?.destroy();
    super._destroy(error, done);
  }

  #encode(status: number, headers: string[]): string[] {
    const { settings, encoders, method, rawHeaders, isPersonal } = this.#compression;
    const answer = { method, request: rawHeaders, status, response: headers, isPersonal };
    const choice = chooseEncoding(settings, answer);
    if (!choice.varies) return headers;
    const varying = withVary(headers, 'Accept-Encoding');
    const encoder = choice.encoding && encoders.take(choice.encoding);
    if (!choice.encoding || !encoder) return varying;
    this.#encoder = encoder;
    // What is as long as it says needs no pushing; the rest may be a stream that somebody watches.
    const isWhole = fieldValue(headers, 'content-length') !== undefined;
    this.#flushing = choice.isEvents ? 'each' : isWhole ? 'never' : 'quiet';
    encoder.on('error', (error) => this.destroy(error));
    encoder.on('data', (part: Buffer) => {
      if (this.to.write(part)) return;
      encoder.pause();
      this.to.once('drain', () => encoder.resume());
    });
    return encodedFields(varying, choice.encoding);
  }

  #flushSoon(): void {
    if (this.#flushing === 'each') this.#encoder?.flush();
    if (this.#flushing !== 'quiet') return;
    if (this.#quiet) this.#quiet.refresh();
    else this.#quiet = setTimeout(() => this.#flush(), ENCODER_QUIET_MS);
  }

  #flush(): void {
    this.#quiet = undefined;
    if (this.#encoder && !this.writableEnded) this.#encoder.flush();
  }
}
