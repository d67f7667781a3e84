/** Long lists: searched and counted by the server, read a page at a time as somebody comes there. */
import { keepPreviousData, queryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf, type paths } from '../../api/client.ts';
import { api } from './client.ts';

const ROWS = 200;
/** People type a letter each 150 to 300 ms; a pause of this length is the end of a thought, and nobody waits for it. */
const TYPING_MS = 120;

export interface ListQuery<Sort extends string> {
  readonly limit: number;
  readonly count: 'true';
  readonly q?: string;
  readonly after?: string;
  readonly sort?: Sort;
}

/** What a list of the API can be sorted by. */
type SortOf<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: { sort?: infer Sort extends string } } };
}
  ? Sort
  : never;
export type ApplicationSort = SortOf<'/resources'>;
export type UserSort = SortOf<'/users'>;

interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly count?: number;
}

/**
 * @param key first part of the query's key: what shows this noun is read anew when it changes.
 * @param sort left out: the oldest first.
 */
export function useSearchedList<Item, Sort extends string = never>(
  key: string,
  search: string,
  read: (query: ListQuery<Sort>) => Promise<ListPage<Item>>,
  sort?: Sort,
) {
  const q = useSettled(search.trim());
  const query = useInfiniteQuery({
    queryKey: [key, 'list', q, sort],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      read({
        limit: ROWS,
        count: 'true',
        ...(q !== '' && { q }),
        ...(sort && { sort }),
        ...(pageParam !== null && { after: pageParam }),
      }),
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const pages = query.data?.pages ?? [];
  return { query, items: pages.flatMap(({ items }) => items), count: pages[0]?.count ?? 0, isSearched: q !== '' };
}

/** What was typed, once there was a pause. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** How many there are, without reading them. */
export const applicationCountQuery = queryOptions({
  queryKey: ['applications', 'count'],
  queryFn: async () => {
    const page = await answerOf(api.GET('/resources', { params: { query: { limit: 1, count: 'true' } } }));
    return page.count ?? 0;
  },
});
