/**
 * Ports for time and chance. Cores take `nowMs` as an argument; programs hand these to whoever must ask.
 */

/** Milliseconds. Monotonic where it is called `nowMs`, since the Unix epoch where it is called `unixMs`. */
export type Milliseconds = number;

export interface Clock {
  /** Monotonic milliseconds, fractional, from an arbitrary origin. For deadlines and durations. */
  nowMs(): Milliseconds;
  /** Milliseconds since the Unix epoch. For expiry dates, logs and anything that leaves the process. */
  unixMs(): Milliseconds;
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

/** An unpredictable integer in [0, 2^32). */
export function randomUint32(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

/** An unpredictable number in [0, 1). */
export function randomFraction(random: Random): number {
  return randomUint32(random) / 2 ** 32;
}
