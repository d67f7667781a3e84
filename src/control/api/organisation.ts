import { z } from 'zod';
import { findOrganisation, type OrganisationTable, type Queries, updateOrganisation } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { dnsName } from '../host-names.ts';
import { ControlFailure } from '../problems.ts';
import { issuersOf } from '../publish/records.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { id, name } from './schemas.ts';

const organisation = z.object({
  id,
  name: z.string(),
  dnsZone: z.string().nullable().describe("zone that is delegated to the PoPs' name servers"),
  certificateIssuers: z
    .array(z.string())
    .describe('authorities that may issue certificates for its names (CAA); none: any'),
});

const changes = z.strictObject({
  name: name.optional(),
  dnsZone: z.string().max(253).nullable().optional(),
  certificateIssuers: z.array(z.string().max(253)).max(8).optional(),
});

export function organisationRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['organisation'];

  api.get(
    '/organisation',
    { schema: { tags, summary: 'Read the organisation', response: { 200: organisation } } },
    async () => item(await theOne(store.database)),
  );

  api.patch(
    '/organisation',
    { schema: { tags, summary: 'Change the organisation', body: changes, response: { 200: organisation } } },
    async (request) => {
      const { name: newName, dnsZone, certificateIssuers } = request.body;
      const row = {
        ...(newName !== undefined && { name: newName }),
        ...(dnsZone !== undefined && { dns_zone: dnsZone === null ? null : dnsName('dnsZone', dnsZone) }),
        ...(certificateIssuers && { certificate_issuers: JSON.stringify(issuersIn(certificateIssuers)) }),
      };
      return publishChange(control, principalOf(request), async (transaction) => {
        await updateOrganisation(transaction, row);
        const changed = item(await theOne(transaction));
        return { value: changed, note: { action: 'organisation.update', subject: changed.id, detail: request.body } };
      });
    },
  );
}

const issuersIn = (names: readonly string[]): string[] => names.map((one) => dnsName('certificateIssuers', one));

async function theOne(queries: Queries): Promise<OrganisationTable> {
  const row = await findOrganisation(queries);
  if (!row) throw new ControlFailure('internal', 'the organisation is missing from the store');
  return row;
}

function item(row: OrganisationTable): z.output<typeof organisation> {
  return { id: row.id, name: row.name, dnsZone: row.dns_zone, certificateIssuers: issuersOf(row) };
}
