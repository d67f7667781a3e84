import { queryOptions } from '@tanstack/react-query';
import { all, answerOf, type Listed, paged } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import type { SectionTab } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

export type Webhook = Listed<'/webhooks'>;
export type Delivery = Listed<'/webhooks/{id}/deliveries'>;
export type AlertRule = Listed<'/alert-rules'>;

const texts = TEXTS.notices;

export const NOTICE_TABS: readonly SectionTab[] = [
  { to: '/notices', label: texts.alerts },
  { to: '/notices/webhooks', label: texts.webhooks },
];

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: () => all((after) => answerOf(api.GET('/webhooks', paged(after)))),
});

const LOOK_MS = 10_000;

export const alertRulesQuery = queryOptions({
  queryKey: ['alert-rules'],
  queryFn: () => all((after) => answerOf(api.GET('/alert-rules', paged(after)))),
  // What is bad is looked for as often by control.
  refetchInterval: LOOK_MS,
});

const DELIVERIES = 50;
const DELIVERIES_MS = 2_000;

export function deliveriesQuery(id: string) {
  return queryOptions({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: () =>
      answerOf(api.GET('/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: DELIVERIES } } })),
    refetchInterval: DELIVERIES_MS,
  });
}

/** How long something has to be bad, in words. */
export function holdText(holdMs: number): string {
  const known = texts.holds.find(([ms]) => ms === holdMs);
  if (known) return known[1];
  return holdMs < 120_000 ? texts.seconds(Math.round(holdMs / 1_000)) : texts.minutes(Math.round(holdMs / 60_000));
}
