/** What connectors hand in, brought by a PoP: what they publish by themselves, and what they found out about their networks. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CONNECTOR_BLUEPRINT_MAX_CHARS, DIAGNOSIS_LINE_MAX_CHARS } from '../../core/link/index.ts';
import type { ApiContext } from '../api/api.ts';
import { id, problem } from '../api/schemas.ts';
import { takeFromConnector } from '../blueprints/from-connector.ts';
import { takeDiagnosis } from '../diagnoses.ts';

const answers = { '4xx': problem, '5xx': problem };
const news = z.object({ place: z.string(), reason: z.string(), text: z.string() });
const answer = z.object({
  outcome: z.enum(['applied', 'refused']),
  text: z.string(),
  problems: z.array(news),
  againMs: z.number().int().optional(),
});

export function handInRoutes(app: FastifyInstance, context: ApiContext): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const payload = z.string().max(2 * CONNECTOR_BLUEPRINT_MAX_CHARS);

  typed.post(
    '/connector-blueprints',
    {
      bodyLimit: 4 * CONNECTOR_BLUEPRINT_MAX_CHARS,
      schema: {
        body: z.strictObject({ connectorId: id, payload, proof: z.string().max(64) }),
        response: { 200: answer, ...answers },
      },
    },
    async (request) => {
      const { connectorId, ...envelope } = request.body;
      const { problems, ...taken } = await takeFromConnector(context, connectorId, envelope);
      return { ...taken, problems: [...problems] };
    },
  );

  typed.post(
    '/connector-diagnoses',
    {
      bodyLimit: 4 * DIAGNOSIS_LINE_MAX_CHARS,
      schema: {
        body: z.strictObject({ connectorId: id, diagnosis: z.string().max(DIAGNOSIS_LINE_MAX_CHARS) }),
        response: { 200: z.object({ outcome: z.enum(['kept', 'refused']) }), ...answers },
      },
    },
    async (request) => takeDiagnosis(context.control, request.body.connectorId, request.body.diagnosis),
  );
}
