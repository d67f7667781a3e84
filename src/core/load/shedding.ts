/**
 * What a program that has too much to do leaves undone: the least important first, more of it the longer it lasts, and
 * less again when it is calm (the idea of Zhou et al., "Overload control for scaling WeChat microservices", 2018, with
 * the wait of the event loop as the measure).
 */
import { CALM_DELAY_MS, CALM_READINGS, OVERLOAD_CPU_SHARE, OVERLOAD_DELAY_MS, OVERLOAD_READINGS } from './constants.ts';

/** From what goes first to what is kept longest. */
export const IMPORTANCES = ['stranger', 'public', 'machine', 'session'] as const;
/**
 * `stranger`: who has not signed in, and would be sent to. `public`: who asks for what everybody may have. `machine`: who
 * brought a credential with the request. `session`: who is signed in; never left undone.
 */
export type Importance = (typeof IMPORTANCES)[number];

/** How many of the importances are left undone. */
export type SheddingLevel = 0 | 1 | 2 | 3;
const HIGHEST: SheddingLevel = 3;

export class Shedding {
  #level: SheddingLevel = 0;
  #above = 0;
  #below = 0;

  get level(): SheddingLevel {
    return this.#level;
  }

  /**
   * A reading of the last second: how long what is ready to run waited, in the mean, and the share of a core that was
   * used, 0 to 1. Gives the level from now on.
   */
  observe(delayMs: number, cpuShare: number): SheddingLevel {
    const isAbove = delayMs >= OVERLOAD_DELAY_MS && cpuShare >= OVERLOAD_CPU_SHARE;
    const isBelow = delayMs <= CALM_DELAY_MS || cpuShare < OVERLOAD_CPU_SHARE;
    this.#above = isAbove ? this.#above + 1 : 0;
    this.#below = isBelow ? this.#below + 1 : 0;
    if (this.#above >= OVERLOAD_READINGS && this.#level < HIGHEST) this.#change(1);
    else if (this.#below >= CALM_READINGS && this.#level > 0) this.#change(-1);
    return this.#level;
  }

  /** Whether a request of this importance is left undone now. */
  sheds(importance: Importance): boolean {
    return IMPORTANCES.indexOf(importance) < this.#level;
  }

  #change(by: 1 | -1): void {
    this.#level = (this.#level + by) as SheddingLevel;
    this.#above = 0;
    this.#below = 0;
  }
}
