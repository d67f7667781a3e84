/**
 * Sequence numbers (RFC 9293 section 3.4): 32 bits that wrap. Kept as int32 because V8 holds those without boxing;
 * the order of two numbers is the sign of their int32 difference.
 */
export function plus(sequence: number, count: number): number {
  return (sequence + count) | 0;
}

/** Signed distance from `a` to `b`. */
export function distance(a: number, b: number): number {
  return (b - a) | 0;
}

export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function isAtOrBefore(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

export function later(a: number, b: number): number {
  return ((a - b) | 0) < 0 ? b : a;
}
