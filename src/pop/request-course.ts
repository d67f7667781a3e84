import type { Clock } from '../base/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import type { RequestTrace, Traces } from '../core/tracing/index.ts';

/** How long each stage of a request took, in milliseconds; undefined where it did not come so far. */
export interface StageTimes {
  /** From its arrival to the decision. */
  readonly judge: number | undefined;
  /** From there to a connection to the target that takes it: choice, tries, waits and the tunnel. */
  readonly way: number | undefined;
  /** From there to the head of the backend's answer. */
  readonly backend: number | undefined;
  /** From its arrival until now. */
  readonly total: number;
}

/** How far a request came, and when; each stage is marked when it is behind. One for a request, whatever becomes of it. */
export class RequestCourse {
  readonly #clock: Clock;
  readonly #traces: Traces;
  readonly #rawHeaders: readonly string[];
  #trace: RequestTrace | undefined;
  readonly startedMs: number;
  #judgedMs: number | undefined;
  #sentMs: number | undefined;
  #answeredMs: number | undefined;

  constructor(clock: Clock, traces: Traces, rawHeaders: readonly string[]) {
    this.#clock = clock;
    this.#traces = traces;
    this.#rawHeaders = rawHeaders;
    this.startedMs = clock.nowMs();
  }

  /** The trace that it belongs to (W3C Trace Context); every request has an id of one. */
  get trace(): RequestTrace {
    this.#trace ??= this.#traces.begin(fieldValue(this.#rawHeaders, 'traceparent'), this.startedMs);
    return this.#trace;
  }

  /** The course of a request that this one causes. */
  caused(): RequestCourse {
    return new RequestCourse(this.#clock, this.#traces, []);
  }

  judged(): void {
    this.#judgedMs = this.#clock.nowMs();
  }

  /** A connection takes it; called again where it is tried again. */
  sent(): void {
    this.#sentMs = this.#clock.nowMs();
  }

  /** The backend began its answer. */
  answered(): void {
    this.#answeredMs = this.#clock.nowMs();
  }

  stages(): StageTimes {
    return {
      judge: between(this.startedMs, this.#judgedMs),
      way: between(this.#judgedMs, this.#sentMs),
      backend: between(this.#sentMs, this.#answeredMs),
      total: this.#clock.nowMs() - this.startedMs,
    };
  }
}

function between(fromMs: number | undefined, untilMs: number | undefined): number | undefined {
  return fromMs === undefined || untilMs === undefined ? undefined : untilMs - fromMs;
}
