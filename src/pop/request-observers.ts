import type { Traces, TracingChoice } from '../core/tracing/index.ts';
import type { Log } from '../io/log.ts';
import type { Span } from '../io/tracing/span.ts';
import type { SpanCounts } from '../io/tracing/span-exporter.ts';
import type { AtResource } from './door.ts';
import type { EndObserver } from './request-log/request-log.ts';
import type { EndedAtResource } from './request-log/sent-request.ts';
import { spansOf } from './request-spans.ts';
import { StageMeter } from './stage-meter.ts';

export interface PopTracing extends TracingChoice {
  /** Takes spans; nothing waits for it. */
  readonly spans: { add(spans: readonly Span[]): void; readonly counts: Readonly<SpanCounts> };
}

/** Who looks at every request to a resource when it is over, beside the request log. */
export class RequestObservers implements EndObserver {
  readonly meter = new StageMeter();
  readonly #traces: Traces;
  readonly #tracing: PopTracing | undefined;
  readonly #log: Log;

  constructor(traces: Traces, tracing: PopTracing | undefined, log: Log) {
    this.#traces = traces;
    this.#tracing = tracing;
    this.#log = log;
  }

  /** What became of spans; undefined where nothing is traced. */
  get spanCounts(): Readonly<SpanCounts> | undefined {
    return this.#tracing?.spans.counts;
  }

  ended(request: EndedAtResource): void {
    // What becomes another protocol lasts as long as people like.
    if (request.at.track.upgrade === undefined) this.meter.observe(request.stages);
    if (this.#log.isOn('debug')) this.#log.debug('request', lineOf(request));
    if (!this.#tracing) return;
    const spans = spansOf(request, () => this.#traces.spanId());
    if (spans.length > 0) this.#tracing.spans.add(spans);
  }

  awaits({ context }: AtResource): boolean {
    return this.#log.isOn('debug') || (this.#tracing !== undefined && context.course.trace.sampled);
  }
}

/** The fields by which lines about a request are found, and what became of it. */
function lineOf({ at, status, stages }: EndedAtResource): Readonly<Record<string, unknown>> {
  const { context, resource, track } = at;
  const { requestId, method, host } = context;
  const { traceId } = context.course.trace;
  return { requestId, traceId, resourceId: resource.record.id, reason: track.reason, method, host, status, stages };
}
