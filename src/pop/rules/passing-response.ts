import type { OutgoingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';
import type { HttpResponse } from '../../io/http/message.ts';

/** An answer that passes all that it gets on to another; what it is made of changes some of it on the way. */
export class PassingResponse extends Writable implements HttpResponse {
  protected readonly to: HttpResponse;

  constructor(to: HttpResponse) {
    super({ decodeStrings: true });
    this.to = to;
    to.once('close', () => this.destroy());
  }

  get shouldKeepAlive(): boolean {
    return this.to.shouldKeepAlive;
  }

  set shouldKeepAlive(value: boolean) {
    this.to.shouldKeepAlive = value;
  }

  get headersSent(): boolean {
    return this.to.headersSent;
  }

  get statusCode(): number {
    return this.to.statusCode;
  }

  setHeader(name: string, value: string): void {
    this.to.setHeader(name, value);
  }

  appendHeader(name: string, value: string): void {
    this.to.appendHeader(name, value);
  }

  writeContinue(): void {
    this.to.writeContinue();
  }

  writeInformation(status: number, headers?: string[]): void {
    this.to.writeInformation(status, headers);
  }

  addTrailers(trailers: readonly [name: string, value: string][]): void {
    this.to.addTrailers(trailers);
  }

  /** Flat fields are those of a target's answer; others are Manis's own, which are short. */
  writeHead(status: number, headers?: string[] | OutgoingHttpHeaders): void {
    this.to.writeHead(status, headers);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.to.write(chunk)) done();
    else this.to.once('drain', done);
  }

  override _final(done: () => void): void {
    this.to.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.writableFinished) this.to.destroy();
    done(error);
  }
}
