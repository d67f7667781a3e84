/** Differences of two values, each at the deepest place where they differ. */
import { isList, isObject, type Json, type JsonObject, sameJson } from './json.ts';

export interface Change {
  /** `targets[0].url`; empty: the whole. */
  readonly path: string;
  /** Left out: it was not there. */
  readonly before?: Json;
  /** Left out: it is not there any more. */
  readonly after?: Json;
}

/** In the order of the keys of `after`, then of those that are gone. */
export function changesBetween(before: Json | undefined, after: Json | undefined, path = ''): Change[] {
  if (sameJson(before, after)) return [];
  if (isObject(before) && isObject(after)) return ofObjects(before, after, path);
  if (isList(before) && isList(after)) return ofLists(before, after, path);
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function ofObjects(before: JsonObject, after: JsonObject, path: string): Change[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) => changesBetween(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

/** Items with an id are compared with the one of the same id; if only the order differs, the whole list is the change. */
function ofLists(before: readonly Json[], after: readonly Json[], path: string): Change[] {
  const ids = [idsOf(before), idsOf(after)] as const;
  if (ids[0] && ids[1]) return ofNamed(before, after, ids[0], ids[1], path);
  if (!before.every(isObject) || !after.every(isObject)) return [{ path, before, after }];
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, at) => at).flatMap((at) => changesBetween(before[at], after[at], `${path}[${at}]`));
}

function ofNamed(
  before: readonly Json[],
  after: readonly Json[],
  idsBefore: readonly string[],
  idsAfter: readonly string[],
  path: string,
): Change[] {
  const every = [...new Set([...idsAfter, ...idsBefore])];
  const changes = every.flatMap((id) =>
    changesBetween(before[idsBefore.indexOf(id)], after[idsAfter.indexOf(id)], `${path}[${id}]`),
  );
  const kept = idsBefore.filter((id) => idsAfter.includes(id));
  const moved = !sameJson(
    kept,
    idsAfter.filter((id) => idsBefore.includes(id)),
  );
  return moved ? [...changes, { path: `${path} (order)`, before: idsBefore, after: idsAfter }] : changes;
}

/** Where every item has one of its own. */
function idsOf(list: readonly Json[]): string[] | undefined {
  const ids = list.flatMap((item) => (isObject(item) && typeof item.id === 'string' ? [item.id] : []));
  return ids.length === list.length && new Set(ids).size === ids.length ? ids : undefined;
}
