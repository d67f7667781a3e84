import type { CompiledHttp } from '../../core/http-rules/index.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import { answerRedirect, send } from '../answers.ts';
import type { AtResource } from '../door.ts';
import { privateFields } from '../private-answer.ts';
import type { AdmittedRequest } from '../serving.ts';
import { addStrictTransport, demandHttps } from '../transport-security.ts';
import { preflightFields } from './cors.ts';
import type { RuleVerdict } from './rules-gate.ts';

/** Statuses that have no body (RFC 9110 sections 15.3.5, 15.3.6, 15.4.5). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Answers a request that a route keeps from every target. */
export function answerByRoute(
  admitted: AdmittedRequest,
  response: HttpResponse,
  verdict: RuleVerdict & { kind: 'redirect' | 'answer' },
): void {
  const { request, setCookies } = admitted;
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (verdict.kind === 'redirect') {
    demandHttps(admitted, response);
    answerRedirect(request, response, verdict.location, setCookies, verdict.status);
    return;
  }
  const { status, body = '' } = verdict.answer;
  const fields = setCookies.length > 0 ? privateFields(verdict.fields) : [...verdict.fields];
  for (const cookie of setCookies) fields.push('Set-Cookie', cookie);
  addStrictTransport(admitted, fields);
  const bytes = Buffer.from(BODILESS.has(status) ? '' : body);
  if (!BODILESS.has(status)) fields.push('Content-Length', String(bytes.length));
  response.writeHead(status, fields);
  response.end(bytes);
  if (!request.readableEnded) request.resume();
}

/** Answers a preflight that no target shall see. */
export function answerPreflight(at: AtResource, http: CompiledHttp, response: HttpResponse): void {
  demandHttps(at, response);
  send(at.context.request, response, 200, { 'Cache-Control': 'no-store', ...preflightFields(at, http) }, '');
}
