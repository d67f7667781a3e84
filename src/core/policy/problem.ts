import { MAXIMUM_LIST_ENTRIES, MAXIMUM_PROBLEMS, MAXIMUM_TEXT_LENGTH } from './constants.ts';

/** One thing that is wrong in a policy, said so that the author finds it. */
export interface Problem {
  /** Where: `rules[2].when.all[0].ip[1]`; the empty text is the policy itself. */
  readonly path: string;
  /** What belongs there. */
  readonly expected: string;
  /** What is there, shortened. */
  readonly found: string;
}

/** Collects problems while a policy is read. Readers return undefined where they noted one. */
export class ProblemList {
  readonly problems: Problem[] = [];

  note(path: string, expected: string, found: unknown): undefined {
    if (this.problems.length < MAXIMUM_PROBLEMS) this.problems.push({ path, expected, found: shorten(found) });
    return undefined;
  }
}

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A plain object with no keys but the `allowed` ones. */
export function readObject(
  json: unknown,
  path: string,
  allowed: readonly string[],
  list: ProblemList,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return list.note(path, 'an object', json);
  const before = list.problems.length;
  for (const key of Object.keys(json))
    if (!allowed.includes(key)) list.note(join(path, key), `one of the keys ${allowed.join(', ')}`, key);
  return list.problems.length === before ? (json as Record<string, unknown>) : undefined;
}

/** A text of 1 to `MAXIMUM_TEXT_LENGTH` units. */
export function readText(json: unknown, path: string, list: ProblemList): string | undefined {
  if (typeof json === 'string' && json.length > 0 && json.length <= MAXIMUM_TEXT_LENGTH) return json;
  return list.note(path, `a text of 1 to ${MAXIMUM_TEXT_LENGTH} characters`, json);
}

/** A list of at least one text, each given to `check`, which says what it expects where a text will not do. */
export function readTextList(
  json: unknown,
  path: string,
  list: ProblemList,
  check: (text: string) => string | undefined = () => undefined,
): readonly string[] | undefined {
  if (!Array.isArray(json) || json.length === 0 || json.length > MAXIMUM_LIST_ENTRIES)
    return list.note(path, `a list of 1 to ${MAXIMUM_LIST_ENTRIES} texts`, json);
  const texts: string[] = [];
  for (let i = 0; i < json.length; i++) {
    const text = readText(json[i], `${path}[${i}]`, list);
    if (text === undefined) continue;
    const expected = check(text);
    if (expected === undefined) texts.push(text);
    else list.note(`${path}[${i}]`, expected, text);
  }
  return texts.length === json.length ? texts : undefined;
}

export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

export function readBoolean(json: unknown, path: string, list: ProblemList): boolean | undefined {
  return typeof json === 'boolean' ? json : list.note(path, 'true or false', json);
}

/** Undefined, without a problem, where there is none. */
export function readDuration(json: unknown, path: string, list: ProblemList): number | undefined {
  if (json === undefined) return undefined;
  if (typeof json === 'number' && Number.isSafeInteger(json) && json > 0) return json;
  return list.note(path, 'a whole number of milliseconds above 0', json);
}

/** A check for `readTextList`: one of the words that there are. */
export function oneOf(known: readonly string[]): (text: string) => string | undefined {
  return (text) => (known.includes(text) ? undefined : `one of ${known.join(', ')}`);
}
