import { z } from 'zod';
import type { JsonObject } from '../../../core/blueprint/index.ts';
import { findCredential, listCredentials } from '../../../io/store/index.ts';
import { newCredential } from '../../api/credential-shapes.ts';
import { everyRow } from '../every-row.ts';
import { named } from '../names.ts';
import { ANOTHER, HIDDEN, json, type Part, without } from '../part.ts';
import { secretReference } from '../secret-reference.ts';
import { referenceFor, secretField } from '../secrets.ts';
import { withResourceIds } from './client-authorities.ts';

/** Of links and tokens Manis makes the secret, and shows it once: they are no matter of a document. */
const METHODS = ['pin', 'resource-password', 'header'] as const;

const shape = z.strictObject({
  method: z.enum(METHODS),
  resources: z.array(z.string()).min(1).max(1_000).describe('what it opens'),
  username: newCredential.shape.username,
  expires: z.iso.datetime({ offset: true }).nullable().default(null),
  secret: secretReference.optional(),
});
type Entry = z.output<typeof shape>;

export const credentials: Part = {
  noun: 'credentials',
  permission: 'credential.read',
  shape,
  nameShape: newCredential.shape.name,
  async stored({ queries, organisationId, names }) {
    const rows = await everyRow((request) => listCredentials(queries, { organisationId }, request));
    const own = rows.filter(({ method }) => (METHODS as readonly string[]).includes(method));
    return named(own).map(([name, row]) => ({
      ...{ noun: 'credentials', id: row.id, name, source: row.source ?? null },
      fields: {
        ...{ method: row.method, resources: row.resourceIds.map((id) => names.nameOf('resources', id)).sort() },
        ...{ username: row.username, expires: expiryOf(row.expires_unix_ms), secret: HIDDEN },
      },
    }));
  },
  async wanted(name, entry, before, asking) {
    const { secret: reference, resources, expires, username, ...rest } = entry as Entry;
    const stored = before(name);
    const row = stored && (await findCredential(asking.queries, asking.organisationId, stored.id));
    const secret = await secretField(reference, stored, 'secret', asking, (told) =>
      row ? asking.control.hasher.verify(row.secret_hash, told) : false,
    );
    const fields = {
      ...json(rest),
      ...{ resources: [...new Set(resources)].sort(), username: username ?? null },
      ...{ expires: expires && expiryOf(Date.parse(expires)), secret: secret ?? HIDDEN },
    };
    return { ...{ noun: 'credentials', name, fields }, ...(reference && { secrets: { secret: reference } }) };
  },
  entryOf({ name, fields }) {
    const { secret: _secret, ...rest } = fields;
    return { ...without(rest, { username: null, expires: null }), secret: json(referenceFor('credential', name)) };
  },
  async create(calls, { name, fields, secrets }) {
    const secret = calls.secret(secrets?.['secret'], 'secret');
    const { username, secret: _secret, ...rest } = withResourceIds(fields, calls.names);
    const body = { name, ...withExpiry(rest), ...(username !== null && { username }), secret };
    return (await calls.post('/credentials', body)).id;
  },
  async update(calls, wanted, before) {
    const { method, username, secret, ...rest } = without(wanted.fields, before.fields);
    if (method !== undefined || username !== undefined) {
      await this.remove(calls, before);
      return this.create(calls, wanted);
    }
    await calls.patch(`/credentials/${before.id}`, withExpiry(withResourceIds(rest, calls.names)));
    const told = wanted.secrets?.['secret'];
    if (secret === ANOTHER)
      await calls.post(`/credentials/${before.id}/rotate`, { secret: calls.secret(told, 'secret') });
    return before.id;
  },
  remove: (calls, { id }) => calls.remove(`/credentials/${id}`),
};

function expiryOf(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}

function withExpiry({ expires, ...rest }: JsonObject): JsonObject {
  if (expires === undefined) return rest;
  return { ...rest, expiresUnixMs: typeof expires === 'string' ? Date.parse(expires) : null };
}
