import type { HttpRequest, HttpResponse } from '../../io/http/message.ts';
import type { AcmeAnswers } from './acme-answers.ts';

const PREFIX = '/.well-known/acme-challenge/';

/** Answers an authority that asks over plain HTTP (RFC 8555 section 8.3). False where the request is something else. */
export function answerChallenge(
  answers: AcmeAnswers,
  host: string,
  request: HttpRequest,
  response: HttpResponse,
): boolean {
  const path = request.url ?? '';
  if (!path.startsWith(PREFIX) || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  const text = answers.keyAuthorization(host, path.slice(PREFIX.length));
  if (text === undefined) return false;
  response.writeHead(200, [
    ...['Content-Type', 'application/octet-stream', 'Content-Length', String(text.length)],
    ...['Cache-Control', 'no-store'],
  ]);
  response.end(request.method === 'HEAD' ? undefined : text);
  return true;
}
