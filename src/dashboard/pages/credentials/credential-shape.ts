import { queryOptions } from '@tanstack/react-query';
import { all, answerOf, paged, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';

export type Credential = paths['/credentials']['get']['responses'][200]['content']['application/json']['items'][number];
export type Method = Credential['method'];

export const credentialsQuery = queryOptions({
  queryKey: ['credentials'],
  queryFn: () => all((after) => answerOf(api.GET('/credentials', paged(after)))),
});

/** With the secret, which is told this once. */
export type MadeCredential = paths['/credentials']['post']['responses'][201]['content']['application/json'];
