/** The one client of this page, and the queries that several pages share. */
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiProblem, all, answerOf, createApiClient, paged } from '../../api/client.ts';
import { liveState } from './live-state.ts';
import { organisationFetch } from './organisation.ts';

export const api = createApiClient('/api/v1', organisationFetch);

const RETRIES = 2;
/** While the stream of changes is open nothing grows old; this is for when it is not. */
const STALE_MS = 5_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      // What was refused is refused again; what was not answered may be answered.
      retry: (count, error) => !(error instanceof ApiProblem) && count < RETRIES,
    },
  },
});

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => answerOf(api.GET('/me')), staleTime: 60_000 });

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => answerOf(api.GET('/status')),
  // The stream brings it while it is open.
  refetchInterval: () => (liveState().isOpen ? false : STALE_MS),
});

export const sitesQuery = queryOptions({
  queryKey: ['sites'],
  queryFn: () => all((after) => answerOf(api.GET('/sites', paged(after)))),
});
export const popsQuery = queryOptions({
  queryKey: ['pops'],
  queryFn: () => all((after) => answerOf(api.GET('/pops', paged(after)))),
});
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: () => all((after) => answerOf(api.GET('/roles', paged(after)))),
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: () => all((after) => answerOf(api.GET('/users', paged(after)))),
});
