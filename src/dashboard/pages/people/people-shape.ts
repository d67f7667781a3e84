import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { all, answerOf, type Listed, paged } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import type { SectionTab } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

export type User = Listed<'/users'>;
export type Role = Listed<'/roles'>;
export type Group = Listed<'/groups'>;
export type Invitation = Listed<'/invitations'>;
export type Session = Listed<'/sessions'>;

const texts = TEXTS.people;

export const PEOPLE_TABS: readonly SectionTab[] = [
  { to: '/users', label: texts.users },
  { to: '/users/groups', label: texts.groupsTitle },
  { to: '/users/roles', label: texts.rolesTitle },
  { to: '/users/invitations', label: texts.invitations },
];

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: () => all((after) => answerOf(api.GET('/groups', paged(after)))),
});

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: () => all((after) => answerOf(api.GET('/invitations', paged(after)))),
});

export function userQuery(id: string) {
  return queryOptions({
    queryKey: ['users', id],
    queryFn: () => answerOf(api.GET('/users/{id}', { params: { path: { id } } })),
  });
}

export function sessionsQuery(userId?: string) {
  return queryOptions({
    queryKey: ['sessions', userId ?? 'all'],
    queryFn: () =>
      all((after) =>
        answerOf(
          api.GET('/sessions', {
            params: { query: { ...paged(after).params.query, ...(userId !== undefined && { userId }) } },
          }),
        ),
      ),
  });
}

export function nameOf({ name, email }: Pick<User, 'name' | 'email'>): string {
  return name || email;
}

const IDS_AT_ONCE = 100;

/** The users with these ids that are members. */
export function useUsersById(ids: readonly string[]): readonly User[] {
  const sorted = [...new Set(ids)].sort();
  const users = useQuery({
    queryKey: ['users', 'by-id', sorted],
    queryFn: async () => {
      const found: User[] = [];
      for (let from = 0; from < sorted.length; from += IDS_AT_ONCE) {
        const some = sorted.slice(from, from + IDS_AT_ONCE);
        const query = { ids: some.join(','), limit: IDS_AT_ONCE };
        found.push(...(await answerOf(api.GET('/users', { params: { query } }))).items);
      }
      return found;
    },
    enabled: sorted.length > 0,
    placeholderData: keepPreviousData,
  });
  return sorted.length === 0 ? [] : (users.data ?? []);
}
