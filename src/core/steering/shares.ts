import {
  LOAD_AVERAGE_MS,
  LOAD_TREND_MS,
  ROOM_MIN,
  SHARE_MIN,
  SHED_EFFECT_MS,
  SHED_MS,
  SHED_START,
  SHED_TARGET,
  TAKE_BACK_MS,
  TREND_WEIGHT,
  UTILISATION_MAX,
} from './constants.ts';
import type { PopLoadClaim, SteeredPop } from './facts.ts';

interface Share {
  /** Average of the claimed load, as a share of the capacity. */
  utilisation: number;
  /** The same over a longer time. */
  usual: number;
  /** Share of its clients that it keeps now. */
  kept: number;
  /** The share whose effect is seen in the load now: `kept`, as late as caches and open connections make it. */
  inEffect: number;
}

/**
 * Which share of the clients that it is nearest to each PoP keeps: all of them until it nears its capacity, then as many
 * as lead it back to `SHED_TARGET`. The load divided by the share in effect is what the PoP would carry if it kept all;
 * that way the answer follows the demand and not the load, and does not swing though caches make its effect late.
 *
 * A PoP's share depends on its own claim alone: whoever claims too much loses its own clients down to `SHARE_MIN`, and
 * whoever claims too little keeps them.
 */
export class Shares {
  readonly #shares = new Map<string, Share>();
  #scale = 1;
  #updatedMs: number | undefined;

  /** Takes new claims of load; `usable` are the PoPs that may be answered now. */
  update(usable: readonly SteeredPop[], nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - (this.#updatedMs ?? nowMs));
    this.#updatedMs = nowMs;
    const known = new Set(usable.map(({ id }) => id));
    for (const id of this.#shares.keys()) if (!known.has(id)) this.#shares.delete(id);
    let most = 0;
    for (const pop of usable) {
      const utilisation = utilisationOf(pop.load);
      const share = this.#shares.get(pop.id) ?? { utilisation, usual: utilisation, kept: 1, inEffect: 1 };
      this.#shares.set(pop.id, share);
      advance(share, utilisation, elapsedMs);
      most = Math.max(most, share.kept);
    }
    // Shedding is for those with room. Where nobody has any, everybody keeps its share of the whole.
    this.#scale = most > 0 ? 1 / most : 1;
  }

  /** Share of its capacity that was free of late; squared, so that the fuller of two is spared. From `ROOM_MIN` squared to 1. */
  roomOf(popId: string): number {
    return Math.max(ROOM_MIN, 1 - (this.#shares.get(popId)?.usual ?? 0)) ** 2;
  }

  /** From 0 to 1; 1 for one that is not known. */
  of(popId: string): number {
    const share = this.#shares.get(popId);
    return share ? Math.min(1, share.kept * this.#scale) : 1;
  }
}

function advance(share: Share, utilisation: number, elapsedMs: number): void {
  share.utilisation += part(elapsedMs, LOAD_AVERAGE_MS) * (utilisation - share.utilisation);
  share.usual += part(elapsedMs, LOAD_TREND_MS) * (utilisation - share.usual);
  share.inEffect += part(elapsedMs, SHED_EFFECT_MS) * (share.kept - share.inEffect);
  const growth = Math.max(0, share.utilisation - share.usual);
  const demand = (share.utilisation + TREND_WEIGHT * growth) / share.inEffect;
  const isShedding = share.kept < 1;
  const wanted = demand <= (isShedding ? SHED_TARGET : SHED_START) ? 1 : SHED_TARGET / demand;
  const timeConstantMs = wanted < share.kept ? SHED_MS : TAKE_BACK_MS;
  const kept = share.kept + part(elapsedMs, timeConstantMs) * (wanted - share.kept);
  share.kept = kept > 0.999 ? 1 : Math.max(SHARE_MIN, kept);
}

/** What a first-order lag makes good of a difference in this time. */
function part(elapsedMs: number, timeConstantMs: number): number {
  return 1 - Math.exp(-elapsedMs / timeConstantMs);
}

/** Whether a claim of load can be true; if not it still counts, as far as it is believed at all. */
export function isPlausible({ connections, capacity, cpu }: PopLoadClaim): boolean {
  return capacity > 0 && connections >= 0 && connections <= capacity * UTILISATION_MAX && cpu >= 0 && cpu <= 1;
}

/** The fuller of connections and processor, as far as it is believed. */
function utilisationOf(load: PopLoadClaim | undefined): number {
  if (!load) return 0;
  const ofConnections = load.capacity > 0 ? load.connections / load.capacity : UTILISATION_MAX;
  const utilisation = Math.max(ofConnections, load.cpu);
  return Number.isFinite(utilisation) ? Math.min(UTILISATION_MAX, Math.max(0, utilisation)) : 0;
}
