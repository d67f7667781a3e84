import {
  LONGER_RTT_WEIGHT,
  PEER_PREFIXES_MAX,
  PREFIXES_MAX,
  PREFIXES_PER_REPORT,
  RTT_MAX_MS,
  SHORTER_RTT_WEIGHT,
} from './constants.ts';
import type { PrefixRttClaim } from './facts.ts';

export interface MeasuredRtt {
  readonly rttMs: number;
  readonly samples: number;
}

interface Measured extends MeasuredRtt {
  rttMs: number;
  samples: number;
}

/**
 * Round trips that this PoP measured to blocks of client addresses. An average that believes short ones quickly and long
 * ones slowly: what is nearest the truth is the shortest. Where many blocks are seen, the least recently used is forgotten.
 *
 * Blocks of addresses say where people are: they live in memory and in reports between PoPs, never in a log.
 */
export class PrefixRtts {
  /** In order of use, the latest last. */
  readonly #measured = new Map<string, Measured>();
  /** Where the next report goes on; the rest of a round over the table. */
  #round: string[] = [];
  readonly #capacity: number;

  constructor(capacity = PREFIXES_MAX) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#measured.size;
  }

  observe(prefix: string, rttMs: number): void {
    if (!(rttMs > 0 && rttMs <= RTT_MAX_MS)) return;
    const known = this.#measured.get(prefix) ?? { rttMs, samples: 0 };
    const weight = rttMs < known.rttMs ? SHORTER_RTT_WEIGHT : LONGER_RTT_WEIGHT;
    known.rttMs += weight * (rttMs - known.rttMs);
    known.samples++;
    touch(this.#measured, prefix, known, this.#capacity);
  }

  of(prefix: string): MeasuredRtt | undefined {
    return this.#measured.get(prefix);
  }

  /** The next piece for the other PoPs, a few at a time; over many reports they learn all, the most recent first. */
  nextReport(count = PREFIXES_PER_REPORT): PrefixRttClaim[] {
    if (this.#round.length === 0) this.#round = [...this.#measured.keys()];
    const claims: PrefixRttClaim[] = [];
    while (claims.length < count && this.#round.length > 0) {
      const prefix = this.#round.pop() as string;
      const known = this.#measured.get(prefix);
      if (known) claims.push({ prefix, rttMs: Math.round(known.rttMs * 10) / 10, samples: known.samples });
    }
    return claims;
  }
}

/** Round trips that the other PoPs claim to have measured, by prefix, of all peers together bounded. */
export class PeerPrefixRtts {
  readonly #claims = new Map<string, Map<string, MeasuredRtt>>();
  readonly #capacity: number;

  constructor(capacity = PEER_PREFIXES_MAX) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#claims.size;
  }

  take(popId: string, claims: readonly PrefixRttClaim[]): void {
    for (const { prefix, rttMs, samples } of claims) {
      if (!(rttMs > 0 && rttMs <= RTT_MAX_MS) || !isPrefix(prefix)) continue;
      const byPop = this.#claims.get(prefix) ?? new Map<string, MeasuredRtt>();
      byPop.set(popId, { rttMs, samples });
      touch(this.#claims, prefix, byPop, this.#capacity);
    }
  }

  of(popId: string, prefix: string): MeasuredRtt | undefined {
    return this.#claims.get(prefix)?.get(popId);
  }

  /** Forgets whoever is no PoP any more. */
  retain(popIds: ReadonlySet<string>): void {
    for (const [prefix, byPop] of this.#claims) {
      for (const popId of byPop.keys()) if (!popIds.has(popId)) byPop.delete(popId);
      if (byPop.size === 0) this.#claims.delete(prefix);
    }
  }
}

const isPrefix = (text: string): boolean => /^(?:[0-9.]{7,15}\/24|[0-9a-f:]{2,39}\/48)$/.test(text);

function touch<Value>(table: Map<string, Value>, key: string, value: Value, capacity: number): void {
  table.delete(key);
  table.set(key, value);
  for (const oldest of table.keys()) {
    if (table.size <= capacity) return;
    table.delete(oldest);
  }
}
