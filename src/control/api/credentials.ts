import { z } from 'zod';
import {
  type CredentialsTable,
  deleteCredential,
  findCredential,
  insertCredential,
  listCredentials,
  setCredentialResources,
  updateCredential,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { pathPrefixOf, resourcesToOpen } from '../credentials/credential-rules.ts';
import { makeSecret } from '../credentials/credential-secrets.ts';
import { newId } from '../ids.ts';
import { notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import {
  changes,
  credential,
  item,
  made,
  method,
  newCredential,
  refuseForeignFields,
  secret as secretShape,
  shownOnce,
} from './credential-shapes.ts';
import { credentialsQuery, id, idParams, nothing, pageOf } from './schemas.ts';

export function credentialRoutes(api: Api, context: ApiContext): void {
  readCredentialRoutes(api, context);
  addCredentialRoutes(api, context);
  rotateCredentialRoutes(api, context);
  changeCredentialRoutes(api, context);
  endCredentialRoutes(api, context);
}

const tags = ['credentials'];

function readCredentialRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;

  api.get(
    '/credentials',
    {
      config: { access: 'credential.read' },
      schema: {
        tags,
        summary: 'List PINs, resource passwords, share links, service tokens and header credentials',
        querystring: credentialsQuery.extend({ resourceId: id.optional(), method: method.optional() }),
        response: { 200: pageOf(credential) },
      },
    },
    async (request) => {
      const filter = { organisationId: organisationOf(request), ...request.query };
      return pageItems(await listCredentials(store.database, filter, request.query), (row) => item(control, row));
    },
  );

  api.get(
    '/credentials/:id',
    {
      config: { access: 'credential.read' },
      schema: { tags, summary: 'Read a credential', params: idParams, response: { 200: credential } },
    },
    async (request) => {
      const row = await findCredential(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('credential', request.params.id);
      return item(control, row);
    },
  );
}

function addCredentialRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/credentials',
    {
      config: {
        access: 'credential.write',
        refusals: [
          'credential-taken',
          'path-invalid',
          'quota-reached',
          'resource-unknown',
          'secret-not-chosen',
          'secret-weak',
          'sign-in-busy',
        ],
      },
      schema: {
        tags,
        summary: 'Make a credential; its secret is shown this once',
        body: newCredential,
        response: { 201: made },
      },
    },
    async (request, reply) => {
      const { body } = request;
      refuseForeignFields(body);
      const { secret, hash } = await makeSecret(control, body.method, body.secret);
      const nowUnixMs = Math.round(clock.unixMs());
      const row: CredentialsTable = {
        id: newId('crd', clock, random),
        organisation_id: organisationOf(request),
        name: body.name,
        method: body.method,
        username: body.username ?? null,
        secret_hash: hash,
        version: 1,
        expires_unix_ms: body.lifetimeMs === undefined ? body.expiresUnixMs : nowUnixMs + body.lifetimeMs,
        maximum_uses: body.maximumUses,
        path_prefix: pathPrefixOf(body.pathPrefix),
        created_unix_ms: nowUnixMs,
        rotated_unix_ms: nowUnixMs,
      };
      const opened = await publishChange(control, principalOf(request), async (transaction) => {
        const resources = await resourcesToOpen(transaction, row, body.resourceIds);
        await requireRoom(control, transaction, row.organisation_id, 'credentials');
        await insertCredential(transaction, row);
        await setCredentialResources(transaction, row.id, body.resourceIds);
        const { secret: _secret, ...detail } = body;
        return { value: resources, note: { action: 'credential.add', subject: row.id, detail } };
      });
      const whole = { ...row, resourceIds: body.resourceIds, uses: undefined };
      return reply.code(201).send({ ...item(control, whole), ...shownOnce(control, row, opened, secret) });
    },
  );
}

