/** What PoPs ask control about mailed codes and links. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../api/schemas.ts';
import { audit } from '../change.ts';
import type { Control } from '../control.ts';
import { afterFirstStep } from '../factors/first-step.ts';
import type { EmailCodes, ProvedAddress } from '../mail/email-codes.ts';
import { finishPasswordReset, PasswordResets, readPasswordReset } from '../mail/password-resets.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { askingPop, client, firstStepItem, password, secondStep, signedIn, token } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };
const email = z.string().min(1).max(254);
const browser = z.string().min(1).max(64);
const attempt = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const code = z.string().regex(/^\d{6}$/);

const proved = z.union([
  signedIn.extend({ kind: z.literal('user') }),
  secondStep.extend({ kind: z.literal('user') }),
  z.object({
    kind: z.literal('guest'),
    email: z.string(),
    resourceId: z.string(),
    /** The session's epoch: the time, so that a revocation ends what was proved before it. */
    epoch: z.number().int(),
  }),
]);

export interface MailRouteParts {
  readonly control: Control;
  readonly sessions: PortalSessions;
  readonly codes: EmailCodes;
}

export function mailRoutes(app: FastifyInstance, parts: MailRouteParts): void {
  codeRoutes(app, parts);
  resetRoutes(app, parts);
}

function codeRoutes(app: FastifyInstance, { control, sessions, codes }: MailRouteParts): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(
    '/email-codes',
    {
      schema: {
        body: z.strictObject({ email, resourceId: z.string().max(128).optional(), browser, ...client }),
        response: { 202: z.object({ attempt: z.string() }), ...answers },
      },
    },
    async (request, reply) => {
      const { email: to, resourceId, ...visitor } = request.body;
      const asked = await codes.ask({ ...visitor, popId: askingPop(control, request) }, to, resourceId);
      return reply.code(202).send(asked);
    },
  );

  typed.post(
    '/email-codes/check',
    { schema: { body: z.strictObject({ attempt, code, browser, ...client }), response: { 200: proved, ...answers } } },
    async (request) => {
      const { attempt: id, code: typed, ...visitor } = request.body;
      const popId = askingPop(control, request);
      const known = await codes.check({ ...visitor, popId }, id, typed);
      const { clientAddress } = visitor;
      await audit(
        control,
        control.store.database,
        { name: nameOf(known), clientAddress },
        {
          action: 'sign-in',
          subject: known.kind === 'guest' ? known.email : known.user.id,
          detail: { popId, method: 'email-otp', ...(known.kind === 'guest' && { resourceId: known.resourceId }) },
        },
      );
      if (known.kind === 'guest') return { ...known, epoch: Math.round(control.clock.unixMs()) };
      const proof = { methods: ['email-otp'] };
      const result = await afterFirstStep(control, sessions, known.user, proof, { ...visitor, popId });
      return { kind: 'user' as const, ...firstStepItem(result) };
    },
  );
}

function nameOf(known: ProvedAddress): string {
  return known.kind === 'guest' ? `guest:${known.email}` : `user:${known.user.id}`;
}

function resetRoutes(app: FastifyInstance, { control }: MailRouteParts): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const resets = new PasswordResets(control);

  typed.post(
    '/password-resets',
    { schema: { body: z.strictObject({ email, ...client }), response: { 202: z.object({}), ...answers } } },
    async (request, reply) => {
      const { email: to, clientAddress } = request.body;
      await resets.ask({ popId: askingPop(control, request), clientAddress }, to);
      return reply.code(202).send({});
    },
  );

  typed.post(
    '/password-resets/read',
    { schema: { body: z.strictObject({ token }), response: { 200: z.object({ email: z.string() }), ...answers } } },
    async (request) => ({ email: (await readPasswordReset(control, request.body.token)).email }),
  );

  typed.post(
    '/password-resets/finish',
    { schema: { body: z.strictObject({ token, password, ...client }), response: { 204: z.null(), ...answers } } },
    async (request, reply) => {
      await finishPasswordReset(control, request.body);
      return reply.code(204).send(null);
    },
  );
}
