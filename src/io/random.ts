/** The Random port over the operating system's generator, drawn in blocks because a call costs more than the bytes. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '../base/index.ts';

const POOL_BYTES = 4096;

export function createRandom(): Random {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    bytes(length) {
      if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length));
      if (used + length > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const drawn = pool.slice(used, used + length);
      // What was handed out may be a key: no second copy stays behind.
      pool.fill(0, used, used + length);
      used += length;
      return drawn;
    },
  };
}
