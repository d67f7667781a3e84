import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ZodObject } from 'zod';
import type { Page, UsersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { EmailCodes } from '../mail/email-codes.ts';
import { refuseOwned } from '../owned-things.ts';
import { isInstallationPermission, type Permission } from '../permissions.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { authenticate, type Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { addEntityTags } from './entity-tags.ts';
import { addIdempotency } from './idempotency.ts';
import { type RefusalCode, Refusals } from './refusals.ts';
import { problem } from './schemas.ts';

/** Who may call a route: who has the permission, every account (and nothing but accounts), or everybody. */
export type Access = Permission | 'signed-in' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** With which codes it refuses, beside those of every operation of its kind. */
    refusals?: readonly RefusalCode[];
    /** And with those of changes that need any of these permissions, because it makes such changes. */
    refusesLike?: ReadonlySet<Permission>;
    /** With all of these; of routes of the API alone. */
    mayRefuse?: ReadonlySet<string>;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** The scope in which a noun adds its routes. */
function typed(app: FastifyInstance) {
  return app.withTypeProvider<ZodTypeProvider>();
}
export type Api = ReturnType<typeof typed>;

/** What every noun gets. */
export interface ApiContext {
  readonly control: Control;
  readonly sessions: PortalSessions;
  readonly codes: EmailCodes;
  /** Who asks, where the API is asked from within for somebody who was let in already; what is owned was judged by then. */
  readonly asked?: Principal;
}

/** Prepares a scope: rights on every route, the problem document in every route's description. */
export function prepareApi(app: FastifyInstance, context: ApiContext): Api {
  const declared = new Refusals();
  app.decorateRequest('principal', null);
  app.addHook('onReady', async () => declared.complete());
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined && route.method !== 'HEAD')
      throw new Error(`${route.method} ${route.url} declares no access: a permission, signed-in or public`);
    const { access, refusals = [], refusesLike } = route.config ?? {};
    const schema: FastifySchema = route.schema ?? {};
    const kind = {
      ...{ method: String(route.method), path: route.url, isPublic: access === 'public' },
      isSorted: schema.querystring instanceof ZodObject && 'sort' in schema.querystring.shape,
    };
    route.config = { ...route.config, mayRefuse: declared.add(kind, { access, refusals, refusesLike }) };
    const response = (schema.response ?? {}) as Record<string, unknown>;
    route.schema = { ...schema, response: { ...response, '4xx': problem, '5xx': problem } };
  });
  app.addHook('onRequest', async (request) => {
    // A route that declares nothing is not there: registering it failed.
    const access = request.routeOptions.config.access ?? 'installation.write';
    if (access === 'public') return;
    const principal = context.asked ?? (await authenticate(context.control, context.sessions, request));
    refuseWithout(access, principal);
    refuseOtherResource(principal, request);
    // What is done to the installation is nobody's in particular.
    request.principal = isInstallationPermission(access) ? { ...principal, organisationId: null } : principal;
    if (!context.asked) await refuseOwned(context.control, principal, request);
  });
  if (!context.asked) addIdempotency(app, context.control);
  if (!context.asked) addEntityTags(app, context.control);
  return typed(app);
}

function refuseWithout(access: Exclude<Access, 'public'>, principal: Principal): void {
  if (access === 'signed-in') {
    if (!principal.user || principal.name.startsWith('key:'))
      throw new ControlFailure('rights-missing', 'this is for people, not for API keys');
    return;
  }
  if (!isInstallationPermission(access) && principal.organisationId === null)
    throw new ControlFailure('organisation-missing', 'you are a member of no organisation');
  if (!principal.permissions.has(access))
    throw new ControlFailure('rights-missing', `this needs the permission ${access}`);
}

/** A key that is limited to resources reaches nothing but these, whatever its scopes say. */
function refuseOtherResource({ resourceIds }: Principal, request: FastifyRequest): void {
  if (resourceIds === null) return;
  const { id } = request.params as { readonly id?: unknown };
  const isOfResource = /\/resources\/:id(\/|$)/.test(request.routeOptions.url ?? '');
  if (!isOfResource || typeof id !== 'string' || !resourceIds.has(id))
    throw new ControlFailure('rights-missing', 'this key is limited to certain resources');
}

/** Who asked. Every route that is not public has one. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('a public route has no principal');
  return request.principal;
}

/** The organisation that a request is about: every query of what belongs to one takes it. */
export function organisationOf(request: FastifyRequest): string {
  const { organisationId } = principalOf(request);
  if (organisationId === null)
    throw new ControlFailure('organisation-missing', 'this is about an organisation, and you are a member of none');
  return organisationId;
}

/** The account of who asked. Failure `rights-missing` for a key that has none. */
export function accountOf(request: FastifyRequest): UsersTable {
  const { user } = principalOf(request);
  if (!user) throw new ControlFailure('rights-missing', 'this is for people, not for API keys of an organisation');
  return user;
}

/** Rows to the items of a page. */
export function pageItems<Row, Item>(page: Page<Row>, toItem: (row: Row) => Item) {
  return pageWith(page, page.rows.map(toItem));
}

/** The page of a list, with items that were made of its rows. */
export function pageWith<Item>({ next, count }: Page<unknown>, items: Item[]) {
  return { items, next, ...(count !== undefined && { count }) };
}
