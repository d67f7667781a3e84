import { isPlausible, type Liveness, type SteeredPop } from '../../core/steering/index.ts';
import type { Log } from '../../io/log.ts';
import type { Counters } from '../counters.ts';
import { LIMITED_NEWS_MS } from './constants.ts';

/** Tells the log what changed: who is alive, who claims what cannot be, and floods. Never where clients are. */
export class SteeringNews {
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #liveness = new Map<string, Liveness>();
  readonly #implausible = new Set<string>();
  #limited = 0;
  #limitedToldMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log, counters: Counters) {
    this.#log = log;
    this.#counters = counters;
  }

  look(pops: readonly SteeredPop[], nowMs: number): void {
    for (const pop of pops) {
      this.#tellLiveness(pop);
      this.#tellClaim(pop);
    }
    this.#tellFlood(nowMs);
  }

  #tellLiveness({ id: popId, liveness }: SteeredPop): void {
    const previous = this.#liveness.get(popId);
    if (previous === liveness) return;
    this.#liveness.set(popId, liveness);
    if (liveness === 'down') this.#log.warn('PoP left out of DNS: most do not hear it', { popId, previous });
    else this.#log.info('PoP in DNS', { popId, liveness, previous });
  }

  #tellClaim({ id: popId, load }: SteeredPop): void {
    if (!load || isPlausible(load)) this.#implausible.delete(popId);
    else if (!this.#implausible.has(popId)) {
      this.#implausible.add(popId);
      this.#log.warn('a PoP claims a load that cannot be; it is believed within bounds', { popId, load });
    }
  }

  #tellFlood(nowMs: number): void {
    const limited = this.#counters.of('dns', 'dns-rate-limited');
    if (limited === this.#limited || nowMs - this.#limitedToldMs < LIMITED_NEWS_MS) return;
    this.#log.warn('answers to DNS queries over UDP are limited: a flood, or a forged address', {
      dropped: limited - this.#limited,
    });
    this.#limited = limited;
    this.#limitedToldMs = nowMs;
  }
}
