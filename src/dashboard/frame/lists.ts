/** Long lists: searched and counted by the server, read a page at a time as somebody comes there. */
import { keepPreviousData, queryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf } from '../../api/client.ts';
import { api } from './client.ts';

const ROWS = 200;
/** People type a letter each 150 to 300 ms; a pause of this length is the end of a thought, and nobody waits for it. */
const TYPING_MS = 120;

export interface ListQuery {
  readonly limit: number;
  readonly count: 'true';
  readonly q?: string;
  readonly after?: string;
}

interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  readonly count?: number;
}

/** @param key first part of the query's key: what shows this noun is read anew when it changes. */
export function useSearchedList<Item>(
  key: string,
  search: string,
  read: (query: ListQuery) => Promise<ListPage<Item>>,
) {
  const q = useSettled(search.trim());
  const query = useInfiniteQuery({
    queryKey: [key, 'list', q],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      read({ limit: ROWS, count: 'true', ...(q !== '' && { q }), ...(pageParam !== null && { after: pageParam }) }),
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
