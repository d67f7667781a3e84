/** What the API finds wrong with a draft, field by field, while it is written. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiProblem, answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useSettled } from '../../frame/lists.ts';
import { TEXTS } from '../../texts/index.ts';
import type { Policy, Scope } from './policy-model.ts';

export interface Finding {
  readonly path: string;
  readonly expected: string;
  readonly found?: string | undefined;
}

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

export function findingsOf(error: ApiProblem): readonly Finding[] {
  const { problems, detail } = error.problem;
  return problems && problems.length > 0 ? problems : [{ path: '', expected: detail }];
}

/** What is wrong at a path or in the list that stands there; with a star at the end, anywhere below it. */
export function faultIn(findings: readonly Finding[], path: string): string | undefined {
  const isBelow = path.endsWith('*');
  const at = isBelow ? path.slice(0, -1) : path;
  const found = findings.find(
    (one) => one.path === at || one.path.startsWith(`${at}[`) || (isBelow && one.path.startsWith(`${at}.`)),
  );
  return found && `${TEXTS.frame.expected} ${found.expected}`;
}
