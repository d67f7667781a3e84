import { z } from 'zod';
import { readAuthorityCertificate, readRevocationList } from '../../io/revocation-list.ts';
import {
  type ClientAuthoritiesTable,
  type ClientAuthority,
  deleteClientAuthority,
  findClientAuthority,
  findResource,
  listClientAuthorities,
  putClientAuthority,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, source, sourceItem, unixMs } from './schemas.ts';

const pem = z.string().max(200_000);
const fingerprint = z
  .string()
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal, 64 digits'));

const authority = z.object({
  id,
  name,
  resourceIds: z.array(id).describe('clients of their hosts are asked for certificates'),
  certificatePem: z.string().nullable(),
  fingerprints: z.array(z.string()).describe('certificates that are taken as they are: SHA-256'),
  revoked: z.number().int().describe('serial numbers on the list of what it revoked'),
  revocationsUntilUnixMs: unixMs.nullable().describe('when its next list is due; after that it vouches for nothing'),
  source,
  createdUnixMs: unixMs,
});

export const newClientAuthority = z.strictObject({
  name,
  resourceIds: z.array(id).max(1_000).default([]),
  certificatePem: pem.nullable().default(null),
  fingerprints: z.array(fingerprint).max(1_000).default([]),
  crlPem: pem.nullable().default(null).describe('list of what the authority revoked, signed by it'),
});
/** Without the defaults: what is left out stays as it is. */
const changes = z.strictObject({
  name: name.optional(),
  resourceIds: z.array(id).max(1_000).optional(),
  certificatePem: pem.nullable().optional(),
  fingerprints: z.array(fingerprint).max(1_000).optional(),
  crlPem: pem.nullable().optional(),
});

const tags = ['client-authorities'];

export function clientAuthorityRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  addRoutes(api, context);
  changeRoutes(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const config = { access: 'credential.read' as const };

  api.get(
    '/client-authorities',
    {
      config,
      schema: {
        tags,
        summary: 'List who vouches for certificates of clients',
        querystring: listQuery,
        response: { 200: pageOf(authority) },
      },
    },
    async (request) =>
      pageItems(await listClientAuthorities(store.database, organisationOf(request), request.query), item),
  );

  api.get(
    '/client-authorities/:id',
    { config, schema: { tags, summary: 'Read a client authority', params: idParams, response: { 200: authority } } },
    async (request) => {
      const row = await findClientAuthority(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('client authority', request.params.id);
      return item(row);
    },
  );
}

function addRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/client-authorities',
    {
      config: {
        access: 'credential.write',
        refusals: [
          'client-authority-invalid',
          'name-taken',
          'quota-reached',
          'resource-unknown',
          'revocation-list-invalid',
        ],
      },
      schema: {
        tags,
        summary: 'Trust an authority, or single certificates, for clients of some resources',
        body: newClientAuthority,
        response: { 201: authority },
      },
    },
    async (request, reply) => {
      const base = {
        id: newId('cau', clock, random),
        organisation_id: organisationOf(request),
        created_unix_ms: Math.round(clock.unixMs()),
      };
      const next = { ...base, ...(await columnsOf(request.body)) };
      const { resourceIds } = request.body;
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, next.organisation_id, 'clientAuthorities');
        await put(transaction, next, resourceIds);
        return {
          value: undefined,
          note: { action: 'client-authority.add', subject: next.id, detail: noteOf(next, resourceIds) },
        };
      });
      return reply.code(201).send(item({ ...next, resourceIds }));
    },
  );
}

