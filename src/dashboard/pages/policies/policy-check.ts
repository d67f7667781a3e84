/** What the API finds wrong with a draft, field by field, while it is written. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiProblem, answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { type Finding, findingsOf } from '../../frame/findings.ts';
import { useSettled } from '../../frame/lists.ts';
import type { Policy, Scope } from './policy-model.ts';

const NOTHING: readonly Finding[] = [];

export function useFindings(policy: Policy | undefined, scope: Scope): readonly Finding[] {
  const text = useSettled(policy === undefined ? undefined : JSON.stringify(policy));
  const check = useQuery({
    queryKey: ['policy-check', scope, text],
    enabled: text !== undefined,
    placeholderData: keepPreviousData,
    queryFn: () => findingsIn(text ?? '{}', scope),
  });
  return text === undefined ? NOTHING : (check.data ?? NOTHING);
}

async function findingsIn(text: string, scope: Scope): Promise<readonly Finding[]> {
  try {
    await answerOf(api.POST('/policy/check', { params: { query: { scope } }, body: JSON.parse(text) as unknown }));
    return NOTHING;
  } catch (error) {
    if (error instanceof ApiProblem) return findingsOf(error);
    throw error;
  }
}
