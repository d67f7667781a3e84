import { queryOptions } from '@tanstack/react-query';
import { all, answerOf, type Listed, paged } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { toggled, withPart } from '../../frame/rows.ts';
import type { SectionTab } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

export type User = Listed<'/users'>;
export type Role = Listed<'/roles'>;
export type Group = Listed<'/groups'>;
export type Invitation = Listed<'/invitations'>;
export type Session = Listed<'/sessions'>;

/** A role that is given or taken. */
export interface RoleTurn {
  readonly role: string;
  readonly isIn: boolean;
}

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

/** Groups as they are once somebody came into one of them, or left it. */
export function withMember(groups: readonly Group[], id: string, userId: string, isIn: boolean): readonly Group[] {
  const memberIds = toggled(groups.find((group) => group.id === id)?.memberIds ?? [], userId, isIn);
  return withPart(groups, id, { memberIds });
}
