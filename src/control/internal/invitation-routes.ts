/** What PoPs ask control about invitations, for people who have no account yet. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readCounters } from '../../io/store/index.ts';
import { name, problem, version } from '../api/schemas.ts';
import type { Control } from '../control.ts';
import { afterFirstStep } from '../factors/first-step.ts';
import { acceptInvitation, acceptWithNewAccount, readInvitation } from '../invitations.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { askingPop, browser, client, firstStep, firstStepItem, password, token } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };

export function invitationRoutes(app: FastifyInstance, control: Control, sessions: PortalSessions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const invitation = z.object({ organisation: z.string(), email: z.string(), hasAccount: z.boolean() });

  typed.get(
    '/invitations/:token',
    { schema: { params: z.object({ token }), response: { 200: invitation, ...answers } } },
    async (request) => readInvitation(control, request.params.token),
  );

  typed.post(
    '/invitations',
    {
      schema: {
        body: z.strictObject({ token, name, password, browser, ...client }),
        response: { 200: z.intersection(firstStep, z.object({ version })), ...answers },
      },
    },
    async (request) => {
      const { body } = request;
      const popId = askingPop(control, request);
      const account = await acceptWithNewAccount(control, body);
      const first = await afterFirstStep(control, sessions, account, { methods: ['password'] }, { ...body, popId });
      // The account has to be there before the browser goes on.
      const { epoch, revision } = await readCounters(control.store.database);
      return { ...firstStepItem(first), version: { epoch, revision } };
    },
  );

  typed.post(
    '/invitations/accept',
    {
      schema: {
        body: z.strictObject({ token, session: token, clientAddress: client.clientAddress }),
        response: { 200: z.object({ renewUrl: z.string() }), 204: z.null(), ...answers },
      },
    },
    async (request, reply) => {
      const session = await sessions.verify(request.body.session);
      if (!session) throw new ControlFailure('session-ended', 'the session has ended; sign in again');
      const { user } = session;
      const actor = { name: `user:${user.id}`, clientAddress: request.body.clientAddress };
      const { renewUrl } = await acceptInvitation(control, actor, user, request.body.token);
      return renewUrl === null ? reply.code(204).send(null) : reply.code(200).send({ renewUrl });
    },
  );
}
