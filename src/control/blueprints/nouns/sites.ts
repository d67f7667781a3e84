import { z } from 'zod';
import { listDevices, listSites } from '../../../io/store/index.ts';
import { name as nameShape } from '../../api/schemas.ts';
import { publishingOf, sitePublishing } from '../../site-publishing.ts';
import { everyRow } from '../every-row.ts';
import { named } from '../names.ts';
import { json, type Part, without } from '../part.ts';

const siteShape = z.strictObject({
  publishing: sitePublishing.nullable().default(null).describe('what its connectors may publish by labels or a file'),
});

export const sites: Part = {
  noun: 'sites',
  permission: 'site.read',
  shape: siteShape,
  nameShape,
  async stored({ queries, organisationId }) {
    const rows = await everyRow((request) => listSites(queries, organisationId, request));
    // What ends by itself is no matter of a document.
    const lasting = rows.filter((row) => (row.expires_unix_ms ?? null) === null);
    return lasting.map((row) => ({
      ...{ noun: 'sites', id: row.id, name: row.name, source: row.source ?? null },
      fields: json({ publishing: publishingOf(row) }),
    }));
  },
  wanted: async (name, entry) => ({ noun: 'sites', name, fields: json(entry) }),
  entryOf: ({ fields }) => without(fields, { publishing: null }),
  create: async (calls, { name, fields }) => (await calls.post('/sites', { name, ...fields })).id,
  async update(calls, { fields }, { id }) {
    await calls.patch(`/sites/${id}`, fields);
    return id;
  },
  remove: (calls, { id }) => calls.remove(`/sites/${id}`),
};

const deviceShape = z.strictObject({
  site: z.string(),
  publicKey: z.string().max(64).describe('as `wg pubkey` prints it'),
});

/** Plain WireGuard devices. Which PoP they go to is no matter of a document: their configuration would have to follow. */
export const devices: Part = {
  noun: 'devices',
  permission: 'site.read',
  shape: deviceShape,
  nameShape,
  async stored({ queries, organisationId, names }) {
    const rows = await everyRow((request) => listDevices(queries, organisationId, request));
    return named(rows).map(([name, row]) => ({
      ...{ noun: 'devices', id: row.id, name, source: row.source ?? null },
      fields: { site: names.nameOf('sites', row.site_id), publicKey: row.wireguard_key },
    }));
  },
  wanted: async (name, entry) => ({ noun: 'devices', name, fields: json(entry) }),
  entryOf: ({ fields }) => fields,
  async create(calls, { name, fields }) {
    const siteId = calls.names.idOf('sites', String(fields['site']), 'site');
    const body = { name, publicKey: fields['publicKey'] };
    const { device } = await calls.post<{ device: { id: string } }>(`/sites/${siteId}/devices`, body);
    return device.id;
  },
  async update(calls, wanted, before) {
    // A device is its key and its site.
    await this.remove(calls, before);
    return this.create(calls, wanted);
  },
  remove: (calls, { id }) => calls.remove(`/devices/${id}`),
};
