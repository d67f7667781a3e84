import type { Clock } from '../base/index.ts';

/** Shortest time over which the share is taken; asked more often, the last value is given again. */
const WINDOW_MS = 900;

/** How busy this process is: its CPU time as a share of one core, 0 to 1, over the last second or so. */
export class CpuShare {
  readonly #clock: Clock;
  #atMs: number;
  #usedMs: number;
  #share = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.nowMs();
    this.#usedMs = usedMs();
  }

  read(): number {
    const nowMs = this.#clock.nowMs();
    const passedMs = nowMs - this.#atMs;
    if (passedMs < WINDOW_MS) return this.#share;
    const used = usedMs();
    this.#share = Math.min(1, Math.max(0, (used - this.#usedMs) / passedMs));
    this.#atMs = nowMs;
    this.#usedMs = used;
    return this.#share;
  }
}

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
