import { type NormalisedTarget, readRegex } from '../policy/index.ts';
import { CapturingPattern, capturesOf } from './capture.ts';
import { MAXIMUM_REWRITE_STEPS } from './constants.ts';
import type { RedirectStatus, Route, RoutePath } from './model.ts';
import { encodeSegment } from './rewrite.ts';
import {
  encodeInQuery,
  expand,
  readTemplate,
  splitAtQuery,
  type Template,
  VARIABLES,
  type Variable,
} from './template.ts';

/** Where a route sends the browser. */
export interface CompiledRedirect {
  readonly status: RedirectStatus;
  locationOf(target: NormalisedTarget, look: (name: Variable) => string): string;
}

/** How many groups of its path's expression the redirect of a route may use. */
export function capturesOfRoute({ when }: Pick<Route, 'when'>): number {
  const tree = when?.path?.regex === undefined ? undefined : readRegex(when.path.regex);
  return tree === undefined || typeof tree === 'string' ? 0 : capturesOf(tree);
}

/** What is wrong with where a redirect leads: it must be a path here, or a host that the author wrote out. */
export function faultInLocation(source: string, captures: number): string | undefined {
  const template = readTemplate(source, { names: VARIABLES, captures });
  if (typeof template === 'string') return template;
  if (!/^[\x21-\x7e]+$/.test(source) || source.includes('\\')) return 'a URL in printable ASCII, without blanks and \\';
  if (source.startsWith('/')) return source.startsWith('//') ? 'a path, or a URL with https://' : undefined;
  return /^https?:\/\/(?:[A-Za-z0-9.-]+|\{host\})(?::\d{1,5})?(?:[/?#]|$)/.test(source)
    ? undefined
    : 'a path that starts with /, or https:// with a host that is written out (or {host})';
}

export function compileRedirect(route: Route): CompiledRedirect {
  const { to = '/', status = 302, keepQuery = true } = route.redirect ?? {};
  const captures = capturesOfRoute(route);
  const template = readTemplate(to, { names: VARIABLES, captures });
  if (typeof template === 'string') throw new Error(`${to} was never parsed: ${template}`);
  const [base, query] = splitAtQuery(template);
  const read = captures > 0 ? captureReader(route.when?.path) : () => [];
  return {
    status,
    locationOf(target, look) {
      const found = read(target.plainPath);
      const location = filled(base, look, found);
      if (query) return `${location}?${expand(query, look, encodeInQuery, found)}`;
      return keepQuery && !location.includes('?') ? withQuery(location, target.query) : location;
    },
  };
}

/** What the groups of a route's expression take of a path. */
function captureReader(path: RoutePath | undefined): (plainPath: string) => readonly string[] {
  const ignoreCase = path?.ignoreCase === true;
  const tree = readRegex(path?.regex ?? '', ignoreCase);
  if (typeof tree === 'string') throw new Error(`${path?.regex} was never parsed: ${tree}`);
  const pattern = new CapturingPattern(tree);
  return (plainPath) => {
    const text = ignoreCase ? plainPath.toLowerCase() : plainPath;
    // As it was written, where small letters are as many.
    const original = text.length === plainPath.length ? plainPath : text;
    return pattern.read(text, MAXIMUM_REWRITE_STEPS, original) ?? [];
  };
}

/**
 * The location, in which nothing of the client can name a host: what it brings is encoded, and the path has no empty
 * segment, so it never begins with two slashes.
 */
function filled(template: Template, look: (name: Variable) => string, captures: readonly string[]): string {
  const text = expand(template, look, encodeValue, captures);
  const origin = /^https?:\/\/[^/?#]*/.exec(text)?.[0] ?? '';
  const rest = text.slice(origin.length);
  const end = rest.search(/[?#]/);
  const path = end < 0 ? rest : rest.slice(0, end);
  return origin + path.replace(/\/{2,}/g, '/') + (end < 0 ? '' : rest.slice(end));
}

function encodeValue(value: string, name: Variable | number): string {
  if (name === 'path' || name === 'query' || name === 'host') return value;
  if (typeof name === 'number') return value.split('/').map(encodeSegment).join('/');
  return encodeURIComponent(value.toWellFormed());
}

function withQuery(location: string, query: string): string {
  const hash = location.indexOf('#');
  return hash < 0 ? location + query : location.slice(0, hash) + query + location.slice(hash);
}