function changeRoutes(api: Api, { control }: ApiContext): void {
  const config = { access: 'credential.write' as const };

  api.patch(
    '/client-authorities/:id',
    {
      config: {
        ...config,
        refusals: ['client-authority-invalid', 'name-taken', 'resource-unknown', 'revocation-list-invalid'],
      },
      schema: {
        tags,
        summary: 'Change a client authority; it counts at once, for open connections as well',
        params: idParams,
        body: changes,
        response: { 200: authority },
      },
    },
    async (request) => {
      const { id: authorityId } = request.params;
      const organisationId = organisationOf(request);
      const before = await findClientAuthority(control.store.database, organisationId, authorityId);
      if (!before) throw notFound('client authority', authorityId);
      const { body } = request;
      const whole: Whole = {
        name: body.name ?? before.name,
        resourceIds: body.resourceIds ?? [...before.resourceIds],
        certificatePem: body.certificatePem === undefined ? before.certificate_pem : body.certificatePem,
        fingerprints: body.fingerprints ?? (JSON.parse(before.fingerprints) as string[]),
        crlPem: body.crlPem === undefined ? before.crl_pem : body.crlPem,
      };
      const { resourceIds: _, ...row } = before;
      const next = { ...row, ...(await columnsOf(whole)) };
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await findClientAuthority(transaction, organisationId, authorityId)))
          throw notFound('client authority', authorityId);
        await put(transaction, next, whole.resourceIds);
        const detail = noteOf(next, whole.resourceIds);
        return { value: undefined, note: { action: 'client-authority.change', subject: authorityId, detail } };
      });
      return item({ ...next, resourceIds: whole.resourceIds });
    },
  );

  api.delete(
    '/client-authorities/:id',
    { config, schema: { tags, summary: 'Trust an authority no more', params: idParams, response: { 204: nothing } } },
    async (request, reply) => {
      const { id: authorityId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteClientAuthority(transaction, organisationOf(request), authorityId)))
          throw notFound('client authority', authorityId);
        return { value: undefined, note: { action: 'client-authority.remove', subject: authorityId } };
      });
      return reply.code(204).send(null);
    },
  );
}

type Whole = z.output<typeof newClientAuthority>;

/** Failures `client-authority-invalid`, `revocation-list-invalid`. */
async function columnsOf({ name: called, certificatePem, fingerprints, crlPem }: Whole) {
  if (certificatePem !== null) readAuthorityCertificate(certificatePem);
  else if (fingerprints.length === 0)
    throw new ControlFailure('client-authority-invalid', 'it needs a certificate of an authority, or fingerprints');
  if (crlPem !== null && certificatePem === null)
    throw new ControlFailure('revocation-list-invalid', 'crlPem: there is no authority whose list it could be');
  const list =
    crlPem === null || certificatePem === null ? undefined : await readRevocationList(crlPem, certificatePem);
  if (list && list.serials.length > REVOKED_MAX)
    throw new ControlFailure('revocation-list-invalid', `crlPem: more than ${REVOKED_MAX} certificates are on it`);
  return {
    name: called,
    certificate_pem: certificatePem,
    fingerprints: JSON.stringify([...new Set(fingerprints)]),
    crl_pem: crlPem,
    revoked_serials: JSON.stringify(list?.serials ?? []),
    crl_until_unix_ms: list?.untilUnixMs ?? null,
  };
}

/** What a snapshot's list holds. */
const REVOKED_MAX = 10_000;

async function put(
  transaction: StoreTransaction,
  row: ClientAuthoritiesTable,
  resourceIds: readonly string[],
): Promise<void> {
  for (const resourceId of resourceIds)
    if (!(await findResource(transaction, row.organisation_id, resourceId)))
      throw new ControlFailure('resource-unknown', `resourceIds: there is no resource ${JSON.stringify(resourceId)}`);
  await putClientAuthority(transaction, row, resourceIds);
}

function noteOf(row: ClientAuthoritiesTable, resourceIds: readonly string[]) {
  return {
    name: row.name,
    resourceIds,
    fingerprints: JSON.parse(row.fingerprints) as string[],
    hasCertificate: row.certificate_pem !== null,
    revoked: (JSON.parse(row.revoked_serials) as string[]).length,
  };
}

function item(row: ClientAuthority): z.output<typeof authority> {
  return {
    id: row.id,
    name: row.name,
    resourceIds: [...row.resourceIds],
    certificatePem: row.certificate_pem,
    fingerprints: JSON.parse(row.fingerprints) as string[],
    revoked: (JSON.parse(row.revoked_serials) as string[]).length,
    revocationsUntilUnixMs: row.crl_until_unix_ms,
    source: sourceItem(row),
    createdUnixMs: row.created_unix_ms,
  };
}
