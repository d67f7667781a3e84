import { queryOptions } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.blueprint;

export type Plan = paths['/blueprint/plan']['post']['responses']['200']['content']['application/json'];
export type Step = Plan['steps'][number];
export type Owned =
  paths['/blueprint/owned']['get']['responses']['200']['content']['application/json']['items'][number];

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

/** Owners as people read them. */
export function ownerText(source: string): string {
  return source === 'dashboard' ? texts.ownerPeople : source;
}
