import type { Random } from '../../base/index.ts';
import { ASKED_TRACES_A_SECOND } from './constants.ts';
import { readTraceparent, writeTraceparent } from './trace-context.ts';
import { TraceIds } from './trace-ids.ts';

/** The trace of one request. */
export interface RequestTrace {
  /** The client's, where it named one; 32 hexadecimal digits. */
  readonly traceId: string;
  /** The client's span, where it named one. */
  readonly parentSpanId: string | undefined;
  /** The span of the whole request here; undefined where nothing is traced. */
  readonly spanId: string | undefined;
  /** The span of what the backend does, which its own are within; undefined where nothing is traced. */
  readonly backendSpanId: string | undefined;
  /** Whether its spans are recorded. */
  readonly sampled: boolean;
}

export interface TracingChoice {
  /** Share of the requests that are recorded, 0 to 1. */
  readonly share: number;
}

/**
 * Says of each request which trace it belongs to. What a client says of the trace is believed; that it is to be recorded
 * only so many times a second, because anybody can say so.
 */
export class Traces {
  readonly #ids: TraceIds;
  readonly #choice: TracingChoice | undefined;
  #asked = 0;
  #secondMs = Number.NEGATIVE_INFINITY;

  /** @param choice left out: nothing is traced, and requests have a trace id alone. */
  constructor(random: Random, choice?: TracingChoice) {
    this.#ids = new TraceIds(random);
    this.#choice = choice;
  }

  get isOn(): boolean {
    return this.#choice !== undefined;
  }

  /** The id of one more span. */
  spanId(): string {
    return this.#ids.spanId();
  }

  /** @param field `traceparent` as the client sent it. */
  begin(field: string | undefined, nowMs: number): RequestTrace {
    const parent = readTraceparent(field);
    const traceId = parent?.traceId ?? this.#ids.traceId();
    const common = { traceId, parentSpanId: parent?.spanId };
    if (!this.#choice) return { ...common, spanId: undefined, backendSpanId: undefined, sampled: false };
    const asked = parent?.sampled === true && this.#mayAsk(nowMs);
    const own = { spanId: this.#ids.spanId(), backendSpanId: this.#ids.spanId() };
    return { ...common, ...own, sampled: asked || this.#ids.fraction() < this.#choice.share };
  }

  /**
   * `traceparent` for a backend. Undefined where nothing is traced here: what the client sent is passed on as it is, and
   * nothing is invented, since "not sampled" would keep the backend from tracing at all.
   */
  static forBackend({ traceId, sampled, backendSpanId: spanId }: RequestTrace): string | undefined {
    return spanId === undefined ? undefined : writeTraceparent({ traceId, spanId, sampled });
  }

  #mayAsk(nowMs: number): boolean {
    if (nowMs - this.#secondMs >= 1_000) [this.#secondMs, this.#asked] = [nowMs, 0];
    return this.#asked++ < ASKED_TRACES_A_SECOND;
  }
}
