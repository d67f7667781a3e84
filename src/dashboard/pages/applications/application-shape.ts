import { queryOptions } from '@tanstack/react-query';
import { all, answerOf, type BodyOf, paged, type paths } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import type { Draft } from '../../frame/draft.ts';
import type { ConflictWords } from '../../frame/edit-conflict.ts';
import { placeAt, useSave } from '../../frame/save.ts';

export type Application = paths['/resources/{id}']['get']['responses'][200]['content']['application/json'];
export type ListedApplication =
  paths['/resources']['get']['responses'][200]['content']['application/json']['items'][number];
export type Target =
  paths['/resources/{id}/targets']['get']['responses'][200]['content']['application/json']['items'][number];

/** Where a host is opened: the console's own scheme and port are those of every application. */
export function originOf(host: string): string {
  return `https://${host}${location.port === '' ? '' : `:${location.port}`}`;
}

/** Where it is reached: its host, or the ports on every PoP. */
export function placeOf({ kind, host, listen }: Pick<Application, 'kind' | 'host' | 'listen'>): string {
  if (kind === 'http' || kind === 'access' || !listen || listen.first === null) return host;
  const ports =
    listen.last !== null && listen.last !== listen.first ? `${listen.first}–${listen.last}` : `${listen.first}`;
  return kind === 'tls' ? `${host}:${ports}` : `${kind.toUpperCase()} ${ports}`;
}

export function applicationQuery(id: string) {
  return queryOptions({
    queryKey: ['applications', id],
    queryFn: () => answerOf(api.GET('/resources/{id}', { params: { path: { id } } })),
  });
}

export function targetsQuery(id: string) {
  return queryOptions({
    queryKey: ['applications', id, 'targets'],
    queryFn: () =>
      all((after) => {
        const { params } = paged(after);
        return answerOf(api.GET('/resources/{id}/targets', { params: { ...params, path: { id } } }));
      }),
  });
}

type Patch = BodyOf<'patch', '/resources/{id}'>;
type Turn = Pick<Patch, 'enabled'>;

/** Saves a form of an application over what was seen of it. */
export function usePatchForm<Fields>(
  draft: Draft<Application, Fields>,
  body: () => Patch,
  words: ConflictWords,
  done?: string,
) {
  const { id } = draft.seen;
  return useSave({
    ...{ draft, body, words },
    place: placeAt('patch', '/resources/{id}', { id }),
    shows: ['applications'],
    ahead: ahead(applicationQuery(id), (application) => ({ ...application, ...(body() as Partial<Application>) })),
    ...(done !== undefined && { done }),
  });
}

/** Changes one thing about an application: shown at once, and taken back where it was refused. */
export function usePatch(id: string) {
  return useChange({
    run: (body: Turn) => answerOf(api.PATCH('/resources/{id}', { params: { path: { id } }, body })),
    shows: ['applications'],
    ahead: ahead(applicationQuery(id), (application, body: Turn) => ({ ...application, ...body }) as Application),
  });
}
