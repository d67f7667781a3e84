import { TRY_WINDOW_MS } from './constants.ts';

/** When tries were spent, the oldest first. At most so many lie within any hour. */
export class TryWindow {
  #times: number[];

  constructor(times: readonly number[] = []) {
    this.#times = [...times].sort((a, b) => a - b);
  }

  get times(): readonly number[] {
    return this.#times;
  }

  /** How many count now. One of the future counts: a clock that was set back gives nothing away. */
  countAt(nowUnixMs: number): number {
    if ((this.#times[0] ?? Number.POSITIVE_INFINITY) <= nowUnixMs - TRY_WINDOW_MS)
      this.#times = this.#times.filter((time) => time > nowUnixMs - TRY_WINDOW_MS);
    return this.#times.length;
  }

  spend(nowUnixMs: number): void {
    this.#times.push(nowUnixMs);
  }

  /** Takes a try back that turned out right. */
  giveBack(spentAtUnixMs: number): void {
    const at = this.#times.indexOf(spentAtUnixMs);
    if (at >= 0) this.#times.splice(at, 1);
  }

  /** Until when there is nothing where `most` may be spent. */
  freeAgainAt(most: number): number | undefined {
    const at = this.#times.length - most;
    return at < 0 ? undefined : (this.#times[at] ?? 0) + TRY_WINDOW_MS;
  }
}
