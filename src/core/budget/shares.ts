import { SHARED_USES_DIVISOR, SHARED_USES_MIN } from './constants.ts';

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
