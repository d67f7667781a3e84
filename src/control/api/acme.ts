/** Where certificates come from that the local authority does not issue: an ACME directory, for the installation. */
import { z } from 'zod';
import {
  type AcmeSettingsTable,
  deleteAcmeSettings,
  findAcmeAccount,
  findAcmeSettings,
  type Queries,
  setAcmeAccountUrl,
} from '../../io/store/index.ts';
import { settingsRow } from '../certificates/acme-settings.ts';
import { publishChange } from '../change.ts';
import { ControlFailure } from '../problems.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { nothing, unixMs } from './schemas.ts';

const tags = ['certificates'];

const directoryUrl = z.url({ protocol: /^https$/ }).max(2048);

const settings = z.object({
  directoryUrl: z.string(),
  contacts: z.array(z.string()),
  termsAgreed: z.boolean(),
  externalAccountKeyId: z.string().nullable(),
  hasExternalAccountKey: z.boolean().describe('the key itself is never told'),
  caPem: z.string().nullable().describe("authority to trust beside the system's when the directory is spoken with"),
  profile: z.string().nullable().describe('kind of certificate to ask for'),
  isDefault: z.boolean().describe('hosts that no domain covers get their certificates there, the portal included'),
  accountUrl: z.string().nullable().describe('null until the directory has opened the account'),
  updatedUnixMs: unixMs,
});

const newSettings = z.strictObject({
  directoryUrl,
  contacts: z.array(z.email().max(254)).max(8).default([]).describe('who is told of what concerns the account'),
  termsAgreed: z.boolean().default(false).describe('you agree to the terms of the directory'),
  externalAccountKeyId: z.string().min(1).max(512).nullable().default(null),
  externalAccountKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,512}$/, 'base64url, as the authority gave it')
    .optional()
    .describe('left out: the present one stays, where it goes to the same directory for the same key id'),
  caPem: z.string().max(65_536).nullable().default(null),
  profile: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .nullable()
    .default(null),
  isDefault: z.boolean().default(true),
});

export function acmeRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/acme',
    {
      config: { access: 'installation.read', refusals: ['acme-not-set'] },
      schema: { tags, summary: 'Which ACME directory issues certificates', response: { 200: settings } },
    },
    async () => item(database, await mustFind(database)),
  );

  api.put(
    '/acme',
    {
      config: { access: 'installation.write', refusals: ['acme-settings-invalid'] },
      schema: {
        tags,
        summary: 'Say which ACME directory issues certificates; what is left out has its default',
        body: newSettings,
        response: { 200: settings },
      },
    },
    async (request) => {
      const { body } = request;
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const value = await settingsRow(control, transaction, body);
        // Contacts and terms are told to the directory with the next order.
        await setAcmeAccountUrl(transaction, value.directory_url, null);
        const { externalAccountKey: key, ...detail } = body;
        const note = { ...detail, externalAccountKey: key !== undefined };
        return { value, note: { action: 'acme.set', subject: body.directoryUrl, detail: note } };
      });
      await control.ensureCertificates();
      return item(database, row);
    },
  );

  api.delete(
    '/acme',
    {
      config: { access: 'installation.write', refusals: ['acme-not-set'] },
      schema: { tags, summary: 'Let the local authority issue every certificate again', response: { 204: nothing } },
    },
    async (request, reply) => {
      await publishChange(control, principalOf(request), async (transaction) => {
        const { directory_url: subject } = await mustFind(transaction);
        await deleteAcmeSettings(transaction);
        return { value: undefined, note: { action: 'acme.remove', subject } };
      });
      await control.ensureCertificates();
      return reply.code(204).send(null);
    },
  );
}

async function mustFind(queries: Queries): Promise<AcmeSettingsTable> {
  const row = await findAcmeSettings(queries);
  if (!row)
    throw new ControlFailure('acme-not-set', 'no ACME directory is set, so the local authority issues everything');
  return row;
}

async function item(queries: Queries, row: AcmeSettingsTable): Promise<z.output<typeof settings>> {
  const account = await findAcmeAccount(queries, row.directory_url);
  return {
    directoryUrl: row.directory_url,
    contacts: JSON.parse(row.contacts) as string[],
    termsAgreed: row.terms_agreed === 1,
    externalAccountKeyId: row.eab_key_id,
    hasExternalAccountKey: row.eab_key !== null,
    caPem: row.ca_pem,
    profile: row.profile,
    isDefault: row.is_default === 1,
    accountUrl: account?.url ?? null,
    updatedUnixMs: row.updated_unix_ms,
  };
}
