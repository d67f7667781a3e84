import { type ProblemList, readObject } from '../policy/index.ts';

/** Reads one value of JSON that anybody may have written; undefined with a problem noted where it will not do. */
export type Reader<Value> = (json: unknown, at: string, list: ProblemList) => Value | undefined;

type Fields<Value> = { readonly [Key in keyof Value]-?: Reader<NonNullable<Value[Key]>> };

/** An object of these fields and no others; those that are named must be there. */
export function objectOf<Value extends object>(
  fields: Fields<Value>,
  required: readonly (keyof Value & string)[] = [],
): Reader<Value> {
  const keys = Object.keys(fields);
  return (json, at, list) => {
    const before = list.problems.length;
    const object = readObject(json, at, keys, list);
    if (!object) return undefined;
    const value: Record<string, unknown> = {};
    for (const key of keys) {
      const found = object[key];
      const path = at === '' ? key : `${at}.${key}`;
      if (found !== undefined) value[key] = fields[key as keyof Value](found, path, list);
      else if (required.includes(key as keyof Value & string)) list.note(path, `${key}, which must be said`, found);
    }
    return list.problems.length === before ? (value as Value) : undefined;
  };
}

/** A list of up to `most`; an empty one says nothing and is a problem. */
export function listOf<Value>(read: Reader<Value>, most: number): Reader<readonly Value[]> {
  return (json, at, list) => {
    if (!Array.isArray(json) || json.length === 0 || json.length > most)
      return list.note(at, `a list of 1 to ${most}`, json);
    const values = json.map((item, i) => read(item, `${at}[${i}]`, list));
    return values.every((value) => value !== undefined) ? (values as Value[]) : undefined;
  };
}

/** A text of 1 to `most` units; `check` says what it expects where it will not do. */
export function text(most: number, check: (value: string) => string | undefined = () => undefined): Reader<string> {
  return (json, at, list) => {
    if (typeof json !== 'string' || json.length === 0 || json.length > most)
      return list.note(at, `a text of 1 to ${most} characters`, json);
    const expected = check(json);
    return expected === undefined ? json : list.note(at, expected, json);
  };
}

export function whole(least: number, most: number): Reader<number> {
  return (json, at, list) =>
    typeof json === 'number' && Number.isSafeInteger(json) && json >= least && json <= most
      ? json
      : list.note(at, `a whole number from ${least} to ${most}`, json);
}

export function oneOf<const Value extends string | number>(values: readonly Value[]): Reader<Value> {
  return (json, at, list) =>
    values.includes(json as Value) ? (json as Value) : list.note(at, `one of ${values.join(', ')}`, json);
}

export const flag: Reader<boolean> = (json, at, list) =>
  typeof json === 'boolean' ? json : list.note(at, 'true or false', json);
