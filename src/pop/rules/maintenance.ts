import type { CompiledHttp } from '../../core/http-rules/index.ts';
import type { Problem } from '../problems.ts';

/** What no target answered; shown as maintenance where the resource says so. */
const NOBODY_ANSWERS: ReadonlySet<Problem> = new Set<Problem>([
  'no-healthy-target',
  'device-pop-lost',
  'target-refused',
  'target-unreachable',
]);

/** The problem that people are told of: where nobody answers, that may be maintenance. */
export function shownProblem(http: CompiledHttp | undefined, problem: Problem): Problem {
  return http?.settings.maintenance?.automatic && NOBODY_ANSWERS.has(problem) ? 'maintenance' : problem;
}

/** When to ask again: what is known of this request, what the settings say of maintenance, or what the problem says. */
export function retryAfterFields(
  http: CompiledHttp | undefined,
  problem: Problem,
  waitMs: number | undefined,
  otherwiseSeconds: number | undefined,
): Record<string, string> {
  const knownMs = waitMs ?? (problem === 'maintenance' ? http?.settings.maintenance?.retryAfterMs : undefined);
  const seconds = knownMs === undefined ? otherwiseSeconds : Math.max(1, Math.ceil(knownMs / 1_000));
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}
