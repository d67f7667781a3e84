export type SpanValue = string | number | boolean;

/** One piece of work, as it is when it is over. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined where the trace begins here. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  /** By the semantic conventions of OpenTelemetry, where they have a name; what is undefined is left out. */
  readonly attributes: Readonly<Record<string, SpanValue | undefined>>;
  /** Why it failed, by name; undefined where it did not. */
  readonly error?: string | undefined;
}
