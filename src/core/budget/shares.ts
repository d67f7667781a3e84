import { GONE_POPS_MAX, SHARED_USES_DIVISOR, SHARED_USES_MIN } from './constants.ts';

/**
 * A PoP's share of a whole that is split among the PoPs: together exactly the whole, and the same on every PoP that has
 * the same snapshot. Who gets one more is another for each `salt`, so that with many PoPs each has something somewhere.
 */
export function standingShare(whole: number, popIds: readonly string[], popId: string, salt: string): number {
  if (!popIds.includes(popId)) return 0;
  const each = Math.floor(whole / popIds.length);
  const rest = whole - each * popIds.length;
  if (rest === 0) return each;
  const own = rankOf(popId, salt);
  let before = 0;
  for (const other of popIds) {
    const rank = rankOf(other, salt);
    if (rank < own || (rank === own && other < popId)) before++;
  }
  return each + (before < rest ? 1 : 0);
}

/** A PoP among whom shares are split. */
export interface SharingPop {
  readonly id: string;
  /** When it was enrolled; left out: long ago. */
  readonly createdUnixMs?: number | undefined;
}

/** What must survive a restart, plain JSON: PoPs as they were last, and those that are gone, with when that was noticed. */
export interface SharingState {
  readonly pops: readonly string[];
  readonly gone: readonly (readonly [popId: string, unixMs: number])[];
}

/**
 * Among whom shares are split as PoPs come and go, so that together they never give more than the whole: a PoP that comes counts
 * in the split at once and gives nothing yet; one that is gone goes on counting, for nobody knows what it gave.
 */
export class Sharing {
  readonly #popId: string;
  #pops: readonly SharingPop[] = [];
  #gone = new Map<string, number>();

  constructor(popId: string) {
    this.#popId = popId;
  }

  setPops(pops: readonly SharingPop[], nowUnixMs: number): void {
    const here = new Set(pops.map(({ id }) => id));
    for (const { id } of this.#pops) if (!here.has(id)) this.#gone.set(id, nowUnixMs);
    for (const id of here) this.#gone.delete(id);
    for (const id of this.#gone.keys()) {
      if (this.#gone.size <= GONE_POPS_MAX) break;
      this.#gone.delete(id);
    }
    this.#pops = pops;
  }

  /**
   * This PoP's share of a whole.
   * @param sinceUnixMs what was given before does not count any more, or could not be given.
   */
  shareOf(whole: number, salt: string, sinceUnixMs: number): number {
    const own = this.#pops.find(({ id }) => id === this.#popId);
    if (!own || (own.createdUnixMs ?? Number.NEGATIVE_INFINITY) > sinceUnixMs) return 0;
    const gone = [...this.#gone].flatMap(([id, unixMs]) => (unixMs > sinceUnixMs ? id : []));
    return standingShare(whole, [...this.#pops.map(({ id }) => id), ...gone], this.#popId, salt);
  }

  state(): SharingState {
    return { pops: this.#pops.map(({ id }) => id), gone: [...this.#gone] };
  }

  /** Who was there before this start and is not now is gone since now. */
  restore({ pops, gone }: SharingState, nowUnixMs: number): void {
    const now = this.#pops;
    this.#gone = new Map([...gone, ...this.#gone]);
    this.#pops = pops.map((id) => ({ id }));
    if (now.length > 0) this.setPops(now, nowUnixMs);
  }
}

/** Uses of a limited link that PoPs keep for times without control; control counts the others one by one. */
export function sharedUses(maximumUses: number): number {
  return maximumUses < SHARED_USES_MIN ? 0 : Math.floor(maximumUses / SHARED_USES_DIVISOR);
}

/** FNV-1a. Spreads; it keeps nothing secret. */
function rankOf(popId: string, salt: string): number {
  let hash = 0x811c9dc5;
  const text = `${salt}/${popId}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
