import { queryOptions } from '@tanstack/react-query';
import { all, answerOf, paged, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';

export type Provider = paths['/providers']['get']['responses'][200]['content']['application/json']['items'][number];
export type Preset = Provider['preset'];

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: () => all((after) => answerOf(api.GET('/providers', paged(after)))),
});

/** Words that people write with commas between. */
export function wordsOf(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
