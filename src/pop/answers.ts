import type { RedirectStatus } from '../core/http-rules/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { MAXIMUM_DISCARDED_BODY_BYTES } from './constants.ts';
import { grpcProblemFields, isGrpcCall } from './grpc-answer.ts';
import { errorPage } from './pages/error-page.ts';
import { customPageHeaders, pageHeaders } from './pages/page.ts';
import { PROBLEM_TEXTS } from './pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from './problems.ts';
import { wantsPage } from './request-context.ts';

/** A link that an answer offers. */
export interface PageAction {
  readonly label: string;
  readonly url: string;
}

/** What an answer says beyond its problem. */
export interface ProblemDetails {
  readonly problem: Problem;
  /** The named reason, at least as fine as the problem. */
  readonly reason: string;
  readonly requestId: string;
  /** Host that was asked for, where it is known and well-formed. */
  readonly host?: string | undefined;
  /** Shown in the header of the page. */
  readonly organisation?: string | undefined;
  readonly actions?: readonly PageAction[];
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of what is said of the problem by default. */
  readonly advice?: string;
  /** A whole page in place of Manis's own. */
  readonly page?: string | undefined;
}

/** Tells what is wrong: a page to a person, a problem document (RFC 9457) to a program. */
export function answerProblem(request: HttpRequest, response: HttpResponse, details: ProblemDetails): void {
  const status = PROBLEM_STATUS[details.problem];
  const { title } = PROBLEM_TEXTS[details.problem];
  const { reason, requestId, host, organisation, actions = [], headers } = details;
  const advice = details.advice ?? PROBLEM_TEXTS[details.problem].advice;
  const marks = { 'X-Manis-Request-Id': requestId, ...headers };
  if (isGrpcCall(request)) {
    sendGrpc(request, response, [...grpcProblemFields(details.problem, reason), ...Object.entries(marks).flat()]);
    return;
  }
  if (wantsPage(request)) {
    const body = errorPage({ status, title, advice, reason, requestId, host, organisation, actions });
    const { page } = details;
    const fields = page === undefined ? pageHeaders() : customPageHeaders();
    send(request, response, status, { ...fields, ...marks }, page ?? body);
    return;
  }
  const type = `urn:manis:problem:${details.problem}`;
  const body = JSON.stringify({ type, title, status, detail: advice, code: details.problem, reason, requestId });
  send(
    request,
    response,
    status,
    {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...marks,
    },
    body,
  );
}

/** An answer of trailers alone: gRPC's own status says what is wrong, and that of HTTP that the call arrived. */
function sendGrpc(request: HttpRequest, response: HttpResponse, fields: string[]): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(200, closeOverBody(request, 400, fields));
  response.end();
  if (!request.readableEnded) request.resume();
}

/** A page of the portal. */
export function answerPage(
  request: HttpRequest,
  response: HttpResponse,
  page: {
    readonly status: number;
    readonly html: string;
    readonly formTargets?: readonly string[];
    readonly setCookies?: readonly string[];
  },
): void {
  send(
    request,
    response,
    page.status,
    { ...pageHeaders(page.formTargets), ...cookieHeader(page.setCookies) },
    page.html,
  );
}

/** Sends the browser elsewhere. 303 after a form, 302 otherwise; never kept by a cache. */
export function answerRedirect(
  request: HttpRequest,
  response: HttpResponse,
  location: string,
  setCookies: readonly string[] = [],
  status: RedirectStatus = request.method === 'GET' || request.method === 'HEAD' ? 302 : 303,
): void {
  const headers = {
    Location: location,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    ...cookieHeader(setCookies),
  };
  send(request, response, status, headers, '');
}

/** A document for programs. */
export function answerJson(
  request: HttpRequest,
  response: HttpResponse,
  status: number,
  body: string,
  cacheControl = 'no-store',
): void {
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': cacheControl,
    'X-Content-Type-Options': 'nosniff',
  };
  send(request, response, status, headers, body);
}

function cookieHeader(setCookies: readonly string[] | undefined): Record<string, string[]> {
  return setCookies && setCookies.length > 0 ? { 'Set-Cookie': [...setCookies] } : {};
}

/** Answers before the request's body was read: a small body is thrown away, a large one ends the connection. */
export function send(
  request: HttpRequest,
  response: HttpResponse,
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  const closing = mayDiscardBody(request) ? {} : { Connection: 'close' };
  response.writeHead(status, { ...headers, 'Content-Length': String(bytes.length), ...closing } as Record<
    string,
    string | string[]
  >);
  response.end(bytes);
  if (!request.readableEnded) request.resume();
}

/**
 * Adds to the fields of somebody else's answer that the connection closes after it, where the request failed and much of
 * its body may be still to come: nobody wants it, and to read it all would be free traffic for whoever sends it.
 */
export function closeOverBody(request: HttpRequest, status: number, fields: string[]): string[] {
  if (status >= 400 && !mayDiscardBody(request)) fields.push('Connection', 'close');
  return fields;
}

function mayDiscardBody(request: HttpRequest): boolean {
  if (request.complete) return true;
  if (request.headers.expect !== undefined || request.headers['transfer-encoding'] !== undefined) return false;
  return Number(request.headers['content-length'] ?? 0) <= MAXIMUM_DISCARDED_BODY_BYTES;
}
