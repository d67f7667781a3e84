/** Things of the organisation by a part of their name. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf } from '../../api/client.ts';
import { api, popsQuery, sitesQuery } from './client.ts';
import { isFound, type Place } from './places.ts';

/** Of each kind: more is for the page of the kind. */
const SHOWN = 6;

/** @param search nothing is looked for while it is empty. */
export function useFoundThings(may: ReadonlySet<string>, search: string): readonly Place[] {
  const isAsked = search !== '';
  const params = { params: { query: { q: search, limit: SHOWN } } };
  const applications = useQuery({
    queryKey: ['applications', 'found', search],
    queryFn: () => answerOf(api.GET('/resources', params)),
    enabled: isAsked && may.has('resource.read'),
    placeholderData: keepPreviousData,
  });
  const users = useQuery({
    queryKey: ['users', 'found', search],
    queryFn: () => answerOf(api.GET('/users', params)),
    enabled: isAsked && may.has('user.read'),
    placeholderData: keepPreviousData,
  });
  const sites = useQuery({ ...sitesQuery, enabled: isAsked && may.has('site.read') });
  const pops = useQuery({ ...popsQuery, enabled: isAsked && may.has('pop.read') });
  if (!isAsked) return [];
  const place = (group: Place['group'], to: string, id: string, name: string, detail?: string): Place => ({
    ...{ group, name, detail, key: id, to: `${to}/${id}` },
  });
  const named = <Thing extends { readonly id: string; readonly name: string }>(
    ...[group, to, things]: [Place['group'], string, readonly Thing[] | undefined]
  ): readonly Place[] =>
    (things ?? [])
      .filter(({ name }) => isFound(search, name))
      .slice(0, SHOWN)
      .map(({ id, name }) => place(group, to, id, name));
  return [
    ...(applications.data?.items ?? []).map(({ id, name, host }) =>
      place('applications', '/applications', id, name, host),
    ),
    ...named('sites', '/sites', sites.data),
    ...named('pops', '/pops', pops.data),
    ...(users.data?.items ?? []).map(({ id, name, email }) =>
      place('users', '/users', id, name || email, name ? email : undefined),
    ),
  ];
}
