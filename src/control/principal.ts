/** Who calls the API: an API token, or a person with a portal session in a browser. */
import type { FastifyRequest } from 'fastify';
import { PORTAL_COOKIE, readManisCookies } from '../core/session/index.ts';
import { hashSecret } from '../io/secrets.ts';
import { findApiTokenByHash, findUser, touchApiToken, type UserWithRoles } from '../io/store/index.ts';
import { ADMIN_ROLE, TOKEN_TOUCH_INTERVAL_MS } from './constants.ts';
import type { Actor, Control } from './control.ts';
import type { PortalSessions } from './portal-sessions.ts';
import { ControlFailure } from './problems.ts';

export interface Principal extends Actor {
  readonly user: UserWithRoles;
  readonly isAdmin: boolean;
  /** The portal session, where that is what proved it. */
  readonly sessionId: string | null;
  readonly methods: readonly string[];
  readonly authenticatedAtUnixMs: number;
}

/** Header in which a PoP, proved by its link, says who its client is. */
const CLIENT_ADDRESS_HEADER = 'x-manis-client-address';
const LINK_HEADER = 'x-manis-link';

/** The client's address: the connection's, or what a PoP that passes the request on says. */
export function clientAddressOf(control: Control, request: FastifyRequest): string {
  const told = request.headers[CLIENT_ADDRESS_HEADER];
  if (typeof told === 'string' && told.length <= 64 && popOfRequest(control, request) !== undefined) return told;
  return request.socket.remoteAddress ?? '';
}

/** The PoP whose live link proves this request, or undefined. */
export function popOfRequest(control: Control, request: FastifyRequest): string | undefined {
  const header = request.headers[LINK_HEADER];
  return control.links.popOfHeader(typeof header === 'string' ? header : undefined);
}

/** Who it is; a ControlFailure where it is nobody. */
export async function authenticate(
  control: Control,
  sessions: PortalSessions,
  request: FastifyRequest,
): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return byApiToken(control, request, authorization);
  const token = portalToken(request);
  if (token === undefined)
    throw new ControlFailure('authentication-required', 'sign in, or send an API token as Authorization: Bearer');
  refuseForeignOrigin(control, request);
  const session = await sessions.verify(token);
  if (!session) throw new ControlFailure('authentication-failed', 'the session has ended; sign in again');
  return {
    ...principalOf(session.user),
    name: `user:${session.user.id}`,
    clientAddress: clientAddressOf(control, request),
    sessionId: session.row.id,
    methods: session.claims.methods,
    authenticatedAtUnixMs: session.claims.authenticatedAtUnixMs,
  };
}

async function byApiToken(control: Control, request: FastifyRequest, authorization: string): Promise<Principal> {
  const secret = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1];
  const token = secret && (await findApiTokenByHash(control.store.database, hashSecret(secret)));
  const unixMs = Math.round(control.clock.unixMs());
  const user = token && (await findUser(control.store.database, token.user_id));
  if (!token || !user || user.disabled === 1 || (token.expires_unix_ms ?? Number.POSITIVE_INFINITY) <= unixMs)
    throw new ControlFailure('authentication-failed', 'the API token is unknown, has expired or has been revoked');
  if (unixMs - (token.last_used_unix_ms ?? 0) > TOKEN_TOUCH_INTERVAL_MS)
    await touchApiToken(control.store.database, token.id, unixMs);
  return {
    ...principalOf(user),
    name: `token:${token.id}`,
    clientAddress: clientAddressOf(control, request),
    sessionId: null,
    methods: ['service-token'],
    authenticatedAtUnixMs: unixMs,
  };
}

function principalOf(user: UserWithRoles) {
  return { user, isAdmin: user.roles.includes(ADMIN_ROLE) };
}

function portalToken(request: FastifyRequest): string | undefined {
  const cookies = readManisCookies(request.headers.cookie);
  if (typeof cookies === 'string')
    throw new ControlFailure('authentication-failed', `the ${PORTAL_COOKIE} cookie is malformed`);
  return cookies.portal;
}

/**
 * A browser sends cookies with whatever any page asks for, so a request that changes something must come from our own
 * pages. `Sec-Fetch-Site` is the browser's own word, which no page can write; where it is missing, `Origin` must be ours.
 */
function refuseForeignOrigin(control: Control, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const ours = [control.url(), `https://${control.portalHost}:${control.publicPort}`];
  if (control.publicPort === 443) ours.push(`https://${control.portalHost}`);
  const isOurs = site === undefined ? origin !== undefined && ours.includes(origin) : site === 'same-origin';
  if (!isOurs) throw new ControlFailure('origin-refused', 'a change by cookie must come from the portal itself');
}
