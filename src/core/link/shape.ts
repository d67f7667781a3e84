/**
 * Shapes of JSON values: small checks that compose. A check gives undefined where the value fits, else the path of
 * the first field that does not. Fields that a shape does not name are let through (a newer peer may send them) but
 * count towards size and depth.
 */
import { MAX_ID_CHARS, MAX_LIST_ENTRIES, MAX_NAME_CHARS } from './constants.ts';

/** undefined: fits. Else the path of what does not, such as `records[3].host`. */
export type Check = (value: unknown, path: string) => string | undefined;

export const boolean: Check = (value, path) => (typeof value === 'boolean' ? undefined : path);

export function string(maxChars = MAX_NAME_CHARS): Check {
  return (value, path) => (typeof value === 'string' && value.length <= maxChars ? undefined : path);
}

/**
 * A name in one line: no control characters and no half of a surrogate pair, which PostgreSQL does not store. Refused
 * where it comes in, so that one bad name of one node does not stand in the way of what is written for others.
 */
export function line(maxChars = MAX_NAME_CHARS): Check {
  const check = string(maxChars);
  return (value, path) => check(value, path) ?? (/\p{Cc}|\p{Cs}/u.test(value as string) ? path : undefined);
}

/** Not empty, short, printable ASCII without spaces. */
export const id: Check = (value, path) =>
  typeof value === 'string' && value.length <= MAX_ID_CHARS && /^[\x21-\x7e]+$/.test(value) ? undefined : path;

export const finite: Check = (value, path) => (Number.isFinite(value) ? undefined : path);

/** A time that passed, a share or a load: what is less than nothing would win every comparison. */
export const notNegative: Check = (value, path) => finite(value, path) ?? ((value as number) >= 0 ? undefined : path);

/** An integer in [least, most]; by default what a double holds exactly from 0. */
export function integer(least = 0, most = Number.MAX_SAFE_INTEGER): Check {
  return (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most ? undefined : path;
}

export function oneOf(...words: readonly string[]): Check {
  return (value, path) => (typeof value === 'string' && words.includes(value) ? undefined : path);
}

export function nullOr(check: Check): Check {
  return (value, path) => (value === null ? undefined : check(value, path));
}

export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

export function list(check: Check, most = MAX_LIST_ENTRIES): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > most) return path;
    for (let i = 0; i < value.length; i++) {
      const wrong = check(value[i], `${path}[${i}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const anyObject: Check = (value, path) => (isObject(value) ? undefined : path);

/** An object of texts. */
export const textValues: Check = (value, path) => {
  if (!isObject(value)) return path;
  for (const [name, text] of Object.entries(value))
    if (typeof text !== 'string' || text.length > MAX_NAME_CHARS) return `${path}.${name}`;
  return undefined;
};

export function object(fields: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (!isObject(value)) return path;
    for (const [name, check] of entries) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      const wrong = check(field, path === '' ? name : `${path}.${name}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** One of several objects, told apart by the word in `tag`. */
export function tagged(tag: string, variants: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const word = isObject(value) && Object.hasOwn(value, tag) ? value[tag] : undefined;
    if (typeof word !== 'string' || !Object.hasOwn(variants, word)) return path === '' ? tag : `${path}.${tag}`;
    return variants[word]?.(value, path);
  };
}

/** Whether arrays and objects nest deeper than `most`. Recurses no deeper than that. */
export function deeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  for (const field of Object.values(value)) if (deeperThan(field, most - 1)) return true;
  return false;
}