function rotateCredentialRoutes(api: Api, { control }: ApiContext): void {
  const { clock } = control;

  api.post(
    '/credentials/:id/rotate',
    {
      config: {
        access: 'credential.write',
        refusals: ['credential-taken', 'resource-unknown', 'secret-not-chosen', 'secret-weak', 'sign-in-busy'],
      },
      schema: {
        tags,
        summary: 'Give a credential a new secret; the old one and the sessions that it began end at once',
        params: idParams,
        body: z.strictObject({ secret: secretShape }),
        response: { 200: made },
      },
    },
    async (request) => {
      const { id: credentialId } = request.params;
      const organisationId = organisationOf(request);
      const before = await findCredential(control.store.database, organisationId, credentialId);
      if (!before) throw notFound('credential', credentialId);
      const { secret, hash } = await makeSecret(control, before.method, request.body.secret);
      const { row, opened } = await publishChange(control, principalOf(request), async (transaction) => {
        const found = await findCredential(transaction, organisationId, credentialId);
        if (!found) throw notFound('credential', credentialId);
        const atUnixMs = Math.round(clock.unixMs());
        const version = found.version + 1;
        await updateCredential(transaction, credentialId, { secret_hash: hash, version, rotated_unix_ms: atUnixMs });
        const row = { ...found, version, rotated_unix_ms: atUnixMs, uses: undefined };
        const opened = await resourcesToOpen(transaction, row, row.resourceIds);
        const revoke = [{ kind: 'credential', credentialId, minimumVersion: version, atUnixMs } as const];
        return { value: { row, opened }, note: { action: 'credential.rotate', subject: credentialId }, revoke };
      });
      return { ...item(control, row), ...shownOnce(control, row, opened, secret) };
    },
  );
}

function changeCredentialRoutes(api: Api, { control }: ApiContext): void {
  api.patch(
    '/credentials/:id',
    {
      config: { access: 'credential.write', refusals: ['credential-taken', 'path-invalid', 'resource-unknown'] },
      schema: { tags, summary: 'Change a credential', params: idParams, body: changes, response: { 200: credential } },
    },
    async (request) => {
      const { body } = request;
      const { id: credentialId } = request.params;
      const organisationId = organisationOf(request);
      return publishChange(control, principalOf(request), async (transaction) => {
        const found = await findCredential(transaction, organisationId, credentialId);
        if (!found) throw notFound('credential', credentialId);
        refuseForeignFields({ ...body, method: found.method, username: found.username ?? undefined });
        if (body.resourceIds) {
          await resourcesToOpen(transaction, found, body.resourceIds);
          await setCredentialResources(transaction, credentialId, body.resourceIds);
        }
        await updateCredential(transaction, credentialId, {
          ...(body.name !== undefined && { name: body.name }),
          ...(body.expiresUnixMs !== undefined && { expires_unix_ms: body.expiresUnixMs }),
          ...(body.maximumUses !== undefined && { maximum_uses: body.maximumUses }),
          ...(body.pathPrefix !== undefined && { path_prefix: pathPrefixOf(body.pathPrefix) }),
        });
        const row = await findCredential(transaction, organisationId, credentialId);
        if (!row) throw notFound('credential', credentialId);
        return { value: item(control, row), note: { action: 'credential.change', subject: row.id, detail: body } };
      });
    },
  );
}

function endCredentialRoutes(api: Api, { control }: ApiContext): void {
  api.delete(
    '/credentials/:id',
    {
      config: { access: 'credential.write' },
      schema: {
        tags,
        summary: 'Revoke a credential; sessions and streams that it opened end at once',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: credentialId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        const found = await findCredential(transaction, organisationOf(request), credentialId);
        if (!found) throw notFound('credential', credentialId);
        await deleteCredential(transaction, credentialId);
        const atUnixMs = Math.round(control.clock.unixMs());
        const minimumVersion = found.version + 1;
        const detail = { name: found.name, method: found.method };
        return {
          value: undefined,
          note: { action: 'credential.revoke', subject: credentialId, detail },
          revoke: [{ kind: 'credential', credentialId, minimumVersion, atUnixMs }],
        };
      });
      return reply.code(204).send(null);
    },
  );
}
