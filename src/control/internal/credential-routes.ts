/** What PoPs ask of credentials that they judge themselves: tries, uses, and what they tell of them. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { id, problem, unixMs } from '../api/schemas.ts';
import { CREDENTIAL_REPORTS_MAX } from '../constants.ts';
import type { Control } from '../control.ts';
import { grantTries, grantUse, takeReport } from '../credentials/credential-budget.ts';
import { askingPop } from './shapes.ts';

const answers = { '4xx': problem, '5xx': problem };
const count = z.number().int().min(0);
const reference = z.strictObject({ credentialId: id, version: count });
const time = unixMs.min(0).nullable();
const report = reference.extend({ uses: count, lastUsedUnixMs: time, attackedUnixMs: time });

export function credentialRoutes(app: FastifyInstance, control: Control): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(
    '/credentials/tries',
    { schema: { body: reference, response: { 200: z.object({ tries: count, untilUnixMs: unixMs }), ...answers } } },
    async (request) => grantTries(control, askingPop(control, request), request.body),
  );

  typed.post(
    '/credentials/use',
    { schema: { body: reference, response: { 200: z.object({ granted: z.boolean() }), ...answers } } },
    async (request) => ({ granted: await grantUse(control, request.body) }),
  );

  typed.post(
    '/credentials/report',
    {
      schema: {
        body: z.strictObject({ reports: z.array(report).max(CREDENTIAL_REPORTS_MAX) }),
        response: { 204: z.null(), ...answers },
      },
    },
    async (request, reply) => {
      await takeReport(control, askingPop(control, request), request.body.reports);
      return reply.code(204).send(null);
    },
  );
}
