import type { PolicyContext } from '../context.ts';
import type { Criterion, Test } from '../criterion.ts';
import { compileGlob } from '../glob.ts';
import { join, type ProblemList, readObject, readText } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

/**
 * A pattern for the path, written decoded (`/café`, not `/caf%C3%A9`).
 *
 * | key | matches |
 * |---|---|
 * | exact | this path and no other; a slash at the end counts |
 * | prefix | this path and all below it; `/admin` does not match `/administrator` |
 * | glob | `*` within a segment, `?` one character, `**` any number of segments |
 */
export interface PathPattern {
  readonly exact?: string;
  readonly prefix?: string;
  readonly glob?: string;
  /** For backends that do not tell capitals apart. */
  readonly ignoreCase?: boolean;
}

const KINDS = ['exact', 'prefix', 'glob'] as const;

/**
 * Whether the normalised path matches. Where `;` parameters make the difference the value is unknown: one backend reads
 * `/admin;x` as `/admin`, another does not, so it satisfies no admitting rule and escapes no denying one.
 */
export const path: Criterion<PathPattern> = {
  expects: 'an object with one of exact, prefix, glob',
  parse: parsePattern,
  compile(pattern): Test {
    const matches = matcherOf(pattern);
    const fold = pattern.ignoreCase === true;
    return ({ target }: PolicyContext) => {
      const { plainPath, plainPathWithoutParameters } = target;
      const value = matches(fold ? plainPath.toLowerCase() : plainPath);
      if (plainPathWithoutParameters === plainPath) return truthOf(value);
      const other = matches(fold ? plainPathWithoutParameters.toLowerCase() : plainPathWithoutParameters);
      return value === other ? truthOf(value) : Unknown;
    };
  },
};

function matcherOf(pattern: PathPattern): (path: string) => boolean {
  const fold = (text: string) => (pattern.ignoreCase === true ? text.toLowerCase() : text);
  if (pattern.exact !== undefined) {
    const exact = fold(pattern.exact);
    return (text) => text === exact;
  }
  if (pattern.prefix !== undefined) return prefixMatcher(fold(pattern.prefix));
  if (pattern.glob !== undefined) return compileGlob(fold(pattern.glob));
  return () => false;
}

function prefixMatcher(prefix: string): (path: string) => boolean {
  if (prefix.endsWith('/')) return (text) => text.startsWith(prefix);
  return (text) => text.startsWith(prefix) && (text.length === prefix.length || text.charAt(prefix.length) === '/');
}

function parsePattern(json: unknown, at: string, list: ProblemList): PathPattern | undefined {
  const object = readObject(json, at, [...KINDS, 'ignoreCase'], list);
  if (!object) return undefined;
  const kinds = KINDS.filter((kind) => object[kind] !== undefined);
  const kind = kinds[0];
  if (kind === undefined || kinds.length !== 1) return list.note(at, 'exactly one of exact, prefix, glob', json);
  const ignoreCase = object['ignoreCase'];
  if (ignoreCase !== undefined && typeof ignoreCase !== 'boolean')
    return list.note(join(at, 'ignoreCase'), 'true or false', ignoreCase);
  const text = readText(object[kind], join(at, kind), list);
  if (text === undefined) return undefined;
  const expected = expectation(text, kind);
  if (expected !== undefined) return list.note(join(at, kind), expected, text);
  const pattern: { [Key in (typeof KINDS)[number]]?: string } = { [kind]: text };
  return ignoreCase === undefined ? pattern : { ...pattern, ignoreCase };
}

/** What is wrong with a pattern that no normalised path could ever match as its author means it. */
function expectation(text: string, kind: (typeof KINDS)[number]): string | undefined {
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
