/** The field `traceparent` (W3C Trace Context, section 3.2): `00-<trace id>-<parent id>-<flags>`, in lower case. */

/** Where a request stands in a trace. */
export interface TraceParent {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero: the span that the request came from. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const PATTERN = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** What every version begins with, and all of the version that is known. */
const LENGTH = 55;

/** Undefined where it is not as the standard has it: the trace begins anew then. */
export function readTraceparent(field: string | undefined): TraceParent | undefined {
  if (field === undefined || field.length < LENGTH) return undefined;
  const [, version, traceId, spanId, flags] = PATTERN.exec(field) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === '00' && field.length > LENGTH) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags as string, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
