/** What PoPs ask control when somebody comes back from an identity provider, or has signed out there. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { effectiveRoles, findAnyIdentityProvider, readCounters } from '../../io/store/index.ts';
import { problem, version } from '../api/schemas.ts';
import { audit } from '../change.ts';
import type { Control } from '../control.ts';
import { judgeDevice } from '../factors/device-proof.ts';
import { afterFirstStep } from '../factors/first-step.ts';
import { deviceProof } from '../factors/shapes.ts';
import { permissionsOfRoles } from '../permissions.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { describeAnswer } from '../providers/describe-answer.ts';
import { connectIdentity, signInThrough, understand } from '../providers/provider-sign-in.ts';
import { signOutFrom } from '../providers/provider-sign-out.ts';
import { reachOf, requireWholeAccount } from '../session-reach.ts';
import { askingPop, browser, client, firstStep, firstStepItem, token } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };
const secret = z.string().min(1).max(64);
const returned = z.strictObject({
  providerId: z.string().min(1).max(128),
  attempt: z.strictObject({ id: secret, nonce: secret, verifier: secret, fresh: z.boolean() }),
  query: z.string().max(16_384),
  ...client,
});

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('passed'), step: firstStep, version, idToken: z.string().optional() }),
  z.object({ kind: z.literal('refused'), reason: z.string() }),
]);

export function providerRoutes(app: FastifyInstance, control: Control, sessions: PortalSessions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  otherPurposes(app, control, sessions);
  signOutRoute(app, control);

  typed.post(
    '/providers/sign-in',
    {
      schema: {
        body: returned.extend({ browser, remembered: token.optional(), device: deviceProof.optional() }),
        response: { 200: outcome, ...answers },
      },
    },
    async (request) => {
      const { body } = request;
      const origin = { ...body, popId: askingPop(control, request) };
      const understood = await understand(control, body);
      const result = await signInThrough(control, understood, origin);
      if (result.kind === 'refused') return result;
      const { user, methods, answer } = result;
      const via = { providerId: body.providerId, ...(answer.sid !== undefined && { sid: answer.sid }) };
      const binding = { purpose: 'sign-in', browser: body.browser, within: '' } as const;
      const deviceKeyId = await judgeDevice(control, user.id, body.device, binding);
      const facts = { via, ...(deviceKeyId !== undefined && { deviceKeyId }) };
      const proof = { methods, facts, provedUnixMs: answer.authenticatedAtUnixMs };
      const first = await afterFirstStep(control, sessions, user, proof, origin);
      const idToken = understood.settings.signOut && answer.idToken !== undefined && { idToken: answer.idToken };
      if (first.kind === 'signed-in') {
        const actor = { name: `user:${user.id}`, clientAddress: body.clientAddress };
        const detail = { popId: origin.popId, providerId: body.providerId, methods };
        await audit(control, control.store.database, actor, { action: 'sign-in', subject: first.claims.id, detail });
      }
      // A new account, or a new role, has to be there before the browser goes on.
      const { epoch, revision } = await readCounters(control.store.database);
      return { kind: 'passed' as const, step: firstStepItem(first), version: { epoch, revision }, ...idToken };
    },
  );
}

/** What comes of an answer where nobody signs in by it. */
function otherPurposes(app: FastifyInstance, control: Control, sessions: PortalSessions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(
    '/providers/connect',
    {
      schema: {
        body: returned.extend({ token }),
        response: { 200: z.object({ connected: z.boolean() }), ...answers },
      },
    },
    async (request) => {
      const { body } = request;
      const origin = { ...body, popId: askingPop(control, request) };
      const session = await sessions.verify(body.token);
      if (!session) throw new ControlFailure('session-ended', 'the session has ended; sign in again');
      await requireWholeAccount(control, session.user, await reachOf(control, session.claims.via));
      return { connected: await connectIdentity(control, await understand(control, body), session.user, origin) };
    },
  );

  typed.post(
    '/providers/try',
    { schema: { body: returned.extend({ token }), response: { 200: z.looseObject({}), ...answers } } },
    async (request) => {
      const session = await sessions.verify(request.body.token);
      const row = await findAnyIdentityProvider(control.store.database, request.body.providerId);
      const roles =
        session && row ? await effectiveRoles(control.store.database, row.organisation_id, session.user.id) : [];
      if (!permissionsOfRoles(roles).has('provider.write'))
        throw new ControlFailure('rights-missing', 'testing a provider needs the permission provider.write');
      return describeAnswer(control, await understand(control, request.body));
    },
  );
}

function signOutRoute(app: FastifyInstance, control: Control): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(
    '/providers/sign-out',
    {
      schema: {
        body: z.strictObject({
          providerId: z.string().min(1).max(128),
          logoutToken: z.string().min(1).max(16_384),
          clientAddress: client.clientAddress,
        }),
        response: { 204: z.null(), ...answers },
      },
    },
    async (request, reply) => {
      const { providerId, logoutToken, clientAddress } = request.body;
      await signOutFrom(control, providerId, logoutToken, clientAddress);
      return reply.code(204).send(null);
    },
  );
}
