/** How much of its quotas an organisation uses: its own in the settings, any for administrators of the installation. */
import { z } from 'zod';
import {
  captureSizesOf,
  countAuditedRequests,
  countOwned,
  type OrganisationsTable,
  requestLogSizes,
  streamResourcesOf,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { QUOTA_NOUNS, type QuotaNoun, quotaOf } from '../quotas.ts';
import { portCountOf } from '../stream-resources.ts';
import { type Api, type ApiContext, organisationOf } from './api.ts';
import { requireOrganisation } from './organisation.ts';
import { idParams } from './schemas.ts';

const MEGABYTE = 1024 * 1024;

const usage = z.object({
  quotas: z.array(
    z.object({
      noun: z.enum(QUOTA_NOUNS),
      used: z.number().int(),
      most: z.number().int().nullable().describe('null: as many as the installation'),
    }),
  ),
});

export function usageRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  const response = { 200: usage };

  api.get(
    '/organisation/usage',
    {
      config: { access: 'organisation.read', refusals: ['not-found'] },
      schema: { tags: ['organisation'], summary: 'Read how much of its quotas the organisation uses', response },
    },
    async (request) => usageOf(control, await requireOrganisation(database, organisationOf(request))),
  );

  api.get(
    '/organisations/:id/usage',
    {
      config: { access: 'tenant.read' },
      schema: {
        tags: ['organisations'],
        summary: 'Read how much of its quotas an organisation uses',
        params: idParams,
        response,
      },
    },
    async (request) => usageOf(control, await requireOrganisation(database, request.params.id)),
  );
}

async function usageOf(control: Control, row: OrganisationsTable): Promise<z.output<typeof usage>> {
  const used = async (noun: QuotaNoun) => ({
    noun,
    used: await usedOf(control, row.id, noun),
    most: quotaOf(control, row, noun) ?? null,
  });
  return { quotas: await Promise.all(QUOTA_NOUNS.map(used)) };
}

async function usedOf({ store, clock }: Control, organisationId: string, noun: QuotaNoun): Promise<number> {
  const { database } = store;
  switch (noun) {
    case 'streamPorts':
      return (await streamResourcesOf(database, organisationId)).reduce((sum, row) => sum + portCountOf(row), 0);
    case 'auditedRequests':
      return countAuditedRequests(database, organisationId);
    case 'requestLogMegabytes': {
      const days = (await requestLogSizes(database)).filter((day) => day.organisation_id === organisationId);
      return Math.ceil(days.reduce((sum, day) => sum + day.size_bytes, 0) / MEGABYTE);
    }
    case 'captureMegabytes':
      return Math.ceil((await captureSizesOf(database, organisationId)).bytes / MEGABYTE);
    default:
      return countOwned(database, noun, organisationId, clock.unixMs());
  }
}
