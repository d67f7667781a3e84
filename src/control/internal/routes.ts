/** What PoPs ask control on behalf of people (proved by a live link), and enrolment (proved by a token). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../api/api.ts';
import { name, problem } from '../api/schemas.ts';
import type { Control } from '../control.ts';
import { enrolConnector, enrolPop } from '../enrolment.ts';
import { factorRoutes } from '../factors/routes.ts';
import { deviceProof, token as keyChallenge, answer as passkeyAnswer } from '../factors/shapes.ts';
import { clientAddressOf } from '../principal.ts';
import { credentialRoutes } from './credential-routes.ts';
import { handInRoutes } from './hand-in-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import { programSignInRoutes } from './program-sign-in-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { finishSetUp, finishSetUpByPasskey, readSetUp } from './set-up.ts';
import {
  askingPop,
  browser,
  claimsItem,
  client,
  firstStep,
  firstStepItem,
  password,
  signedIn,
  token,
} from './shapes.ts';
import { signIn, signOut } from './sign-in.ts';

const key = z.string().max(64);
const endpoints = z.array(z.string().min(1).max(300)).max(16);

const answers = { '4xx': problem, '5xx': problem };
const renewed = signedIn.omit({ user: true });

/** `/internal/v1`: only for PoPs whose link lives. */
export function internalRoutes(app: FastifyInstance, { control, sessions, codes }: ApiContext): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  app.addHook('onRequest', async (request) => void askingPop(control, request));
  mailRoutes(app, { control, sessions, codes });
  invitationRoutes(app, control, sessions);
  factorRoutes(app, control, sessions);
  providerRoutes(app, control, sessions);
  credentialRoutes(app, control);
  handInRoutes(app, { control, sessions, codes });
  programSignInRoutes(app, control, sessions);

  typed.post(
    '/sign-in',
    {
      schema: {
        body: z.strictObject({
          ...{ email: z.string().min(1).max(254), password, browser, remembered: token.optional() },
          ...{ device: deviceProof.optional(), ...client },
        }),
        response: { 200: firstStep, ...answers },
      },
    },
    async (request) => firstStepItem(await signIn(control, sessions, askingPop(control, request), request.body)),
  );

  typed.post(
    '/sign-out',
    {
      schema: {
        body: z.strictObject({
          token,
          everywhere: z.boolean().default(false),
          resource: z.strictObject({ id: z.string().max(128), host: z.string().max(253) }).optional(),
          clientAddress: client.clientAddress.default(''),
        }),
        response: { 204: z.null(), ...answers },
      },
    },
    async (request, reply) => {
      await signOut(control, sessions, request.body);
      return reply.code(204).send(null);
    },
  );

  typed.post(
    '/sessions/renew',
    { schema: { body: z.strictObject({ token }), response: { 200: renewed, ...answers } } },
    async (request) => claimsItem(await sessions.renew(request.body.token)),
  );

  setUpRoutes(app, { control, sessions });
}

function setUpRoutes(app: FastifyInstance, { control, sessions }: Pick<ApiContext, 'control' | 'sessions'>): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/set-up/:token',
    {
      schema: {
        params: z.object({ token }),
        response: { 200: z.object({ email: z.string(), userId: z.string() }), ...answers },
      },
    },
    async (request) => {
      const { id: userId, email } = await readSetUp(control, request.params.token);
      return { email, userId };
    },
  );

  typed.post(
    '/set-up',
    {
      schema: {
        body: z.strictObject({ token, password, browser, ...client }),
        response: { 200: firstStep, ...answers },
      },
    },
    async (request) => firstStepItem(await finishSetUp(control, sessions, askingPop(control, request), request.body)),
  );

  typed.post(
    '/set-up/passkey',
    {
      schema: {
        body: z.strictObject({ token, passkey: passkeyAnswer, challenge: keyChallenge, browser, ...client }),
        response: { 200: z.object({ step: firstStep, recoveryCodes: z.array(z.string()) }), ...answers },
      },
    },
    async (request) => {
      const popId = askingPop(control, request);
      const { result, recoveryCodes } = await finishSetUpByPasskey(control, sessions, popId, request.body);
      return { step: firstStepItem(result), recoveryCodes: [...recoveryCodes] };
    },
  );
}

/** `/enrol/v1`: for whoever holds a one-time token, which names the fingerprint of the authority told here. */
export function enrolmentRoutes(app: FastifyInstance, control: Control): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const document = z.looseObject({});

  typed.get('/ca', { schema: { response: { 200: z.object({ pem: z.string() }), ...answers } } }, async () => ({
    pem: control.caPem(),
  }));

  typed.post(
    '/pop',
    {
      schema: {
        body: z.object({
          token,
          wireguardKey: key,
          signingKey: key,
          udpEndpoints: endpoints,
          httpsEndpoints: endpoints,
        }),
        response: { 201: document, ...answers },
      },
    },
    async (request, reply) => {
      const enrolled = await enrolPop(control, request.body, clientAddressOf(control, request));
      return reply.code(201).send({ ...enrolled });
    },
  );

  typed.post(
    '/connector',
    {
      schema: {
        body: z.object({ token, wireguardKey: key, name }),
        response: { 201: document, ...answers },
      },
    },
    async (request, reply) => {
      const enrolled = await enrolConnector(control, request.body, clientAddressOf(control, request));
      return reply.code(201).send({ ...enrolled });
    },
  );
}
