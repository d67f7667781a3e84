import { assertNever, escapeHtml } from '../../base/index.ts';
import {
  type CustomPage,
  expand,
  type PageVariable,
  readPage,
  type Template,
  type Variable,
} from '../../core/http-rules/index.ts';
import type { AtResource } from '../door.ts';
import { PROBLEM_TEXTS } from '../pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from '../problems.ts';
import { factOfRequest } from './request-variables.ts';

/** What Manis itself says at a resource in place of an application. */
export interface Refusal {
  readonly problem: Problem;
  readonly reason: string;
  readonly requestId: string;
  /** WWW-Authenticate, where a sign-in would help. */
  readonly challenges: string | undefined;
  /** When to ask again, where that is known. */
  readonly retryAfterMs: number | undefined;
}

/** Read once for each page of a snapshot. */
const templates = new WeakMap<CustomPage, Template<Variable | PageVariable>>();

/** The page of the resource, or else of its organisation, in place of Manis's own; undefined where there is none. */
export function customPage(
  at: AtResource,
  refusal: Pick<Refusal, 'problem' | 'reason' | 'requestId'>,
  message?: string,
): string | undefined {
  const status = PROBLEM_STATUS[refusal.problem];
  const isFor = ({ statuses }: CustomPage): boolean => statuses.some((one) => one === status);
  const page = at.resource.record.http?.errorPages?.find(isFor) ?? at.view.errorPagesOf(at.resource.record).find(isFor);
  if (!page) return undefined;
  const template = templates.get(page) ?? read(page);
  templates.set(page, template);
  return expand(template, (name) => factOf(at, refusal, message, name), escapeHtml);
}

function read(page: CustomPage): Template<Variable | PageVariable> {
  const template = readPage(page.html);
  return typeof template === 'string' ? [{ kind: 'literal', text: page.html }] : template;
}

/** Nothing of who asks: the page is for whoever was refused. */
function factOf(
  at: AtResource,
  { problem, reason, requestId }: Pick<Refusal, 'problem' | 'reason' | 'requestId'>,
  message: string | undefined,
  name: Variable | PageVariable,
): string {
  switch (name) {
    case 'status':
      return String(PROBLEM_STATUS[problem]);
    case 'title':
      return PROBLEM_TEXTS[problem].title;
    case 'advice':
      return message ?? PROBLEM_TEXTS[problem].advice;
    case 'reason':
      return reason;
    case 'organisation':
      return at.view.installation.organisationName;
    case 'home':
      return `${at.view.portalOrigin}/`;
    case 'request.id':
      return requestId;
    case 'request.method':
    case 'host':
    case 'path':
    case 'query':
    case 'resource.name':
    case 'client.address':
      return factOfRequest(at, name);
    case 'user.id':
    case 'user.email':
    case 'user.name':
    case 'user.roles':
    case 'pop.name':
      return '';
    default:
      return assertNever(name);
  }
}
