/**
 * What a pattern says, whatever notation it was written in: a regular expression in the strict sense, so that it can be
 * matched in one pass. No back-references, no looking around.
 */
export type PatternTree =
  /** One character (UTF-16 unit) from these ranges: pairs of first and last, ascending. */
  | { readonly kind: 'one'; readonly ranges: readonly number[] }
  | { readonly kind: 'all'; readonly parts: readonly PatternTree[] }
  | { readonly kind: 'either'; readonly parts: readonly PatternTree[] }
  | {
      readonly kind: 'repeat';
      readonly part: PatternTree;
      readonly least: number;
      readonly most: number;
      /** Where it matters which text a group took: as little as will do. */
      readonly lazy?: true;
    }
  /** What stands in round brackets: matches as its part does. Numbered from 1. */
  | { readonly kind: 'group'; readonly part: PatternTree; readonly index: number };

export const LAST_UNIT = 0xffff;
const SLASH = 0x2f;

/** Any character but a slash. */
export const IN_SEGMENT: PatternTree = { kind: 'one', ranges: [0, SLASH - 1, SLASH + 1, LAST_UNIT] };
export const ANYTHING: PatternTree = { kind: 'one', ranges: [0, LAST_UNIT] };

export function literal(text: string): PatternTree {
  const parts = Array.from({ length: text.length }, (_, i): PatternTree => oneUnit(text.charCodeAt(i)));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'all', parts };
}

export function oneUnit(unit: number): PatternTree {
  return { kind: 'one', ranges: [unit, unit] };
}

export function anyNumberOf(part: PatternTree): PatternTree {
  return { kind: 'repeat', part, least: 0, most: Number.POSITIVE_INFINITY };
}

/** Ranges sorted, those that touch joined. */
export function joinedRanges(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i + 1 < ranges.length; i += 2) pairs.push([ranges[i] as number, ranges[i + 1] as number]);
  pairs.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [first, last] of pairs) {
    const end = joined.at(-1);
    if (end !== undefined && first <= end + 1) joined[joined.length - 1] = Math.max(end, last);
    else joined.push(first, last);
  }
  return joined;
}

/** Everything that is in none of these ranges. */
export function otherRanges(ranges: readonly number[]): number[] {
  const others: number[] = [];
  let next = 0;
  const joined = joinedRanges(ranges);
  for (let i = 0; i + 1 < joined.length; i += 2) {
    if ((joined[i] as number) > next) others.push(next, (joined[i] as number) - 1);
    next = (joined[i + 1] as number) + 1;
  }
  if (next <= LAST_UNIT) others.push(next, LAST_UNIT);
  return others;
}
