/** Names for the ids that policies hold, and what there is to choose from. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { all, answerOf, paged } from '../../../api/client.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import type { Option } from '../../look/tokens.tsx';
import type { NameOf, Options } from './criteria.ts';

export const groupsQuery = {
  queryKey: ['groups', 'names'],
  queryFn: () => all((after) => answerOf(api.GET('/groups', paged(after)))),
};
export const providersQuery = {
  queryKey: ['providers', 'names'],
  queryFn: () => all((after) => answerOf(api.GET('/providers', paged(after)))),
};
const authoritiesQuery = {
  queryKey: ['client-authorities', 'names'],
  queryFn: () => all((after) => answerOf(api.GET('/client-authorities', paged(after)))),
};
export const listsQuery = { queryKey: ['lists'], queryFn: () => answerOf(api.GET('/lists')) };

const USERS_SHOWN = 20;
const countryNames = new Intl.DisplayNames('en', { type: 'region' });

function countryName(code: string): string {
  try {
    return countryNames.of(code) ?? code;
  } catch {
    return code;
  }
}

let countries: readonly Option[] | undefined;

/** Every code that has a name: of the 676 there could be, some 250. */
export function countryOptions(): readonly Option[] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  countries ??= letters
    .flatMap((first) => letters.map((second) => first + second))
    .map((value) => ({ value, label: countryName(value) }))
    .filter(({ value, label }) => label !== value && !NO_COUNTRIES.has(value))
    .sort((one, other) => one.label.localeCompare(other.label));
  return countries;
}
/** Unions, pseudo-locales and the like. */
const NO_COUNTRIES = new Set([
  'EU',
  'EZ',
  'UN',
  'QO',
  'XA',
  'XB',
  'ZZ',
  'AN',
  'CS',
  'DD',
  'FX',
  'NT',
  'SU',
  'TP',
  'YD',
  'YU',
  'ZR',
  'BU',
  'DY',
  'HV',
  'NH',
  'RH',
  'VD',
]);

export interface Names {
  readonly nameOf: NameOf;
  readonly optionsFor: (options: Options) => readonly Option[];
  /** Narrows the users to choose from. */
  readonly searchUsers: (text: string) => void;
}

/** @param shown whatever holds the ids that are shown: users in it are asked for by name. */
export function useNames(shown: unknown): Names {
  const roles = useQuery(rolesQuery).data;
  const groups = useQuery(groupsQuery).data;
  const providers = useQuery(providersQuery).data;
  const authorities = useQuery(authoritiesQuery).data;
  const lists = useQuery(listsQuery).data?.items;
  const users = useUsers(shown);
  const [search, setSearch] = useState('');
  const found = useQuery({
    queryKey: ['users', 'search', search],
    queryFn: () =>
      answerOf(api.GET('/users', { params: { query: { limit: USERS_SHOWN, ...(search !== '' && { q: search }) } } })),
    placeholderData: (before) => before,
  }).data?.items;
  const optionsFor = useCallback(
    (options: Options): readonly Option[] => {
      switch (options) {
        case 'roles':
          return (roles ?? []).map(({ name }) => ({ value: name, label: name }));
        case 'groups':
          return (groups ?? []).map(({ name }) => ({ value: name, label: name }));
        case 'lists':
          return (lists ?? []).map(({ name }) => ({ value: name, label: name }));
        case 'providers':
          return (providers ?? []).map(({ id, name }) => ({ value: id, label: name }));
        case 'authorities':
          return (authorities ?? []).map(({ id, name }) => ({ value: id, label: name }));
        case 'users':
          return [...(found ?? []), ...users].map((user) => ({ value: user.id, label: personText(user) }));
        case 'countries':
          return countryOptions();
      }
    },
    [roles, groups, lists, providers, authorities, found, users],
  );
  const nameOf = useCallback<NameOf>(
    (options, id) =>
      options === 'countries' ? countryName(id) : (optionsFor(options).find(({ value }) => value === id)?.label ?? id),
    [optionsFor],
  );
  // What a person is shown as has brackets about the address.
  const searchUsers = useCallback((text: string) => setSearch(text.replace(/[()]/g, ' ').trim()), []);
  return useMemo(() => ({ nameOf, optionsFor, searchUsers }), [nameOf, optionsFor, searchUsers]);
}

export function personText({ name, email }: { readonly name: string; readonly email: string }): string {
  return name === '' ? email : `${name} (${email})`;
}

const USER_ID = /"(usr_[\w-]+)"/g;
const IDS_MAX = 200;

/** The users whose ids stand in it, whatever it is. */
function useUsers(shown: unknown) {
  const text = useMemo(() => JSON.stringify(shown) ?? '', [shown]);
  const ids = [...new Set(Array.from(text.matchAll(USER_ID), ([, id]) => id))].sort().slice(0, IDS_MAX).join(',');
  const users = useQuery({
    queryKey: ['users', 'named', ids],
    queryFn: () => answerOf(api.GET('/users', { params: { query: { ids, limit: IDS_MAX } } })),
    enabled: ids !== '',
    placeholderData: (before) => before,
  });
  return users.data?.items ?? NOBODY;
}
const NOBODY: readonly { readonly id: string; readonly name: string; readonly email: string }[] = [];
