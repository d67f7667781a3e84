import { type Importance, Shedding } from '../core/load/index.ts';
import type { Counters } from './counters.ts';
import type { Judged } from './judge.ts';

/** How busy the program is, asked once a second. */
export interface LoadSource {
  /** How long what is ready to run waited since it was asked last, in the mean. */
  delayMs(): number;
  /** Share of a core that was used lately, 0 to 1. */
  cpuShare(): number;
}

/** Leaves the least important requests undone while there is more to do than can be done. Without a source it never does. */
export class Overload {
  readonly #shedding = new Shedding();
  readonly #source: LoadSource | undefined;
  readonly #counters: Counters;
  readonly #changed: (level: number) => void;

  constructor(source: LoadSource | undefined, counters: Counters, changed: (level: number) => void) {
    this.#source = source;
    this.#counters = counters;
    this.#changed = changed;
  }

  tick(): void {
    if (!this.#source) return;
    const before = this.#shedding.level;
    const level = this.#shedding.observe(this.#source.delayMs(), this.#source.cpuShare());
    if (level !== before) this.#changed(level);
  }

  /** Whether a request is to be left undone; it is counted then. */
  sheds(judged: Judged): boolean {
    if (this.#shedding.level === 0) return false;
    const importance = importanceOf(judged);
    if (!this.#shedding.sheds(importance)) return false;
    this.#counters.add('shed', importance);
    return true;
  }
}

function importanceOf({ hasSession, signedIn, decision }: Judged): Importance {
  if (hasSession) return 'session';
  if (signedIn) return 'machine';
  return decision.outcome === 'allow' ? 'public' : 'stranger';
}
