import { queryOptions } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.blueprint;

export type Plan = paths['/blueprint/plan']['post']['responses']['200']['content']['application/json'];
export type Step = Plan['steps'][number];
export type Owned =
  paths['/blueprint/owned']['get']['responses']['200']['content']['application/json']['items'][number];

export type HandedIn =
  paths['/blueprint/connectors']['get']['responses']['200']['content']['application/json']['items'][number];

export const connectorNewsQuery = queryOptions({
  queryKey: ['blueprint', 'connectors'],
  queryFn: () => answerOf(api.GET('/blueprint/connectors')),
});

export interface Wish {
  readonly text: string;
  readonly source: string;
  readonly prune: boolean;
  readonly takeOver: boolean;
}

export const ownedQuery = queryOptions({
  queryKey: ['blueprint', 'owned'],
  queryFn: () => answerOf(api.GET('/blueprint/owned')),
});

export function nounOf(noun: string): string {
  return texts.nouns[noun] ?? noun;
}

/** `2 to add, 1 to change; 5 unchanged.` */
export function summaryOf({ steps, unchanged }: Plan): string {
  const verbs = ['create', 'update', 'delete', 'take-over'] as const;
  const parts = verbs.flatMap((verb) => {
    const count = steps.filter((step) => step.verb === verb).length;
    return count === 0 ? [] : [`${count} ${texts.counts[verb]}`];
  });
  return texts.summary(parts.join(', '), unchanged);
}

/** Owners as people read them: connectors by their names. */
export function ownerText(source: string, connectors: readonly HandedIn[] = []): string {
  if (source === 'dashboard') return texts.ownerPeople;
  const [kind, id] = source.split(':');
  const found = connectors.find(({ connectorId }) => connectorId === id);
  if (!found) return source;
  return kind === 'docker' ? texts.byLabels(found.connectorName) : texts.byFile(found.connectorName);
}
