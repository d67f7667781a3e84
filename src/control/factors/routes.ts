/** What portals ask about factors on behalf of people. Proved by the PoP's link and by what the person's browser holds. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../api/schemas.ts';
import type { Control } from '../control.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { popOfRequest } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { type Asker, readAsker } from './asker.ts';
import { mailSecondStep } from './email-code.ts';
import { takeOwnChange } from './own-change.ts';
import { signInByPasskey } from './passkey-sign-in.ts';
import { finishSecondStep, readSecondStep } from './second-step.ts';
import { readSecurity } from './security-view.ts';
import { answer, deviceProof, ownChange, token } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };
const document = z.looseObject({});
const origin = { clientAddress: z.string().max(64), userAgent: z.string().max(4096).default('') };

/** Who is asking: a second step or a session, in a browser. */
const asker = z.object({ step: token.optional(), session: token.optional(), browser: z.string().max(64), ...origin });
type AskerBody = z.output<typeof asker>;

/** Adds them to `/internal/v1`. */
export function factorRoutes(app: FastifyInstance, control: Control, sessions: PortalSessions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const of = async (request: FastifyRequest, body: AskerBody): Promise<Asker> =>
    readAsker(control, sessions, body, { ...body, popId: popOfRequest(control, request) ?? null });

  typed.post(
    '/second-step/read',
    { schema: { body: asker, response: { 200: document, ...answers } } },
    async (request) => readSecondStep(await of(request, request.body)),
  );

  typed.post(
    '/second-step',
    {
      schema: {
        body: asker.extend({
          method: z.string().max(32),
          code: z.string().max(1024).default(''),
          passkey: answer.default(''),
          challenge: token.default(''),
          remember: z.boolean().default(false),
        }),
        response: { 200: document, ...answers },
      },
    },
    async (request) => {
      const {
        claims,
        token: session,
        remembered,
      } = await finishSecondStep(sessions, await of(request, request.body), request.body);
      return { token: session, expiresUnixMs: claims.expiresAtUnixMs, sessionId: claims.id, remembered };
    },
  );

  typed.post(
    '/second-step/mail',
    { schema: { body: asker, response: { 200: document, ...answers } } },
    async (request) => mailSecondStep(await of(request, request.body)),
  );

  typed.post(
    '/passkey-sign-in',
    {
      schema: {
        body: z.object({
          ...{ passkey: answer, challenge: token, browser: z.string().max(64), remembered: token.optional() },
          ...{ device: deviceProof.optional(), ...origin },
        }),
        response: { 200: document, ...answers },
      },
    },
    async (request) => signInByPasskey(control, sessions, popOfRequest(control, request) ?? null, request.body),
  );

  securityRoutes(app, sessions, of);
}

/** The "my security" page. */
function securityRoutes(
  app: FastifyInstance,
  sessions: PortalSessions,
  of: (request: FastifyRequest, body: AskerBody) => Promise<Asker>,
): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const ownSession = async (request: FastifyRequest, body: AskerBody) => {
    const who = await of(request, body);
    if (who.kind !== 'session') throw new ControlFailure('session-ended', 'sign in first');
    return who;
  };

  typed.post('/security/read', { schema: { body: asker, response: { 200: document, ...answers } } }, async (request) =>
    readSecurity(await ownSession(request, request.body)),
  );

  typed.post(
    '/security',
    { schema: { body: asker.extend({ change: ownChange }), response: { 200: document, ...answers } } },
    async (request) => takeOwnChange(sessions, await of(request, request.body), request.body.change),
  );
}
