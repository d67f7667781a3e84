/** Spans as OTLP has them in JSON (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding": ids in hexadecimal, times as text). */
import type { Span, SpanValue } from './span.ts';

/** What the spans are of, by the semantic conventions of resources. */
export type TracedResource = Readonly<Record<string, SpanValue | undefined>>;

const KINDS: Readonly<Record<Span['kind'], number>> = { internal: 1, server: 2, client: 3 };
const STATUS_ERROR = 2;

export function otlpRequest(resource: TracedResource, spans: readonly Span[]): object {
  const scope = { name: 'manis' };
  return {
    resourceSpans: [
      { resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope, spans: spans.map(otlpSpan) }] },
    ],
  };
}

function otlpSpan(span: Span): object {
  const { traceId, spanId, parentSpanId, name, kind, error } = span;
  return {
    ...{ traceId, spanId, ...(parentSpanId !== undefined && { parentSpanId }) },
    ...{ name, kind: KINDS[kind] },
    startTimeUnixNano: nanoseconds(span.startUnixMs),
    endTimeUnixNano: nanoseconds(span.endUnixMs),
    attributes: attributesOf(span.attributes),
    ...(error !== undefined && { status: { code: STATUS_ERROR, message: error } }),
  };
}

function attributesOf(values: Readonly<Record<string, SpanValue | undefined>>): object[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: SpanValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** More digits than a number has room for: milliseconds and their fraction apart. */
function nanoseconds(unixMs: number): string {
  const whole = Math.floor(unixMs);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((unixMs - whole) * 1e6)));
}
