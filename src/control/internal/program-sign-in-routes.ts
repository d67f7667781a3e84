/** What portals ask about programs that are to be signed in, on behalf of who types the code. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../api/schemas.ts';
import type { Control } from '../control.ts';
import { type OwnSession, readAsker } from '../factors/asker.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { popOfRequest } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { decideProgramSignIn, readProgramSignIn } from '../program-sign-ins/program-sign-ins.ts';
import { client, token } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };
const typed = { session: token, browser: z.string().max(64), code: z.string().max(64), ...client };
const shown = z.object({
  ...{ program: z.string(), computer: z.string(), clientAddress: z.string(), createdUnixMs: z.number() },
  relation: z.enum(['same', 'other', 'other-family']),
});

export function programSignInRoutes(app: FastifyInstance, control: Control, sessions: PortalSessions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const askerOf = async (
    request: FastifyRequest,
    body: { session: string; browser: string; clientAddress: string; userAgent: string },
  ): Promise<OwnSession> => {
    const origin = { ...body, popId: popOfRequest(control, request) ?? null };
    const asker = await readAsker(control, sessions, { session: body.session, browser: body.browser }, origin);
    if (asker.kind !== 'session') throw new ControlFailure('session-ended', 'sign in first');
    return asker;
  };

  routes.post(
    '/program-sign-ins/read',
    { schema: { body: z.strictObject(typed), response: { 200: shown, ...answers } } },
    async (request) => readProgramSignIn(await askerOf(request, request.body), request.body.code),
  );

  routes.post(
    '/program-sign-ins',
    {
      schema: { body: z.strictObject({ ...typed, approved: z.boolean() }), response: { 204: z.null(), ...answers } },
    },
    async (request, reply) => {
      const { code, approved } = request.body;
      await decideProgramSignIn(await askerOf(request, request.body), code, approved);
      return reply.code(204).send(null);
    },
  );
}
