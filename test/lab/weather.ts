/** What happens to datagrams on their way through a relay of the tests. (The kernels of CI have no sch_netem.) */
import { SeededRandom } from '../../src/testing/seeded-random.ts';

/** Chances in [0, 1]; times in ms. */
export interface Weather {
  readonly seed: number;
  readonly loss: number;
  /** Share of datagrams that are held back by up to `heldMs`, so that later ones overtake them. */
  readonly held: number;
  readonly heldMs: number;
  readonly doubled: number;
  /** Every datagram is late by this. */
  readonly delayMs: number;
}

export interface RelayCounters {
  passed: number;
  lost: number;
  heldBack: number;
  doubled: number;
}

export const FINE_WEATHER: Weather = { seed: 1, loss: 0, held: 0, heldMs: 0, doubled: 0, delayMs: 0 };

export class Sky {
  readonly counters: RelayCounters = { passed: 0, lost: 0, heldBack: 0, doubled: 0 };
  #weather = FINE_WEATHER;
  #random = new SeededRandom(1);

  set(weather: Weather): void {
    this.#weather = weather;
    this.#random = new SeededRandom(weather.seed);
  }

  /** Sends a datagram, late, twice or never, as chance has it. */
  pass(send: () => void): void {
    const { loss, held, heldMs, doubled, delayMs } = this.#weather;
    if (this.#random.chance(loss)) {
      this.counters.lost++;
      return;
    }
    this.counters.passed++;
    const isHeld = this.#random.chance(held);
    if (isHeld) this.counters.heldBack++;
    const lateMs = delayMs + (isHeld ? 1 + this.#random.fraction() * heldMs : 0);
    if (lateMs > 0) setTimeout(send, lateMs);
    else send();
    if (!this.#random.chance(doubled)) return;
    this.counters.doubled++;
    send();
  }
}
