/** What the API found wrong with a document of rules or settings, by the path at which it stands. */
import { ApiProblem } from '../../api/client.ts';
import { TEXTS } from '../texts/index.ts';

export interface Finding {
  readonly path: string;
  readonly expected: string;
  readonly found?: string | undefined;
}

export function findingsOf(error: unknown): readonly Finding[] {
  if (!(error instanceof ApiProblem)) return [];
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
