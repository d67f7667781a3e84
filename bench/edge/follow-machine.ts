import type { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** How often the world's clock is set to the machine's. */
const TICK_MS = 5;

/** Has the clock of a world go as the machine's does. */
export function followMachine(clock: VirtualClock): void {
  let lastMs = Math.floor(performance.now());
  setInterval(() => {
    // Sessions count whole milliseconds.
    const nowMs = Math.floor(performance.now());
    clock.advance(nowMs - lastMs);
    lastMs = nowMs;
  }, TICK_MS);
}
