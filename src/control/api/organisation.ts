import { z } from 'zod';
import {
  allOrganisations,
  findOrganisation,
  type OrganisationsTable,
  type Queries,
  updateOrganisation,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { SESSION_LIFETIME_MIN_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { domainsOf } from '../host-claims.ts';
import { dnsName } from '../host-names.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { issuersOf } from '../publish/records.ts';
import { QUOTA_NOUNS, type QuotaNoun, quotaOf } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, name, unixMs } from './schemas.ts';

export const organisation = z.object({
  id,
  name: z.string(),
  dnsZone: z.string().nullable().describe("zone that is delegated to the PoPs' name servers"),
  certificateIssuers: z
    .array(z.string())
    .describe('authorities that may issue certificates for its names (CAA); none: any'),
  domains: z.array(z.string()).describe('names below which no other organisation has hosts'),
  sessionIdleMs: z.number().int(),
  sessionAbsoluteMs: z.number().int(),
  quotas: z
    .record(z.enum(QUOTA_NOUNS), z.number().int().nullable())
    .describe('how many it may have of each; null: as many as the installation'),
  createdUnixMs: unixMs,
});

/** No shorter than is renewed in time, no longer than sessions may last at all. */
export const sessionLifetime = z
  .number()
  .int()
  .min(SESSION_LIFETIME_MIN_MS)
  .max(90 * 86_400_000);

const changes = z.strictObject({
  name: name.optional(),
  dnsZone: z.string().max(253).nullable().optional(),
  certificateIssuers: z.array(z.string().max(253)).max(8).optional(),
  sessionIdleMs: sessionLifetime.optional().describe('after this long without a request a session ends'),
  sessionAbsoluteMs: sessionLifetime.optional(),
});

export function organisationRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['organisation'];

  api.get(
    '/organisation',
    {
      config: { access: 'organisation.read', refusals: ['not-found'] },
      schema: { tags, summary: 'Read the organisation', response: { 200: organisation } },
    },
    async (request) => organisationItem(control, await requireOrganisation(store.database, organisationOf(request))),
  );

  api.patch(
    '/organisation',
    {
      config: { access: 'organisation.write', refusals: ['host-invalid', 'name-taken', 'not-found'] },
      schema: { tags, summary: 'Change the organisation', body: changes, response: { 200: organisation } },
    },
    async (request) => {
      const { body } = request;
      const organisationId = organisationOf(request);
      requireZoneRights(principalOf(request), body, organisationId === control.organisationId);
      const { name: newName, dnsZone, certificateIssuers, sessionIdleMs, sessionAbsoluteMs } = body;
      const row = {
        ...(newName !== undefined && { name: newName }),
        ...(dnsZone !== undefined && { dns_zone: dnsZone === null ? null : dnsName('dnsZone', dnsZone) }),
        ...(certificateIssuers && { certificate_issuers: JSON.stringify(issuersIn(certificateIssuers)) }),
        ...(sessionIdleMs !== undefined && { session_idle_ms: sessionIdleMs }),
        ...(sessionAbsoluteMs !== undefined && { session_absolute_ms: sessionAbsoluteMs }),
      };
      return publishChange(control, principalOf(request), async (transaction) => {
        if (newName !== undefined) await requireFreeName(transaction, newName, organisationId);
        await updateOrganisation(transaction, organisationId, row);
        const changed = organisationItem(control, await requireOrganisation(transaction, organisationId));
        return { value: changed, note: { action: 'organisation.update', subject: organisationId, detail: body } };
      });
    },
  );
}

/** The zone that PoPs answer for is the installation's; its names are kept in its first organisation. */
function requireZoneRights(principal: Principal, body: z.output<typeof changes>, isFirst: boolean): void {
  if (body.dnsZone === undefined && body.certificateIssuers === undefined) return;
  if (!principal.permissions.has('installation.write'))
    throw new ControlFailure('rights-missing', 'the zone is the installation’s: this needs installation.write');
  if (!isFirst)
    throw new ControlFailure('rights-missing', 'the zone of the PoPs is kept in the first organisation alone');
}

const issuersIn = (names: readonly string[]): string[] => names.map((one) => dnsName('certificateIssuers', one));

export async function requireOrganisation(queries: Queries, organisationId: string): Promise<OrganisationsTable> {
  const row = await findOrganisation(queries, organisationId);
  if (!row) throw notFound('organisation', organisationId);
  return row;
}

/** Names are shown to people of all organisations, and claims name organisations by them. Failure `name-taken`. */
export async function requireFreeName(queries: Queries, wanted: string, ownId?: string): Promise<void> {
  const folded = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
  const others = (await allOrganisations(queries)).filter(({ id: other }) => other !== ownId);
  if (others.some(({ name: taken }) => folded(taken) === folded(wanted)))
    throw new ControlFailure('name-taken', `there is an organisation ${JSON.stringify(wanted)} already`);
}

export function organisationItem(
  control: Pick<Control, 'organisationId'>,
  row: OrganisationsTable,
): z.output<typeof organisation> {
  return {
    id: row.id,
    name: row.name,
    dnsZone: row.dns_zone,
    certificateIssuers: issuersOf(row),
    domains: domainsOf(row),
    sessionIdleMs: row.session_idle_ms,
    sessionAbsoluteMs: row.session_absolute_ms,
    quotas: Object.fromEntries(QUOTA_NOUNS.map((noun) => [noun, quotaOf(control, row, noun) ?? null])) as Record<
      QuotaNoun,
      number | null
    >,
    createdUnixMs: row.created_unix_ms,
  };
}
