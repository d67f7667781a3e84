/**
 * TAI64N timestamps of initiations (paper section 5.1): seconds since 1970 TAI plus 2^62 in 8 bytes, nanoseconds in 4,
 * both big endian, so that comparing the bytes compares the times.
 */
import { equalBytes } from '../../base/index.ts';

export const TIMESTAMP_BYTES = 12;
/** TAI was ten seconds ahead in 1970; later leap seconds are left out, as other implementations do. */
const UNIX_EPOCH_LABEL = 2n ** 62n + 10n;
/** Nanoseconds are cut to this grain (16.8 ms), so that a timestamp is no fine clock for an observer. */
const GRAIN_NANOSECONDS = 2 ** 24;

/** The timestamp of a Unix time, always newer than `previous`, even where the clock was set back. */
export function nextTimestamp(unixMs: number, previous: Uint8Array | undefined): Uint8Array {
  const seconds = Math.floor(unixMs / 1000);
  const nanoseconds = Math.floor((unixMs - seconds * 1000) * 1e6);
  const now = encode(UNIX_EPOCH_LABEL + BigInt(seconds), nanoseconds - (nanoseconds % GRAIN_NANOSECONDS));
  return previous && !isNewer(now, previous) ? oneGrainAfter(previous) : now;
}

/** Whether `candidate` is later than `known`. */
export function isNewer(candidate: Uint8Array, known: Uint8Array): boolean {
  if (equalBytes(candidate, known)) return false;
  for (let i = 0; i < TIMESTAMP_BYTES; i++) {
    const difference = (candidate[i] as number) - (known[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function oneGrainAfter(timestamp: Uint8Array): Uint8Array {
  const view = new DataView(timestamp.buffer, timestamp.byteOffset, TIMESTAMP_BYTES);
  const label = view.getBigUint64(0);
  const nanoseconds = view.getUint32(8) + GRAIN_NANOSECONDS;
  return nanoseconds < 1e9 ? encode(label, nanoseconds) : encode(label + 1n, 0);
}

function encode(label: bigint, nanoseconds: number): Uint8Array {
  const timestamp = new Uint8Array(TIMESTAMP_BYTES);
  const view = new DataView(timestamp.buffer);
  view.setBigUint64(0, label);
  view.setUint32(8, nanoseconds);
  return timestamp;
}
