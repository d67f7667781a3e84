import { type NormalisedTarget, normaliseTarget, readRegex } from '../policy/index.ts';
import { CapturingPattern } from './capture.ts';
import { MAXIMUM_REWRITE_STEPS } from './constants.ts';
import type { ForwardAction } from './model.ts';
import {
  encodeInQuery,
  expand,
  readTemplate,
  splitAtQuery,
  type Template,
  VARIABLES,
  type Variable,
} from './template.ts';

export type RewriteDropReason =
  /** The path is not below the prefix, or does not match the expression, that the route takes away. */
  | 'rewrite-no-match'
  /** What came out is no target that every backend reads alike. */
  | 'rewrite-unsafe'
  /** A variable of the new path has no value here: nobody is signed in. */
  | 'rewrite-empty-value';

/** The target for the backend, normal as every target is, or why there is none. */
export type Rewrite = (target: NormalisedTarget, look: (name: Variable) => string) => Rewritten;
export type Rewritten = { readonly path: string; readonly query: string } | RewriteDropReason;

/** The rewriting that a route asks for; undefined where the target stays as it is. */
export function compileRewrite(action: ForwardAction): Rewrite | undefined {
  const { stripPrefix, replacePrefix, replaceRegex } = action;
  if (stripPrefix !== undefined) return prefixRewrite(stripPrefix, '/');
  if (replacePrefix) return prefixRewrite(replacePrefix.prefix, replacePrefix.with);
  return replaceRegex && regexRewrite(replaceRegex.regex, replaceRegex.with);
}

/** Whole segments are taken away and put in, so what is left stands as it was encoded. */
function prefixRewrite(prefix: string, replacement: string): Rewrite {
  const taken = segmentsOf(prefix);
  const put = segmentsOf(replacement).map(encodeSegment);
  return (target) => {
    const plain = target.plainPath.slice(1).split('/');
    if (taken.some((segment, i) => plain[i] !== segment)) return 'rewrite-no-match';
    const rest = target.path.slice(1).split('/').slice(taken.length);
    const endsInSlash = rest.length === 0 ? replacement.endsWith('/') : rest.at(-1) === '';
    return checked(joined([...put, ...rest], endsInSlash), target.query);
  };
}

/** Over the decoded path; what groups took is encoded again, a slash alone stands for itself. */
function regexRewrite(source: string, replacement: string): Rewrite {
  const tree = readRegex(source);
  if (typeof tree === 'string') throw new Error(`${source} was never parsed: ${tree}`);
  const pattern = new CapturingPattern(tree);
  const template = readTemplate(replacement, { names: VARIABLES, captures: 9 });
  if (typeof template === 'string') throw new Error(`${replacement} was never parsed: ${template}`);
  const [path, query] = splitAtQuery(template);
  return (target, look) => {
    const captures = pattern.read(target.plainPath, MAXIMUM_REWRITE_STEPS);
    if (!captures) return 'rewrite-no-match';
    for (const part of path) if (part.kind === 'variable' && look(part.name) === '') return 'rewrite-empty-value';
    const encode = (value: string, name: Variable | number): string =>
      typeof name === 'number' ? value.split('/').map(encodeSegment).join('/') : encodePart(value, name);
    const text = expand(path.map(encodeLiteral), look, encode, captures);
    const segments = text.split('/');
    const rewritten = joined(segments, text.endsWith('/'));
    const asked = query && `?${expand(query, look, encodeInQuery, captures)}`;
    return checked(rewritten, asked ?? target.query);
  };
}

/** `{path}` is a path already; the rest are single segments. */
function encodePart(value: string, name: Variable): string {
  return name === 'path' ? value : encodeSegment(value);
}

function encodeLiteral<Part extends Template[number]>(part: Part): Part {
  return part.kind === 'literal' ? { ...part, text: part.text.split('/').map(encodeSegment).join('/') } : part;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function joined(segments: readonly string[], endsInSlash: boolean): string {
  const kept = segments.filter((segment) => segment !== '');
  return `/${kept.join('/')}${endsInSlash && kept.length > 0 ? '/' : ''}`;
}

/** RFC 3986 section 3.3: what may stand in a segment stands for itself. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:21|24|26|27|28|29|2A|2B|2C|3B|3D|3A|40)/g, (code) =>
    decodeURIComponent(code),
  );
}

/**
 * Nothing that came out of a rewriting is believed: the normaliser that judged the request must find nothing to do on
 * it. What it would resolve or decode was no segment before, and could climb out of where the route leads.
 */
function checked(path: string, query: string): Rewritten {
  const target = normaliseTarget(path + query);
  if (typeof target === 'string' || target.path !== path) return 'rewrite-unsafe';
  return { path, query };
}
