import type { HttpRequest } from '../../io/http/message.ts';
import type { OutgoingRequest } from '../../io/http-exchange.ts';
import type { RequestRules } from '../serving.ts';

import { ANSWER_MARGIN_MS } from './constants.ts';

/** What a resource allows one exchange to take: bytes on the way in, and time until the answer begins. */
export class ExchangeLimits {
  /** The first limit that was passed. */
  passed: 'body-too-large' | 'target-timed-out' | undefined;
  readonly #rules: RequestRules;
  readonly #bodyBytes: number;
  readonly #answerMs: number | undefined;
  #tookBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(rules: RequestRules) {
    this.#rules = rules;
    this.#bodyBytes = rules.bodyBytes ?? Number.POSITIVE_INFINITY;
    this.#answerMs = rules.answerMs;
  }

  /** What is to be said of the request to whoever sends it: a little more time than it has, so that it ends here. */
  get outgoing(): Pick<OutgoingRequest, 'takes' | 'headersTimeoutMs'> {
    const { takes } = this;
    return this.#answerMs === undefined ? { takes } : { takes, headersTimeoutMs: this.#answerMs + ANSWER_MARGIN_MS };
  }

  /** Sees each part of the body that is sent on; false: it is too long by now. What is taken back counts below nothing. */
  readonly takes = (bytes: number, part?: Uint8Array): boolean => {
    this.#rules.passes?.(part);
    this.#tookBytes += bytes;
    if (this.#tookBytes > this.#bodyBytes) this.passed ??= 'body-too-large';
    return this.passed !== 'body-too-large';
  };

  /** Begins to count the time once the body is sent; `late` is called where no answer has begun by then. */
  begin(request: HttpRequest, isStreamed: boolean, late: () => void): void {
    const { passed } = this;
    if (this.#answerMs === undefined || passed || this.#timer) return;
    if (isStreamed && !request.readableEnded) return void request.once('end', () => this.begin(request, false, late));
    this.#timer = setTimeout(() => {
      this.passed ??= 'target-timed-out';
      late();
    }, this.#answerMs);
  }

  /** The answer began, or nobody waits for one. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
