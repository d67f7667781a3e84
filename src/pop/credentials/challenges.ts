import type { CredentialMethod } from '../../core/policy/index.ts';
import { SESSION_COOKIE } from '../../core/session/index.ts';
import type { AtResource } from '../door.ts';
import { wantsPage } from '../request-context.ts';
import type { PresentedReason } from './presented.ts';

/** The WWW-Authenticate field of a 401 (RFC 9110 section 11.6.1): every way that a program has here. */
export function challengesFor(
  { context }: AtResource,
  fault: PresentedReason | undefined,
  methods: readonly CredentialMethod[] = [],
): string {
  const { host, request } = context;
  const challenges = [`Cookie realm="${host}", cookie-name="${SESSION_COOKIE}"`];
  const isTokenFault = fault === 'token-unknown' || fault === 'token-duplicated';
  if (isTokenFault) challenges.push(`Bearer realm="${host}", error="invalid_token"`);
  else if (methods.includes('service-token')) challenges.push(`Bearer realm="${host}"`);
  // A browser would put its own window in front of the page that asked.
  const isBrowser = request.headers['sec-fetch-mode'] !== undefined || wantsPage(request);
  if (methods.includes('header') && !isBrowser) challenges.push(`Basic realm="${host}", charset="UTF-8"`);
  return challenges.join(', ');
}
