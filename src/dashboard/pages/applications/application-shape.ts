import { queryOptions } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';

export type Application = paths['/resources']['get']['responses'][200]['content']['application/json']['items'][number];
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
