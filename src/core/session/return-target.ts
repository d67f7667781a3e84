import { MAXIMUM_RETURN_TARGET_LENGTH } from './constants.ts';

/** Paths that Manis answers itself on every host. Nothing is returned to there: that would be a loop. */
export const MANIS_PATH_PREFIX = '/.manis/';

/** The page where people confirm that a program of theirs may have a session: the one page of ours that they come back to. */
export const ACCESS_PATH = '/.manis/access';

/**
 * Whether a text may be sent as `Location` to come back after sign-in: a path and query of the same host and nothing
 * else. Browsers take `//host`, `/\host` and, after dropping tabs and line feeds, `/<tab>/host` for another host
 * (WHATWG URL, section 4.4), so these and every character that is not printable ASCII are out.
 */
export function isReturnTarget(text: string): boolean {
  if (text.length > MAXIMUM_RETURN_TARGET_LENGTH || text.charAt(0) !== '/' || text.charAt(1) === '/') return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x5c || code === 0x23) return false;
  }
  return !text.startsWith(MANIS_PATH_PREFIX) || text === ACCESS_PATH || text.startsWith(`${ACCESS_PATH}?`);
}

/** The text where it may be returned to, `/` where not. */
export function returnTargetOrRoot(text: string): string {
  return isReturnTarget(text) ? text : '/';
}
