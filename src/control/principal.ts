/** Who calls the API: an API key or token, or a person with a portal session in a browser; and in which organisation. */
import type { FastifyRequest } from 'fastify';
import { PORTAL_COOKIE, type PortalClaims, readManisCookies } from '../core/session/index.ts';
import { hashSecret } from '../io/secrets.ts';
import {
  type ApiTokensTable,
  effectiveRoles,
  findApiKeyByHash,
  findApiTokenByHash,
  findUser,
  membershipsOf,
  touchApiKey,
  touchApiToken,
  type UsersTable,
} from '../io/store/index.ts';
import { API_KEY_PREFIX, TOKEN_TOUCH_INTERVAL_MS } from './constants.ts';
import type { Actor, Control } from './control.ts';
import { INSTALLATION_PERMISSIONS, knownPermissions, type Permission, permissionsOfRoles } from './permissions.ts';
import type { PortalSessions } from './portal-sessions.ts';
import { ControlFailure } from './problems.ts';
import { PROGRAM_TOKEN_LIFE_MAX_MS } from './program-sign-ins/constants.ts';
import { reachOf } from './session-reach.ts';

export interface Principal extends Actor {
  /** The account; null for a key that belongs to an organisation. */
  readonly user: UsersTable | null;
  /** The organisation in which the request is made; null for who is a member of none. */
  readonly organisationId: string | null;
  /** What may be done in this request: by the roles in its organisation, as far as a key's scopes go. */
  readonly permissions: ReadonlySet<Permission>;
  readonly isInstallationAdmin: boolean;
  /** The resources that a key is for; null: all of the organisation's. */
  readonly resourceIds: ReadonlySet<string> | null;
  /** The one organisation that the session reaches, where an identity provider vouched for it; null: all. */
  readonly reach: string | null;
  /** The portal session, where that is what proved it. */
  readonly sessionId: string | null;
  /** What that says. Left out: there is none. */
  readonly portal?: PortalClaims;
  readonly methods: readonly string[];
  readonly authenticatedAtUnixMs: number;
}

/** Header in which a PoP, proved by its link, says who its client is. */
const CLIENT_ADDRESS_HEADER = 'x-manis-client-address';
const LINK_HEADER = 'x-manis-link';
/** Header that chooses the organisation of a request. */
export const ORGANISATION_HEADER = 'manis-organisation';

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

/** Who it is; a ControlFailure where it is nobody, or the organisation that is asked for is none of theirs. */
export async function authenticate(
  control: Control,
  sessions: PortalSessions,
  request: FastifyRequest,
): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return byBearer(control, request, authorization);
  const token = portalToken(request);
  if (token === undefined)
    throw new ControlFailure('authentication-required', 'sign in, or send an API key as Authorization: Bearer');
  refuseForeignOrigin(control, request);
  const session = await sessions.verify(token);
  if (!session) throw new ControlFailure('authentication-failed', 'the session has ended; sign in again');
  return {
    ...(await personOf(control, request, session.user, await reachOf(control, session.claims.via))),
    name: `user:${session.user.id}`,
    sessionId: session.row.id,
    portal: session.claims,
    methods: session.claims.methods,
    authenticatedAtUnixMs: session.claims.authenticatedAtUnixMs,
  };
}

function byBearer(control: Control, request: FastifyRequest, authorization: string): Promise<Principal> {
  const secret = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1];
  if (secret === undefined) throw unknownSecret();
  return secret.startsWith(`${API_KEY_PREFIX}_`) ? byKey(control, request, secret) : byToken(control, request, secret);
}

/** An API token is its user, with all of their rights. */
async function byToken(control: Control, request: FastifyRequest, secret: string): Promise<Principal> {
  const { database } = control.store;
  const token = await findApiTokenByHash(database, hashSecret(secret));
  const unixMs = Math.round(control.clock.unixMs());
  const user = token && (await findUser(database, token.user_id));
  if (!token || !user || user.disabled === 1 || hasEnded(token, unixMs)) throw unknownSecret();
  // A program that was signed in is signed out where all sessions are.
  if (typeof token.session_epoch === 'number' && token.session_epoch < user.session_epoch) throw unknownSecret();
  if (unixMs - (token.last_used_unix_ms ?? 0) > TOKEN_TOUCH_INTERVAL_MS)
    await touchApiToken(database, token.id, { last_used_unix_ms: unixMs, ...prolonged(token, unixMs) });
  return { ...(await personOf(control, request, user)), name: `token:${token.id}`, ...machine(unixMs) };
}

