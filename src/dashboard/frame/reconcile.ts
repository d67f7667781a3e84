/** What somebody saw, what they made of it, and what is there now: what of it can be saved, and where two people differ. */

export interface Difference {
  /** From the field to what differs within it. */
  readonly path: readonly string[];
  /** What was there when the form was opened. */
  readonly seen: unknown;
  /** What is there now. */
  readonly theirs: unknown;
  readonly mine: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

interface Versions {
  /** Undefined where nothing was there. */
  readonly seen: object | undefined;
  readonly mine: object;
  readonly theirs: object | undefined;
  /** What is there now and may be written over: somebody was shown it, and said so. */
  readonly accepted?: object | undefined;
}

/**
 * A field that only one of two people changed is as that one made it. One that both changed in different ways is a
 * difference, and nothing is saved.
 */
export function reconcile({ seen, mine, theirs, accepted }: Versions): {
  readonly body: Fields;
  readonly differences: readonly Difference[];
} {
  const body: Record<string, unknown> = {};
  const differences: Difference[] = [];
  for (const [field, value] of Object.entries(mine)) {
    const [was, is] = [fieldOf(seen, field), fieldOf(theirs, field)];
    const isSeen = isSame(was, is) || (accepted !== undefined && isSame(fieldOf(accepted, field), is));
    const isTheirs = isSame(value, was) && !isSame(was, is);
    body[field] = isTheirs ? (is ?? value) : value;
    if (!isSeen && !isSame(value, was) && !isSame(value, is))
      differences.push({ path: [field], seen: was, theirs: is, mine: value });
  }
  return { body, differences };
}

function fieldOf(thing: object | undefined, field: string): unknown {
  return (thing as Fields | undefined)?.[field];
}

/** Alike as JSON, whatever the order of their keys. Nothing is nothing: null, and what is left out. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other || (one == null && other == null)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one) && one.length !== (other as readonly unknown[]).length) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSame(fieldOf(one, name), fieldOf(other, name)));
}

/** A difference as those within it: of an object by its fields, of a list whose members have ids or names by these. */
export function partsOf(difference: Difference): readonly Difference[] {
  const { path, seen, theirs, mine } = difference;
  if (isSame(theirs, mine)) return [];
  const [was, is, will] = [membersOf(seen), membersOf(theirs), membersOf(mine)];
  if (!is || !will) return [difference];
  const names = new Set([...is.keys(), ...will.keys()]);
  const parts = [...names].flatMap((name) => {
    const part = { path: [...path, name], seen: was?.get(name), theirs: is.get(name), mine: will.get(name) };
    // A member of a list is one thing: nobody reads half a rule.
    return Array.isArray(theirs) ? (isSame(part.theirs, part.mine) ? [] : [part]) : partsOf(part);
  });
  // The same members in another order.
  return parts.length === 0 ? [difference] : parts;
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const named = value.map((member) => [nameOf(member), member] as const);
  const names = new Set(named.map(([name]) => name));
  if (names.has(undefined) || names.size < value.length) return undefined;
  return new Map(named as (readonly [string, unknown])[]);
}

function nameOf(member: unknown): string | undefined {
  if (typeof member !== 'object' || member === null) return undefined;
  const { id, name } = member as { readonly id?: unknown; readonly name?: unknown };
  return [id, name].find((word): word is string => typeof word === 'string' && word !== '');
}
