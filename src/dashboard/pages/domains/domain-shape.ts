import { queryOptions } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import type { Standing } from '../../look/badge.tsx';

export type Domain = paths['/domains/{id}']['get']['responses'][200]['content']['application/json'];
export type DnsRecord = Domain['records'][number];
export type DnsProvider =
  paths['/dns-providers']['get']['responses'][200]['content']['application/json']['items'][number];
export type OwnCertificate =
  paths['/own-certificates']['get']['responses'][200]['content']['application/json']['items'][number];

export const DOMAIN_STANDINGS: Readonly<Record<Domain['state'], Standing>> = {
  waiting: 'warn',
  verified: 'good',
  failing: 'bad',
};

export function domainQuery(id: string) {
  return queryOptions({
    queryKey: ['domains', id],
    queryFn: () => answerOf(api.GET('/domains/{id}', { params: { path: { id } } })),
  });
}

export const dnsProvidersQuery = queryOptions({
  queryKey: ['dns-providers'],
  queryFn: async () => (await answerOf(api.GET('/dns-providers', { params: { query: { limit: 200 } } }))).items,
});

export const ownCertificatesQuery = queryOptions({
  queryKey: ['own-certificates'],
  queryFn: async () => (await answerOf(api.GET('/own-certificates', { params: { query: { limit: 200 } } }))).items,
});