/** The sign-in of a program goes on by being used, up to a year. */
function prolonged({ idle_ms: idleMs, created_unix_ms: created }: ApiTokensTable, unixMs: number) {
  if (typeof idleMs !== 'number') return {};
  return { expires_unix_ms: Math.min(unixMs + idleMs, created + PROGRAM_TOKEN_LIFE_MAX_MS) };
}

/** An API key may what its scopes say; one that belongs to a user, no more than that user may now. */
async function byKey(control: Control, request: FastifyRequest, secret: string): Promise<Principal> {
  const { database } = control.store;
  const key = await findApiKeyByHash(database, hashSecret(secret));
  const unixMs = Math.round(control.clock.unixMs());
  if (!key || hasEnded(key, unixMs)) throw unknownSecret();
  const user = key.user_id === null ? null : await findUser(database, key.user_id);
  if (user === undefined || user?.disabled === 1) throw unknownSecret();
  const asked = request.headers[ORGANISATION_HEADER];
  if (asked !== undefined && asked !== key.organisation_id) throw unknownOrganisation();
  const permissions = new Set<Permission>(knownPermissions(key.scopes));
  if (user) {
    const allowed = permissionsOfRoles(await effectiveRoles(database, key.organisation_id, user.id));
    for (const scope of permissions) if (!(allowed as ReadonlySet<Permission>).has(scope)) permissions.delete(scope);
  }
  if (unixMs - (key.last_used_unix_ms ?? 0) > TOKEN_TOUCH_INTERVAL_MS) await touchApiKey(database, key.id, unixMs);
  return {
    user,
    organisationId: key.organisation_id,
    permissions,
    isInstallationAdmin: false,
    reach: null,
    resourceIds: key.resource_ids === null ? null : new Set(JSON.parse(key.resource_ids) as string[]),
    clientAddress: clientAddressOf(control, request),
    name: `key:${key.id}`,
    ...machine(unixMs),
  };
}

function machine(unixMs: number) {
  return { sessionId: null, methods: ['service-token'], authenticatedAtUnixMs: unixMs };
}

function hasEnded({ expires_unix_ms: expires }: { readonly expires_unix_ms: number | null }, unixMs: number): boolean {
  return expires !== null && expires <= unixMs;
}

/** An account in one of its organisations: the one that the header names, else the one it joined first of all there are. */
async function personOf(control: Control, request: FastifyRequest, user: UsersTable, reach: string | null = null) {
  const { database } = control.store;
  const all = await membershipsOf(database, user.id);
  const memberships = reach === null ? all : all.filter(({ organisation_id }) => organisation_id === reach);
  const asked = request.headers[ORGANISATION_HEADER];
  const membership = memberships.find(({ organisation_id }) => asked === undefined || organisation_id === asked);
  if (asked !== undefined && !membership) throw unknownOrganisation();
  const organisationId = membership?.organisation_id ?? null;
  const roles = organisationId === null ? [] : await effectiveRoles(database, organisationId, user.id);
  const isInstallationAdmin = user.installation_admin === 1 && (reach === null || reach === control.organisationId);
  const permissions = new Set<Permission>(permissionsOfRoles(roles));
  if (isInstallationAdmin) for (const permission of INSTALLATION_PERMISSIONS) permissions.add(permission);
  const clientAddress = clientAddressOf(control, request);
  return { user, organisationId, permissions, isInstallationAdmin, reach, resourceIds: null, clientAddress };
}

function unknownSecret(): ControlFailure {
  return new ControlFailure('authentication-failed', 'the API key is unknown, has expired or has been revoked');
}

function unknownOrganisation(): ControlFailure {
  return new ControlFailure('organisation-unknown', 'there is no such organisation, or you are no member of it');
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
 * Nothing is read for pages of others either: they see no answer, but how long it took, and streams that are full.
 */
function refuseForeignOrigin(control: Control, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    throw new ControlFailure('origin-refused', 'with a cookie this answers the portal itself alone');
  }
  const ours = [control.url(), `https://${control.portalHost}:${control.publicPort}`];
  if (control.publicPort === 443) ours.push(`https://${control.portalHost}`);
  const isOurs = site === undefined ? origin !== undefined && ours.includes(origin) : site === 'same-origin';
  if (!isOurs) throw new ControlFailure('origin-refused', 'a change by cookie must come from the portal itself');
}
