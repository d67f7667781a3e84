import { z } from 'zod';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import {
  type ApiKeysTable,
  deleteApiKey,
  findApiKey,
  findResource,
  insertApiKey,
  listApiKeys,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { API_KEY_PREFIX, API_KEY_START_CHARS } from '../constants.ts';
import { newId } from '../ids.ts';
import { knownPermissions, ORGANISATION_PERMISSIONS } from '../permissions.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { requireOwn } from '../rights.ts';
import { type Api, type ApiContext, accountOf, organisationOf, pageItems, principalOf } from './api.ts';
import { permission } from './roles.ts';
import { id, idParams, listQuery, name, nothing, pageOf, unixMs } from './schemas.ts';

const tags = ['keys'];

const key = z.object({
  id,
  name,
  start: z.string().describe('the beginning of the key, by which it is known again'),
  userId: id.nullable().describe('whose it is; null: the organisation’s own'),
  scopes: z.array(permission),
  resourceIds: z.array(id).nullable().describe('the resources that it is for; null: all'),
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs.nullable(),
  lastUsedUnixMs: unixMs.nullable(),
});

const newKey = z.strictObject({
  name,
  scopes: z.array(permission).min(1).max(ORGANISATION_PERMISSIONS.length),
  personal: z.boolean().default(false).describe('yours, and never more than you may; else the organisation’s own'),
  resourceIds: z.array(id).min(1).max(200).nullable().default(null),
  expiresUnixMs: unixMs.nullable().default(null),
  lifetimeMs: z.number().int().min(1000).optional().describe('in place of `expiresUnixMs`'),
});

function item(row: ApiKeysTable): z.output<typeof key> {
  return {
    ...{ id: row.id, name: row.name, start: row.start, userId: row.user_id, scopes: knownPermissions(row.scopes) },
    resourceIds: row.resource_ids === null ? null : (JSON.parse(row.resource_ids) as string[]),
    ...{ createdUnixMs: row.created_unix_ms, expiresUnixMs: row.expires_unix_ms },
    lastUsedUnixMs: row.last_used_unix_ms,
  };
}

export function keyRoutes(api: Api, context: ApiContext): void {
  readKeyRoutes(api, context);
  addKeyRoute(api, context);
  removeKeyRoute(api, context);
}

function readKeyRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const config = { access: 'key.read' as const };

  api.get(
    '/keys',
    { config, schema: { tags, summary: 'List API keys', querystring: listQuery, response: { 200: pageOf(key) } } },
    async (request) => pageItems(await listApiKeys(store.database, organisationOf(request), request.query), item),
  );

  api.get(
    '/keys/:id',
    { config, schema: { tags, summary: 'Read an API key', params: idParams, response: { 200: key } } },
    async (request) => {
      const row = await findApiKey(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('API key', request.params.id);
      return item(row);
    },
  );
}

function addKeyRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/keys',
    {
      config: { access: 'key.write', refusals: ['quota-reached', 'resource-unknown'] },
      schema: {
        tags,
        summary: 'Make an API key with scopes; it is shown this once',
        body: newKey,
        response: { 201: key.extend({ key: z.string() }) },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const principal = principalOf(request);
      const organisationId = organisationOf(request);
      if (principal.name.startsWith('key:')) throw new ControlFailure('rights-missing', 'a key makes no keys');
      requireOwn(principal, body.scopes);
      const secret = newSecret(API_KEY_PREFIX, random);
      const nowUnixMs = Math.round(clock.unixMs());
      const row: ApiKeysTable = {
        ...{ id: newId('key', clock, random), organisation_id: organisationId, name: body.name },
        ...{ user_id: body.personal ? accountOf(request).id : null, created_by: principal.user?.id ?? null },
        ...{ key_hash: hashSecret(secret), start: secret.slice(0, API_KEY_START_CHARS) },
        ...{ scopes: JSON.stringify(body.scopes), resource_ids: body.resourceIds && JSON.stringify(body.resourceIds) },
        ...{ created_unix_ms: nowUnixMs },
        expires_unix_ms: body.lifetimeMs === undefined ? body.expiresUnixMs : nowUnixMs + body.lifetimeMs,
        last_used_unix_ms: null,
      };
      await change(control, principal, async (transaction) => {
        for (const resourceId of body.resourceIds ?? [])
          if (!(await findResource(transaction, organisationId, resourceId)))
            throw new ControlFailure(
              'resource-unknown',
              `resourceIds: there is no resource ${JSON.stringify(resourceId)}`,
            );
        await requireRoom(control, transaction, organisationId, 'apiKeys');
        await insertApiKey(transaction, row);
        return { value: row, note: { action: 'key.add', subject: row.id, detail: body } };
      });
      return reply.code(201).send({ ...item(row), key: secret });
    },
  );
}

function removeKeyRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/keys/:id',
    {
      config: { access: 'key.write' },
      schema: { tags, summary: 'Revoke an API key', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: keyId } = request.params;
      await change(control, principalOf(request), async (transaction) => {
        if (!(await deleteApiKey(transaction, organisationOf(request), keyId))) throw notFound('API key', keyId);
        return { value: undefined, note: { action: 'key.revoke', subject: keyId } };
      });
      return reply.code(204).send(null);
    },
  );
}
