import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Page } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { EmailCodes } from '../mail/email-codes.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { authenticate, type Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { problem } from './schemas.ts';

/** Who may call a route. Left out: administrators. */
export type Access = 'admin' | 'signed-in' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
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
}

/** Prepares a scope: rights on every route, the problem document in every route's description. */
export function prepareApi(app: FastifyInstance, context: ApiContext): Api {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', (route) => {
    const schema: FastifySchema = route.schema ?? {};
    const response = (schema.response ?? {}) as Record<string, unknown>;
    route.schema = { ...schema, response: { ...response, '4xx': problem, '5xx': problem } };
  });
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? 'admin';
    if (access === 'public') return;
    const principal = await authenticate(context.control, context.sessions, request);
    if (access === 'admin' && !principal.isAdmin)
      throw new ControlFailure('rights-missing', 'this needs the role admin');
    request.principal = principal;
  });
  return typed(app);
}

/** Who asked. Every route that is not public has one. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('a public route has no principal');
  return request.principal;
}

/** Rows to the items of a page. */
export function pageItems<Row, Item>(page: Page<Row>, toItem: (row: Row) => Item) {
  return { items: page.rows.map(toItem), next: page.next };
}
