import { z } from 'zod';
import {
  type ConnectorDiagnosesTable,
  findConnector,
  findConnectorDiagnosis,
  putConnectorDiagnosis,
  type Queries,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { keptDiagnosis, nextWish } from '../diagnoses.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, idParams, unixMs } from './schemas.ts';

const finding = z.object({
  code: z
    .string()
    .describe('udp-blocked, tls-blocked, name-not-found, clock-wrong, ...; a newer connector may say others'),
  weight: z.enum(['bad', 'note']).describe('bad: traffic suffers or cannot pass; note: Manis copes'),
  what: z.string(),
  advice: z.string().describe('what to do about it'),
});
const way = z.object({
  pop: z.string().describe('its name'),
  by: z.enum(['udp', 'tls']),
  place: z.string().describe('host:port, as the PoP announces it'),
  outcome: z.enum(['ok', 'name-not-found', 'no-answer', 'proxy-refused', 'no-carrier']),
  detail: z.string().nullable().describe('in the words of whoever refused'),
  rttMs: z.number().nullable().describe('round trip of UDP; of TLS, the time to connect'),
  loss: z.number().nullable().describe('share of datagrams that got lost, 0 to 1'),
  largestBytes: z.number().int().nullable().describe('largest datagram that came through'),
  bytesPerSecond: z.number().int().nullable().describe('measured only when somebody asks'),
});
const diagnosis = z.object({
  connectorId: id,
  askedUnixMs: unixMs.nullable().describe('when somebody asked it last to look'),
  isAwaited: z.boolean().describe('what it found since is not there yet'),
  takenUnixMs: unixMs.nullable().describe('when control heard it; null: nothing came yet'),
  software: z.string().nullable(),
  proxy: z.string().nullable().describe('the proxy that it goes out through'),
  popsLeftOut: z.number().int().describe('PoPs that were not looked at, because there are many'),
  findings: z.array(finding).describe('the worst first; empty: nothing stands in the way'),
  ways: z.array(way),
});

/** What a connector found out about its network, and the wish that it looks again. */
export function diagnosisRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['connectors'];

  api.get(
    '/connectors/:id/diagnosis',
    {
      config: { access: 'site.read' },
      schema: {
        tags,
        summary: 'What a connector found out about the network between it and the PoPs',
        params: idParams,
        response: { 200: diagnosis },
      },
    },
    async (request) => {
      const { id: connectorId } = request.params;
      await ofOrganisation(store.database, organisationOf(request), connectorId);
      return shown(connectorId, await findConnectorDiagnosis(store.database, connectorId));
    },
  );

  api.post(
    '/connectors/:id/examine',
    {
      config: { access: 'site.write' },
      schema: {
        tags,
        summary: 'Let a connector look at its network; what it finds is there some seconds later',
        params: idParams,
        response: { 200: diagnosis },
      },
    },
    async (request) => {
      const { id: connectorId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        const { organisation_id } = await ofOrganisation(transaction, organisationOf(request), connectorId);
        const before = await findConnectorDiagnosis(transaction, connectorId);
        const asked = nextWish(before?.asked ?? 0, clock.unixMs());
        await putConnectorDiagnosis(transaction, { connector_id: connectorId, organisation_id }, { asked });
        const value = shown(connectorId, { diagnosis: null, taken_unix_ms: null, ...before, asked });
        return { value, note: { action: 'connector.examine', subject: connectorId } };
      });
    },
  );
}

async function ofOrganisation(queries: Queries, organisationId: string, connectorId: string) {
  const row = await findConnector(queries, organisationId, connectorId);
  if (!row) throw notFound('connector', connectorId);
  return row;
}

function shown(
  connectorId: string,
  row: Pick<ConnectorDiagnosesTable, 'asked' | 'diagnosis' | 'taken_unix_ms'> | undefined,
): z.output<typeof diagnosis> {
  const { asked = 0, taken_unix_ms: takenUnixMs = null } = row ?? {};
  const kept = keptDiagnosis(row);
  return {
    connectorId,
    askedUnixMs: asked === 0 ? null : asked,
    isAwaited: asked > (kept?.asked ?? 0),
    takenUnixMs: kept ? takenUnixMs : null,
    software: kept?.software ?? null,
    proxy: kept?.proxy ?? null,
    popsLeftOut: kept?.popsLeftOut ?? 0,
    findings: [...(kept?.findings ?? [])],
    ways: (kept?.ways ?? []).map(({ pop, by, place, outcome, ...found }) => ({
      ...{ pop, by, place, outcome, detail: found.detail ?? null },
      ...{ rttMs: found.rttMs ?? null, loss: found.loss ?? null },
      largestBytes: found.largestBytes ?? null,
      bytesPerSecond: found.bytesPerSecond === undefined ? null : Math.round(found.bytesPerSecond),
    })),
  };
}
