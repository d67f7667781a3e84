/** Policies as the API has them, and small changes to them. What is wrong with one, the API says. */
export type Condition = { readonly [key: string]: unknown };

export interface Audience {
  readonly signedIn?: true;
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly emails?: readonly string[];
  readonly credentials?: readonly string[];
}

export interface Admission {
  readonly kind: 'authenticate';
  readonly anyOf: 'signed-in' | Audience;
  readonly methods?: readonly string[];
  readonly mfa?: boolean;
  readonly maximumMfaAgeMs?: number;
  readonly maximumSessionAgeMs?: number;
}

export type Action = { readonly kind: 'deny' } | { readonly kind: 'bypass' } | Admission;

export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly enabled?: boolean;
  readonly when: Condition;
  readonly then: Action;
}

export interface Policy {
  readonly rules: readonly Rule[];
}

export type Scope = 'organisation' | 'resource' | 'stream';

/** The API's answer; it has judged each rule when it was stored. */
export function asPolicy(answer: { readonly rules: readonly unknown[] }): Policy {
  return answer as Policy;
}

/** A condition as the editor shows it: double negations are gone, and what is negated is said once. */
export type View =
  | {
      readonly kind: 'group';
      readonly mode: 'all' | 'any';
      readonly isNegated: boolean;
      readonly children: readonly Condition[];
    }
  | { readonly kind: 'leaf'; readonly name: string; readonly config: unknown; readonly isNegated: boolean };

export function viewOf(condition: Condition, isNegated = false): View {
  const [name = 'all', config] = Object.entries(condition)[0] ?? ['all', []];
  if (name === 'not') return viewOf(config as Condition, !isNegated);
  if (name === 'all' || name === 'any')
    return { kind: 'group', mode: name, isNegated, children: config as readonly Condition[] };
  return { kind: 'leaf', name, config, isNegated };
}

export function conditionOf(view: View): Condition {
  const plain = view.kind === 'group' ? { [view.mode]: view.children } : { [view.name]: view.config };
  return view.isNegated ? { not: plain } : plain;
}

/** The outermost condition as a group, which has room for more. */
export function groupOf(condition: Condition): Extract<View, { kind: 'group' }> {
  const view = viewOf(condition);
  return view.kind === 'group' ? view : { kind: 'group', mode: 'all', isNegated: false, children: [condition] };
}

export function isAlways(condition: Condition): boolean {
  const view = viewOf(condition);
  return view.kind === 'group' && view.mode === 'all' && !view.isNegated && view.children.length === 0;
}

export function replaced<Item>(items: readonly Item[], index: number, item: Item): readonly Item[] {
  return items.map((one, at) => (at === index ? item : one));
}

export function without<Item>(items: readonly Item[], index: number): readonly Item[] {
  return items.filter((_, at) => at !== index);
}

export function moved<Item>(items: readonly Item[], from: number, to: number): readonly Item[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  const others = without(items, from);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** An id that no other rule has, in the words of a name. */
export function freeId(rules: readonly Rule[], name: string): string {
  const taken = new Set(rules.map(({ id }) => id));
  const word =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'rule';
  if (!taken.has(word)) return word;
  let number = 2;
  while (taken.has(`${word}-${number}`)) number++;
  return `${word}-${number}`;
}

/** An object without the keys that hold nothing: empty lists, empty texts, undefined. */
export function trimmed<Fields extends object>(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept) as Fields;
}
