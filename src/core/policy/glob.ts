/**
 * Globs over paths: `*` is any run of characters of one segment, `?` one character, `**` (a whole segment) any number
 * of segments, none included. A match takes at most |pattern| x |path| steps: each kind of star remembers only its last
 * place, which suffices because whatever a later star can absorb, it can absorb from the leftmost match on.
 */
export type GlobMatcher = (path: string) => boolean;

/** A matcher for `/files/**`, `/*.png` and the like. The pattern starts with a slash. */
export function compileGlob(pattern: string): GlobMatcher {
  const segments = pattern.slice(1).split('/');
  const firstWild = segments.findIndex((segment) => /[*?]/.test(segment));
  const literals = firstWild < 0 ? segments : segments.slice(0, firstWild);
  const start = literals.length === 0 ? '/' : `/${literals.join('/')}`;
  // Most paths fail on the literal beginning, without being split.
  return (path) => path.startsWith(start) && matchSegments(segments, path.slice(1).split('/'));
}

function matchSegments(pattern: readonly string[], path: readonly string[]): boolean {
  let at = 0;
  let patternAt = 0;
  let starAt = -1;
  let retryAt = 0;
  while (at < path.length) {
    const segment = pattern[patternAt];
    if (segment === '**') {
      starAt = patternAt++;
      retryAt = at;
    } else if (segment !== undefined && matchSegment(segment, path[at] as string)) {
      patternAt++;
      at++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      at = ++retryAt;
    } else return false;
  }
  while (pattern[patternAt] === '**') patternAt++;
  return patternAt === pattern.length;
}

function matchSegment(pattern: string, text: string): boolean {
  let at = 0;
  let patternAt = 0;
  let starAt = -1;
  let retryAt = 0;
  while (at < text.length) {
    const wanted = pattern.charAt(patternAt);
    if (wanted === '*') {
      starAt = patternAt++;
      retryAt = at;
    } else if (wanted !== '' && (wanted === '?' || wanted === text.charAt(at))) {
      patternAt++;
      at++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      at = ++retryAt;
    } else return false;
  }
  while (pattern.charAt(patternAt) === '*') patternAt++;
  return patternAt === pattern.length;
}
