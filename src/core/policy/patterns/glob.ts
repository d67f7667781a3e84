import { anyNumberOf, IN_SEGMENT, literal, type PatternTree } from './tree.ts';

/**
 * Globs over paths: `*` is any run of characters of one segment, `?` one character, `**` (a whole segment) any number
 * of segments, none included. The pattern starts with a slash.
 */
export function readGlob(pattern: string): PatternTree {
  const parts: PatternTree[] = [];
  for (const segment of pattern.slice(1).split('/')) {
    if (segment === '**') parts.push(ANY_SEGMENTS);
    else parts.push(literal('/'), ...partsOf(segment));
  }
  return { kind: 'all', parts };
}

const ANY_IN_SEGMENT = anyNumberOf(IN_SEGMENT);
const ANY_SEGMENTS = anyNumberOf({ kind: 'all', parts: [literal('/'), ANY_IN_SEGMENT] });

function partsOf(segment: string): PatternTree[] {
  return (segment.match(/\*+|\?|[^*?]+/g) ?? []).map((part) => {
    if (part.startsWith('*')) return ANY_IN_SEGMENT;
    return part === '?' ? IN_SEGMENT : literal(part);
  });
}
