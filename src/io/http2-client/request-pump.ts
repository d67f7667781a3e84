import type { ClientHttp2Stream } from 'node:http2';
import type { HttpRequest } from '../http/message.ts';
import type { OutgoingRequest } from '../http-exchange.ts';
import { BodyRefused } from '../http-request-body.ts';
import { HTTP2_KEPT_BODY_BYTES } from './constants.ts';

/** A request's body, where it came to its end and all of it is at hand; `back` where it stands before the client's request again. */
export type TakenBack =
  | { readonly kind: 'back' }
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'lost' };

/**
 * Carries the body of a request to a stream, with backpressure. The beginning is kept until an answer comes, so that a
 * request that the target did nothing of can be made again: a gRPC call tells no length and has a small body.
 */
export class RequestPump {
  readonly #incoming: HttpRequest;
  readonly #stream: ClientHttp2Stream;
  readonly #aborted: (cause?: unknown) => void;
  readonly #takes: OutgoingRequest['takes'];
  readonly #ended: () => void;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #isEnded = false;

  constructor(
    { incoming, takes }: OutgoingRequest,
    stream: ClientHttp2Stream,
    events: { ended(): void; aborted(cause?: unknown): void },
  ) {
    this.#incoming = incoming;
    this.#takes = takes;
    this.#stream = stream;
    this.#ended = events.ended;
    this.#aborted = events.aborted;
    incoming.on('data', this.#data);
    incoming.on('end', this.#end);
    incoming.on('aborted', this.#aborted);
    incoming.on('error', this.#aborted);
    stream.on('drain', this.#drained);
    // It may have been stopped by a try before this one.
    incoming.resume();
  }

  readonly #data = (chunk: Buffer): void => {
    if (this.#takes?.(chunk.length, chunk) === false) {
      this.#aborted(new BodyRefused('the body is too long'));
      return;
    }
    if (this.#kept) {
      this.#keptBytes += chunk.length;
      if (this.#keptBytes > HTTP2_KEPT_BODY_BYTES) this.#kept = undefined;
      else this.#kept.push(chunk);
    }
    if (!this.#stream.write(chunk)) this.#incoming.pause();
  };

  readonly #end = (): void => {
    this.#isEnded = true;
    this.#stream.end();
    this.#ended();
  };

  readonly #drained = (): void => void this.#incoming.resume();

  /** An answer came: the request is not made again. */
  forget(): void {
    this.#kept = undefined;
  }

  /** Reads no more. */
  stop(): void {
    this.#incoming.off('data', this.#data);
    this.#incoming.off('end', this.#end);
    this.#incoming.off('aborted', this.#aborted);
    this.#stream.off('drain', this.#drained);
    this.#incoming.pause();
  }

  /** Reads no more and gives back what was read. */
  takeBack(): TakenBack {
    this.stop();
    const kept = this.#kept;
    if (!kept || (!this.#isEnded && this.#incoming.destroyed)) return { kind: 'lost' };
    const body = Buffer.concat(kept);
    // Trailers are sent after a body that is streamed alone.
    if (this.#isEnded) return this.#incoming.rawTrailers.length > 0 ? { kind: 'lost' } : { kind: 'whole', body };
    if (body.length > 0) this.#incoming.unshift(body);
    // It will be counted once more.
    this.#takes?.(-body.length);
    return { kind: 'back' };
  }
}
