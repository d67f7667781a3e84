import { fieldValue } from '../core/routing/index.ts';
import { EventStream } from '../core/streams/index.ts';
import type { HttpResponse } from '../io/http/message.ts';

/** An answer that is an event stream: it never ends by itself, but may be ended between two events. */
export class EventStreamAnswer {
  readonly #response: HttpResponse;
  readonly #events = new EventStream();
  #isEnding = false;

  /** Undefined where the answer is something else, or where its events cannot be seen because it is compressed. */
  static of(headers: readonly string[], response: HttpResponse): EventStreamAnswer | undefined {
    const isPlain = (fieldValue(headers, 'content-encoding') ?? 'identity') === 'identity';
    const isEvents = (fieldValue(headers, 'content-type') ?? '').startsWith('text/event-stream');
    return isPlain && isEvents ? new EventStreamAnswer(response) : undefined;
  }

  private constructor(response: HttpResponse) {
    this.#response = response;
  }

  /** Sees what comes next. False: it is dropped, or was sent here. */
  pass(chunk: Buffer): boolean {
    if (!this.#isEnding) this.#events.take(chunk);
    else if (!this.#response.writableEnded) {
      const rest = chunk.subarray(0, this.#events.takeToBoundary(chunk));
      if (this.#events.atBoundary) this.#response.end(rest);
      else this.#response.write(rest);
    }
    return !this.#isEnding;
  }

  /** Ends it, now or after the event that is under way. The browser connects again by itself. */
  end(): void {
    this.#isEnding = true;
    if (this.#events.atBoundary && !this.#response.writableEnded) this.#response.end();
  }
}
