import type { HttpResponse } from '../../io/http/message.ts';
import { answerProblem } from '../answers.ts';
import type { AtResource } from '../door.ts';
import { TEXTS } from '../pages/texts.ts';
import { PROBLEM_STATUS, RETRY_AFTER_SECONDS } from '../problems.ts';
import { demandHttps } from '../transport-security.ts';
import { corsFields } from './cors.ts';
import { customPage, type Refusal } from './custom-page.ts';
import { retryAfterFields } from './maintenance.ts';

/** Manis's own answer at the host of a resource, as the resource's settings have it look. */
export function answerRefusal(at: AtResource, response: HttpResponse, refusal: Refusal): void {
  const { context, view, resource } = at;
  const { problem, reason, requestId, challenges, retryAfterMs } = refusal;
  const { http } = resource;
  const home = { label: TEXTS.error.home, url: `${view.portalOrigin}/` };
  const retry = { label: TEXTS.error.retry, url: context.target.path + context.target.query };
  const isPassing = PROBLEM_STATUS[problem] >= 500 && context.method === 'GET';
  const message = problem === 'maintenance' ? http?.settings.maintenance?.message : undefined;
  demandHttps(at, response);
  answerProblem(context.request, response, {
    problem,
    reason,
    requestId,
    host: context.host,
    organisation: view.installation.organisationName,
    actions: isPassing ? [retry, home] : [home],
    ...(message !== undefined && { advice: message }),
    page: customPage(at, refusal, message),
    headers: {
      ...(challenges !== undefined && { 'WWW-Authenticate': challenges }),
      ...retryAfterFields(http, problem, retryAfterMs, RETRY_AFTER_SECONDS[problem]),
      ...(http && corsFields(at, http)),
    },
  });
}
