/** Names of what something speaks of by ids. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf } from '../../api/client.ts';
import { api } from './client.ts';

/** What the API takes at once. */
const IDS_MAX = 100;

/** Of users their e-mail as well. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
}

type Query = { readonly params: { readonly query: { readonly ids: string; readonly limit: number } } };

/** The lists that ids are looked up in, by what ids of their rows begin with. */
const LISTS: Readonly<Record<string, (query: Query) => Promise<{ readonly items: readonly Named[] }>>> = {
  res: (query) => answerOf(api.GET('/resources', query)),
  usr: (query) => answerOf(api.GET('/users', query)),
  sit: (query) => answerOf(api.GET('/sites', query)),
  con: (query) => answerOf(api.GET('/connectors', query)),
  pop: (query) => answerOf(api.GET('/pops', query)),
  grp: (query) => answerOf(api.GET('/groups', query)),
  rol: (query) => answerOf(api.GET('/roles', query)),
  idp: (query) => answerOf(api.GET('/providers', query)),
};

/** By id; without those that are gone, that this user may not see, or that have no name. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, string> {
  return new Map(useNamed(ids).map(({ id, name, email }) => [id, name || email || id]));
}

/** The things with these ids, whatever they are; as above. */
export function useNamed(ids: readonly string[]): readonly Named[] {
  const sorted = [...new Set(ids)].filter((id) => LISTS[prefixOf(id)]).sort();
  const named = useQuery({
    queryKey: ['names', sorted],
    queryFn: async () => (await Promise.all(batchesOf(sorted).map(lookUp))).flat(),
    enabled: sorted.length > 0,
    placeholderData: keepPreviousData,
  });
  return sorted.length === 0 ? NONE : (named.data ?? NONE);
}

const NONE: readonly Named[] = [];

const prefixOf = (id: string): string => id.slice(0, 3);

/** Of one kind each, and of a size that the API takes. */
function batchesOf(ids: readonly string[]): readonly (readonly string[])[] {
  const byKind = Map.groupBy(ids, prefixOf);
  return [...byKind.values()].flatMap((some) =>
    Array.from({ length: Math.ceil(some.length / IDS_MAX) }, (_, at) => some.slice(at * IDS_MAX, (at + 1) * IDS_MAX)),
  );
}

/** A list that this user may not read names nothing. */
async function lookUp(ids: readonly string[]): Promise<readonly Named[]> {
  const list = LISTS[prefixOf(ids[0] ?? '')];
  const found = await list?.({ params: { query: { ids: ids.join(','), limit: IDS_MAX } } }).catch(() => undefined);
  return found?.items ?? [];
}
