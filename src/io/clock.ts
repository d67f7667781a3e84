/** The Clock port over the machine's clocks: the one place where they are read. */
import type { Clock } from '../base/index.ts';

export function createClock(): Clock {
  return {
    nowMs: () => performance.now(),
    unixMs: () => Date.now(),
  };
}
