import { z } from 'zod';
import type { Json, JsonObject } from '../../../core/blueprint/index.ts';
import { listClientAuthorities } from '../../../io/store/index.ts';
import { newClientAuthority } from '../../api/client-authorities.ts';
import { everyRow } from '../every-row.ts';
import { type Names, named } from '../names.ts';
import { json, type Part, without } from '../part.ts';

const shape = newClientAuthority.omit({ name: true, resourceIds: true }).extend({
  resources: z.array(z.string()).max(1_000).default([]).describe('clients of their hosts are asked for certificates'),
});
type Entry = z.output<typeof shape>;

export const clientAuthorities: Part = {
  noun: 'clientAuthorities',
  permission: 'credential.read',
  shape,
  nameShape: newClientAuthority.shape.name,
  async stored({ queries, organisationId, names }) {
    const rows = await everyRow((request) => listClientAuthorities(queries, organisationId, request));
    return named(rows).map(([name, row]) => ({
      ...{ noun: 'clientAuthorities', id: row.id, name, source: row.source ?? null },
      fields: {
        ...{ certificatePem: row.certificate_pem, crlPem: row.crl_pem },
        fingerprints: (JSON.parse(row.fingerprints) as string[]).sort(),
        resources: row.resourceIds.map((id) => names.nameOf('resources', id)).sort(),
      },
    }));
  },
  async wanted(name, entry) {
    const { fingerprints, resources, ...rest } = entry as Entry;
    const fields = {
      ...json(rest),
      fingerprints: [...new Set(fingerprints)].sort(),
      resources: [...new Set(resources)].sort(),
    };
    return { noun: 'clientAuthorities', name, fields };
  },
  entryOf: ({ fields }) => without(fields, { certificatePem: null, crlPem: null, fingerprints: [], resources: [] }),
  async create(calls, { name, fields }) {
    return (await calls.post('/client-authorities', { name, ...withResourceIds(fields, calls.names) })).id;
  },
  async update(calls, { fields }, { id, fields: was }) {
    await calls.patch(`/client-authorities/${id}`, withResourceIds(without(fields, was), calls.names));
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/client-authorities/${id}`),
};

export function withResourceIds({ resources, ...rest }: JsonObject, names: Names): JsonObject {
  if (resources === undefined) return rest;
  const ids = (resources as readonly Json[]).map((name, at) =>
    names.idOf('resources', String(name), `resources[${at}]`),
  );
  return { ...rest, resourceIds: ids };
}
