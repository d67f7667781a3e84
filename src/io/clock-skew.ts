import { CLOCK_SKEW_MAX_MS } from './link-constants.ts';
import type { Log } from './log.ts';

/**
 * Whether this machine's clock agrees with that of the node that it gets its orders from. A clock that is far off makes
 * good snapshots, grants and sessions look expired.
 */
export class ClockSkew {
  readonly #log: Log;
  #skewMs: number | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** How far it is ahead, where that is too much; negative: behind. */
  get tooMuchMs(): number | undefined {
    return this.#skewMs;
  }

  /**
   * Takes a measurement: this machine's time less the other's. Whether the verdict is another than before.
   * @param other whose clock it was measured by, in the words of the log: `control`.
   */
  measured(skewMs: number, other: string): boolean {
    const was = this.#skewMs !== undefined;
    this.#skewMs = Math.abs(skewMs) > CLOCK_SKEW_MAX_MS ? skewMs : undefined;
    const is = this.#skewMs !== undefined;
    if (is === was) return false;
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    const how = skewMs > 0 ? 'ahead of' : 'behind';
    if (is)
      this.#log.error(`the clock of this machine is ${seconds} s ${how} that of ${other}: set it right`, { skewMs });
    else this.#log.info('the clock of this machine is right again', { skewMs });
    return true;
  }
}
