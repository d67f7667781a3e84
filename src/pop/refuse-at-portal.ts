import { answerProblem, type PageAction } from './answers.ts';
import type { Counters } from './counters.ts';
import { TEXTS } from './pages/texts.ts';
import type { PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';

/** Answers a visit to the portal with a problem, and counts it. */
export function refuseAtPortal(
  counters: Counters,
  { at, request, response }: Pick<PortalVisit, 'at' | 'request' | 'response'>,
  problem: Problem,
  reason: string,
  action?: PageAction,
): void {
  counters.add('problems', problem);
  answerProblem(request, response, {
    problem,
    reason,
    requestId: at.context.requestId,
    host: at.context.host,
    organisation: at.view.installation.organisationName,
    actions: [...(action ? [action] : []), { label: TEXTS.error.home, url: '/' }],
  });
}
