import type { Log } from '../io/log.ts';
import { CLOCK_SKEW_MAX_MS } from './constants.ts';

/** Whether this machine's clock agrees with control's. A clock that is far off makes good snapshots and sessions look expired. */
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

  /** Takes a measurement: this machine's time less control's. Whether the verdict is another than before. */
  measured(skewMs: number): boolean {
    const was = this.#skewMs !== undefined;
    this.#skewMs = Math.abs(skewMs) > CLOCK_SKEW_MAX_MS ? skewMs : undefined;
    const is = this.#skewMs !== undefined;
    if (is === was) return false;
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    const how = skewMs > 0 ? 'ahead of' : 'behind';
    if (is) this.#log.error(`the clock of this machine is ${seconds} s ${how} control's: set it right`, { skewMs });
    else this.#log.info('the clock of this machine is right again', { skewMs });
    return true;
  }
}
