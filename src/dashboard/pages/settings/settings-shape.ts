import { queryOptions, useQuery } from '@tanstack/react-query';
import { all, answerOf, type Listed, paged, type paths } from '../../../api/client.ts';
import { api, meQuery } from '../../frame/client.ts';
import type { SectionTab } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

export type ApiKey = Listed<'/keys'>;
export type ApiToken = Listed<'/api-tokens'>;
export type Authority = Listed<'/client-authorities'>;
export type Organisation = Listed<'/organisations'>;
export type Administrator = Listed<'/installation/administrators'>;
export type MailSettings = paths['/mail']['get']['responses'][200]['content']['application/json'];
export type MfaRules = paths['/organisation/mfa']['get']['responses'][200]['content']['application/json'];

const texts = TEXTS.settings;

const TABS: readonly (SectionTab & { readonly needs: string })[] = [
  { to: '/settings', label: texts.organisation, needs: 'organisation.read' },
  { to: '/settings/sign-in', label: texts.signIn, needs: 'organisation.read' },
  { to: '/settings/pages', label: texts.pagesTab, needs: 'organisation.read' },
  { to: '/settings/keys', label: texts.keys, needs: 'key.read' },
  { to: '/settings/authorities', label: texts.authorities, needs: 'credential.read' },
  { to: '/settings/mail', label: texts.mail, needs: 'installation.read' },
  { to: '/settings/installation', label: texts.installation, needs: 'tenant.read' },
];

/** The pages that the person may see. */
export function useSettingsTabs(): readonly SectionTab[] {
  const me = useQuery(meQuery);
  return TABS.filter(({ needs }) => (me.data?.permissions as readonly string[] | undefined)?.includes(needs));
}

export const organisationQuery = queryOptions({
  queryKey: ['organisation'],
  queryFn: () => answerOf(api.GET('/organisation')),
});
export const mfaQuery = queryOptions({
  queryKey: ['organisation', 'mfa'],
  queryFn: () => answerOf(api.GET('/organisation/mfa')),
});
export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: () => all((after) => answerOf(api.GET('/keys', paged(after)))),
});
export const tokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: () => all((after) => answerOf(api.GET('/api-tokens', paged(after)))),
});
export const authoritiesQuery = queryOptions({
  queryKey: ['client-authorities'],
  queryFn: () => all((after) => answerOf(api.GET('/client-authorities', paged(after)))),
});
export const organisationsQuery = queryOptions({
  queryKey: ['organisations'],
  queryFn: () => all((after) => answerOf(api.GET('/organisations', paged(after)))),
});
