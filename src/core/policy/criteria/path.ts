import { MAXIMUM_PATTERN_STATES } from '../constants.ts';
import type { PolicyContext } from '../context.ts';
import type { Criterion, SharedIndexes, Test } from '../criterion.ts';
import { statesOf } from '../patterns/automaton.ts';
import { readGlob } from '../patterns/glob.ts';
import type { PathIndex } from '../patterns/path-index.ts';
import { readRegex } from '../patterns/regex.ts';
import { type ProblemList, readBoolean, readObject, readText } from '../problem.ts';
import { type Truth, truthOf, Unknown } from '../truth.ts';

/**
 * A pattern for the path, written decoded (`/café`, not `/caf%C3%A9`).
 *
 * | key | matches |
 * |---|---|
 * | exact | this path and no other; a slash at the end counts |
 * | prefix | this path and all below it; `/admin` does not match `/administrator` |
 * | glob | `*` within a segment, `?` one character, `**` any number of segments |
 * | regex | a regular expression over the whole path, from `^` to `$`, of the kind that is matched in one pass |
 */
export interface PathPattern {
  readonly exact?: string;
  readonly prefix?: string;
  readonly glob?: string;
  readonly regex?: string;
  /** For backends that do not tell capitals apart. */
  readonly ignoreCase?: boolean;
}

const KINDS = ['exact', 'prefix', 'glob', 'regex'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Whether the normalised path matches. Where `;` parameters make the difference the value is unknown: one backend reads
 * `/admin;x` as `/admin`, another does not, so it satisfies no admitting rule and escapes no denying one.
 */
export const path: Criterion<PathPattern> = {
  asksRequest: true,
  expects: 'an object with one of exact, prefix, glob, regex',
  parse: parsePattern,
  compile(pattern, shared): Test {
    const matches = matcherOf(pattern, shared);
    const fold = pattern.ignoreCase === true;
    return ({ target }: PolicyContext) => {
      const { plainPath, plainPathWithoutParameters } = target;
      const value = matches(fold ? plainPath.toLowerCase() : plainPath);
      if (plainPathWithoutParameters === plainPath) return value;
      const other = matches(fold ? plainPathWithoutParameters.toLowerCase() : plainPathWithoutParameters);
      return value === other ? value : Unknown;
    };
  },
};

function matcherOf(pattern: PathPattern, { paths, foldedPaths }: SharedIndexes): (path: string) => Truth {
  const ignoreCase = pattern.ignoreCase === true;
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const index = ignoreCase ? foldedPaths : paths;
  if (pattern.prefix !== undefined) return prefixMatcher(fold(pattern.prefix));
  if (pattern.regex !== undefined) return regexMatcher(pattern.regex, ignoreCase, index);
  const { exact, glob = '' } = pattern;
  if (exact === undefined && /[*?]/.test(glob)) return indexed(index, index.add(readGlob(fold(glob))));
  const text = fold(exact ?? glob);
  return (path) => truthOf(path === text);
}

function regexMatcher(source: string, ignoreCase: boolean, index: PathIndex): (path: string) => Truth {
  const tree = readRegex(source, ignoreCase);
  if (typeof tree === 'string') throw new Error(`${source} was never parsed: ${tree}`);
  return indexed(index, index.add(tree));
}

function indexed(index: PathIndex, pattern: number): (path: string) => Truth {
  return (path) => index.matches(pattern, path);
}

function prefixMatcher(prefix: string): (path: string) => Truth {
  if (prefix.endsWith('/')) return (text) => truthOf(text.startsWith(prefix));
  return (text) =>
    truthOf(text.startsWith(prefix) && (text.length === prefix.length || text.charAt(prefix.length) === '/'));
}

function parsePattern(json: unknown, at: string, list: ProblemList): PathPattern | undefined {
  const object = readObject(json, at, [...KINDS, 'ignoreCase'], list);
  if (!object) return undefined;
  const kinds = KINDS.filter((kind) => object[kind] !== undefined);
  const kind = kinds[0];
  if (kind === undefined || kinds.length !== 1) return list.note(at, 'exactly one of exact, prefix, glob, regex', json);
  const { ignoreCase } = object;
  if (ignoreCase !== undefined && readBoolean(ignoreCase, `${at}.ignoreCase`, list) === undefined) return undefined;
  const text = readText(object[kind], `${at}.${kind}`, list);
  if (text === undefined) return undefined;
  const expected = kind === 'regex' ? faultInRegex(text) : faultInPath(text, kind);
  if (expected !== undefined) return list.note(`${at}.${kind}`, expected, text);
  const pattern: { [Key in Kind]?: string } = { [kind]: text };
  return ignoreCase === undefined ? pattern : { ...pattern, ignoreCase: ignoreCase === true };
}

/** What is expected in place of an expression over paths that cannot be matched in one pass or is too long. */
export function faultInRegex(text: string): string | undefined {
  const tree = readRegex(text);
  if (typeof tree === 'string') return tree;
  return statesOf(tree) > MAXIMUM_PATTERN_STATES ? 'a shorter expression, with fewer repetitions' : undefined;
}

/** What is wrong with a pattern that no normalised path could ever match as its author means it. */
export function faultInPath(text: string, kind: Exclude<Kind, 'regex'>): string | undefined {
  if (!text.startsWith('/')) return 'a path that starts with /';
  const segments = text.slice(1).split('/');
  if (segments.slice(0, -1).includes('')) return 'a path without empty segments (//)';
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'a path without . and .. segments';
  if (/[\\#;]/.test(text)) return 'a path without \\, # and ; (parameters never decide)';
  if (kind !== 'glob' && text.includes('?')) return 'a path without a query';
  if (/%[0-9A-Fa-f]{2}/.test(text)) return 'the decoded spelling, such as /café in place of /caf%C3%A9';
  for (const character of text) if (character < ' ' || character === '\x7f') return 'a path without control characters';
  if (kind === 'glob' && segments.some((segment) => segment.includes('**') && segment !== '**'))
    return 'a glob in which ** stands alone between slashes';
  return undefined;
}
