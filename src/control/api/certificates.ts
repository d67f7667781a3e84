/** Certificates of hosts: which there are, when they end, and what becomes of the order for the next. */
import { z } from 'zod';
import { certificateState } from '../../core/certificates/index.ts';
import {
  type AcmeChallengesTable,
  acmeChallengesOf,
  type CertificateOrdersTable,
  type CertificatesTable,
  findCertificate,
  findCertificateOrder,
  listCertificateOrders,
  listCertificates,
  type Queries,
  updateCertificateOrder,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { pageOf, unixMs } from './schemas.ts';

const tags = ['certificates'];
/** Names of hosts: the portal's is as long as a name may be. */
const params = z.object({ id: z.string().min(1).max(253) });

const order = z.object({
  phase: z
    .enum(['waiting', 'ordered', 'publishing', 'proving', 'finalising'])
    .describe('waiting: no order is under way; publishing: PoPs are getting the answers to challenges'),
  directoryUrl: z.string().nullable(),
  orderUrl: z.string().nullable(),
  startedUnixMs: unixMs.nullable(),
  nextUnixMs: unixMs.describe('when it is looked at again'),
  failures: z.number().int().describe('tries in a row that failed'),
  challenges: z.array(z.object({ kind: z.string(), name: z.string() })).describe('being answered now'),
});

const certificate = z.object({
  id: z.string(),
  names: z.array(z.string()),
  source: z.enum(['local', 'acme', 'own']).describe('where the next one comes from'),
  state: z.enum(['valid', 'renewing', 'failing', 'ordering', 'missing', 'expired']),
  issuedBy: z.enum(['local', 'acme', 'own']).nullable().describe('where the present one comes from; null: none'),
  notBeforeUnixMs: unixMs.nullable(),
  notAfterUnixMs: unixMs.nullable(),
  renewUnixMs: unixMs.nullable().describe('when it is to be renewed'),
  renewalWindow: z.object({ startUnixMs: unixMs, endUnixMs: unixMs }).nullable().describe('as its authority suggests'),
  order: order.nullable(),
  error: z.object({ code: z.string(), detail: z.string(), unixMs }).nullable().describe('of the last try that failed'),
});

export function certificateRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/certificates',
    {
      config: { access: 'installation.read' },
      schema: { tags, summary: 'List certificates', response: { 200: pageOf(certificate) } },
    },
    async () => {
      const certificates = new Map((await listCertificates(database)).map((row) => [row.id, row]));
      const orders = new Map((await listCertificateOrders(database)).map((row) => [row.id, row]));
      const ids = [...new Set([...certificates.keys(), ...orders.keys()])].sort();
      const nowUnixMs = control.clock.unixMs();
      return { items: ids.map((id) => item(id, certificates.get(id), orders.get(id), [], nowUnixMs)), next: null };
    },
  );

  api.get(
    '/certificates/:id',
    {
      config: { access: 'installation.read' },
      schema: { tags, summary: 'Read a certificate', params, response: { 200: certificate } },
    },
    async (request) => readOne(database, request.params.id, control.clock.unixMs()),
  );

  api.post(
    '/certificates/:id/renew',
    {
      config: { access: 'installation.write', refusals: ['certificate-not-ordered'] },
      schema: {
        tags,
        summary: 'Order a new one now, though none is due and whatever failed before',
        params,
        response: { 202: certificate },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const nowUnixMs = Math.round(control.clock.unixMs());
      await change(control, principalOf(request), async (transaction) => {
        const present = await readOne(transaction, id, nowUnixMs);
        if (!present.order)
          throw new ControlFailure('certificate-not-ordered', 'no ACME directory issues it, so there is none to order');
        // One that is under way goes on.
        if (present.order.phase === 'waiting')
          await updateCertificateOrder(transaction, id, { renew_unix_ms: 0, next_unix_ms: nowUnixMs });
        return { value: undefined, note: { action: 'certificate.renew', subject: id } };
      });
      control.certificates.wake();
      return reply.code(202).send(await readOne(database, id, nowUnixMs));
    },
  );
}

async function readOne(queries: Queries, id: string, nowUnixMs: number): Promise<z.output<typeof certificate>> {
  const row = await findCertificate(queries, id);
  const ordered = await findCertificateOrder(queries, id);
  if (!row && !ordered) throw notFound('certificate', id);
  return item(id, row, ordered, await acmeChallengesOf(queries, id), nowUnixMs);
}

function item(
  id: string,
  row: CertificatesTable | undefined,
  ordered: CertificateOrdersTable | undefined,
  challenges: readonly AcmeChallengesTable[],
  nowUnixMs: number,
): z.output<typeof certificate> {
  const validity = row && { notBeforeUnixMs: row.not_before_unix_ms, notAfterUnixMs: row.not_after_unix_ms };
  const isOrdering = ordered !== undefined && (ordered.phase !== 'waiting' || (!row && ordered.failures === 0));
  const failures = ordered?.failures ?? 0;
  const names = ordered ? (JSON.parse(ordered.wish) as { names: string[] }).names : undefined;
  return {
    id,
    names: names ?? (JSON.parse(row?.hosts ?? '[]') as string[]),
    source: ordered ? 'acme' : (row?.source ?? 'local'),
    state: certificateState({ validity, isOrdering, failures }, nowUnixMs),
    issuedBy: row?.source ?? null,
    notBeforeUnixMs: validity?.notBeforeUnixMs ?? null,
    notAfterUnixMs: validity?.notAfterUnixMs ?? null,
    renewUnixMs: ordered && ordered.renew_unix_ms > 0 ? ordered.renew_unix_ms : null,
    renewalWindow: windowOf(ordered),
    order: ordered ? orderItem(ordered, challenges) : null,
    error: errorOf(ordered),
  };
}

function orderItem(row: CertificateOrdersTable, challenges: readonly AcmeChallengesTable[]): z.output<typeof order> {
  return {
    phase: row.phase,
    directoryUrl: row.directory_url || null,
    orderUrl: row.order_url,
    startedUnixMs: row.started_unix_ms,
    nextUnixMs: row.next_unix_ms,
    failures: row.failures,
    challenges: challenges.map(({ kind, name }) => ({ kind, name })),
  };
}

function windowOf(row: CertificateOrdersTable | undefined): z.output<typeof certificate>['renewalWindow'] {
  if (!row?.renewal) return null;
  const [startUnixMs, endUnixMs] = JSON.parse(row.renewal) as [number, number];
  return { startUnixMs, endUnixMs };
}

function errorOf(row: CertificateOrdersTable | undefined): z.output<typeof certificate>['error'] {
  if (!row?.error_code || row.error_unix_ms === null) return null;
  return { code: row.error_code, detail: row.error_text ?? '', unixMs: row.error_unix_ms };
}
