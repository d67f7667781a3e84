import { NEWS_SPACING_MS, NEWS_SPACING_PER_POP_MS } from './constants.ts';

/** Least time between two tellings of what is attached, to so many other PoPs: 250 messages a second at most. */
export function newsSpacingMs(otherPops: number): number {
  return Math.max(NEWS_SPACING_MS, otherPops * NEWS_SPACING_PER_POP_MS);
}
