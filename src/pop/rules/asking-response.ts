import type { OutgoingHttpHeaders } from 'node:http';
import type { HttpResponse } from '../../io/http/message.ts';
import { PassingResponse } from './passing-response.ts';

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly fields: string[];
  readonly body: Buffer | undefined;
}

export interface Asking {
  /** What the client gets in place of an answer with this status; `fields`: of a target's. Undefined: that answer. */
  instead(status: number, fields: readonly string[] | undefined): Reply | undefined;
  /** No answer comes any more. */
  over(): void;
}

/** The answer to a request that asks a target whether what was kept is still so; often that is what the client gets. */
export class AskingResponse extends PassingResponse {
  readonly #asking: Asking;
  /** What was set before the head; it belongs to an answer that is perhaps not given. */
  #set: readonly (() => void)[] = [];
  #isReplaced = false;

  constructor(to: HttpResponse, asking: Asking) {
    super(to);
    this.#asking = asking;
    this.once('close', () => asking.over());
  }

  override setHeader(name: string, value: string): void {
    this.#set = [...this.#set, () => this.to.setHeader(name, value)];
  }

  override appendHeader(name: string, value: string): void {
    this.#set = [...this.#set, () => this.to.appendHeader(name, value)];
  }

  override addTrailers(trailers: readonly [name: string, value: string][]): void {
    if (!this.#isReplaced) this.to.addTrailers(trailers);
  }

  override writeHead(status: number, headers?: string[] | OutgoingHttpHeaders): void {
    const reply = this.#asking.instead(status, Array.isArray(headers) ? headers : undefined);
    if (!reply) {
      for (const set of this.#set) set();
      this.to.writeHead(status, headers);
      return;
    }
    this.#isReplaced = true;
    this.to.writeHead(reply.status, reply.fields);
    if (reply.body) this.to.write(reply.body);
  }

  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    if (this.#isReplaced) done();
    else super._write(chunk, encoding, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // A target that breaks off in what nobody gets anyway does no harm to what the client has.
    if (this.#isReplaced && !this.to.destroyed && !this.to.writableEnded) {
      this.to.end();
      done(error);
    } else super._destroy(error, done);
  }
}
