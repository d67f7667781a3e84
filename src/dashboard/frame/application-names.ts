/** Names of applications that something speaks of by their ids. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf } from '../../api/client.ts';
import { api } from './client.ts';

/** What the API takes at once. */
const IDS_MAX = 100;

export function useApplicationNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const sorted = [...new Set(ids)].sort();
  const names = useQuery({
    queryKey: ['applications', 'names', sorted],
    queryFn: async () => {
      const found = new Map<string, string>();
      for (let from = 0; from < sorted.length; from += IDS_MAX) {
        const some = sorted.slice(from, from + IDS_MAX).join(',');
        const { items } = await answerOf(api.GET('/resources', { params: { query: { ids: some, limit: IDS_MAX } } }));
        for (const { id, name } of items) found.set(id, name);
      }
      return found;
    },
    enabled: sorted.length > 0,
    placeholderData: keepPreviousData,
  });
  return names.data ?? new Map();
}
