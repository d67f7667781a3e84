import type { z } from 'zod';
import type { JsonObject } from '../../../core/blueprint/index.ts';
import type { ProviderSettings } from '../../../core/identity/index.ts';
import {
  findAnyIdentityProvider,
  type IdentityProvidersTable,
  listIdentityProviders,
} from '../../../io/store/index.ts';
import { newProvider, settingsOfNew } from '../../api/provider-shapes.ts';
import type { Control } from '../../control.ts';
import { secretPlace } from '../../providers/client-settings.ts';
import { everyRow } from '../every-row.ts';
import { ANOTHER, type Asking, HIDDEN, json, type Part, type Stored, without, wrong } from '../part.ts';
import { secretReference } from '../secret-reference.ts';
import { referenceFor, secretField } from '../secrets.ts';

const shape = newProvider.omit({ name: true, clientSecret: true }).extend({ clientSecret: secretReference.optional() });
type Entry = z.output<typeof shape>;

export const providers: Part = {
  noun: 'providers',
  permission: 'provider.read',
  shape,
  nameShape: newProvider.shape.name,
  async stored({ queries, organisationId }) {
    const rows = await everyRow((request) => listIdentityProviders(queries, organisationId, request));
    return rows.map((row) => ({
      ...{ noun: 'providers', id: row.id, name: row.name, source: row.source ?? null },
      fields: {
        ...json(JSON.parse(row.settings) as ProviderSettings),
        ...{ clientId: row.client_id, enabled: row.enabled === 1 },
        clientSecret: row.client_secret === null ? null : HIDDEN,
      },
    }));
  },
  async wanted(name, entry, before, asking) {
    const { clientSecret: reference, ...given } = entry as Entry;
    const stored = before(name);
    if (stored && stored.fields['preset'] !== given.preset)
      throw wrong(['preset'], `${String(stored.fields['preset'])}, or a provider of another name`, given.preset);
    const settings = settingsOfNew({ name, ...given });
    const row = stored && (await findAnyIdentityProvider(asking.queries, stored.id));
    const isSame = (secret: string): boolean => row !== undefined && secretOfRow(row, asking) === secret;
    const clientSecret = await secretField(reference, stored, 'clientSecret', asking, isSame);
    const own = { clientId: given.clientId, enabled: given.enabled ?? true, clientSecret };
    return {
      ...{ noun: 'providers', name, fields: { ...json(settings), ...own } },
      ...(reference && { secrets: { clientSecret: reference } }),
    };
  },
  entryOf: providerEntry,
  async create(calls, { name, fields, secrets }) {
    const { clientSecret, ...rest } = fields;
    const secret =
      clientSecret === null ? {} : { clientSecret: calls.secret(secrets?.['clientSecret'], 'clientSecret') };
    return (await calls.post('/providers', { name, ...rest, ...secret })).id;
  },
  async update(calls, { fields, secrets }, { id, fields: was }) {
    const { preset: _preset, clientSecret, ...rest } = fields;
    const secret =
      clientSecret === ANOTHER ? { clientSecret: calls.secret(secrets?.['clientSecret'], 'clientSecret') } : {};
    await calls.patch(`/providers/${id}`, { ...gone(was, fields), ...without(rest, was), ...secret });
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/providers/${id}`),
};

/** What was said before and is not any more. */
function gone(was: JsonObject, fields: JsonObject): JsonObject {
  const nullable = ['caPem', 'graphUrl'].filter((key) => was[key] !== undefined && fields[key] === undefined);
  return Object.fromEntries(nullable.map((key) => [key, null]));
}

function secretOfRow(
  row: IdentityProvidersTable,
  { control }: { readonly control: Control } & Asking,
): string | undefined {
  const { sealing } = control.keys;
  return row.client_secret === null ? undefined : sealing.unseal(row.client_secret, secretPlace(row.id));
}

function providerEntry({ name, fields }: Stored): JsonObject {
  const { preset, clientId, clientSecret, issuer, ...rest } = fields as JsonObject & Pick<Entry, 'preset' | 'clientId'>;
  const plain = json(settingsOfNew({ preset, name, clientId, issuer: String(issuer) }));
  return {
    ...{ preset, clientId },
    ...(clientSecret !== null && { clientSecret: json(referenceFor('provider', name)) }),
    issuer,
    ...without(rest, { ...plain, enabled: true }),
  };
}
