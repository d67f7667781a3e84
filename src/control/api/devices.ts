import { z } from 'zod';
import {
  type DevicesTable,
  deleteDevice,
  findDevice,
  findPop,
  findSite,
  insertDevice,
  isWireguardKeyTaken,
  listDevices,
  moveDevice,
} from '../../io/store/index.ts';
import { isUsableWireguardKey, makeWireguardKeys } from '../../io/wireguard-keys.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { deviceConfiguration, freeDeviceAddress, popForDevice, requireDeviceTargets } from '../device-sites.ts';
import { newId } from '../ids.ts';
import type { PopStatus } from '../pop-statuses.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, source, sourceItem, unixMs } from './schemas.ts';

const tags = ['devices'];

const device = z.object({
  id,
  siteId: id,
  name,
  wireguardKey: z.string(),
  address: z.string().describe('IPv4, of the device within the tunnel'),
  popId: id.nullable().describe('the PoP that its tunnel goes to; null: it was removed'),
  source,
  createdUnixMs: unixMs,
});

/** A device as the network's status tells of it. */
export const deviceStatus = z.object({
  id,
  name: z.string(),
  siteId: id,
  popId: id.nullable(),
  address: z.string(),
  state: z.enum(['up', 'suspect', 'down']).describe('by the age of its last handshake'),
  lastHandshakeUnixMs: unixMs.nullable(),
  endpoint: z.string().nullable(),
});

const configuration = z.string().describe('for `wg-quick`');
const configured = z.object({ device, configuration });

const deviceBody = z.strictObject({
  name,
  publicKey: z.string().max(64).nullable().default(null).describe('null: control makes keys, and tells them this once'),
  popId: id.nullable().default(null).describe('null: the one with the fewest devices'),
});

export function deviceItem(row: DevicesTable): z.output<typeof device> {
  return {
    id: row.id,
    siteId: row.site_id,
    name: row.name,
    wireguardKey: row.wireguard_key,
    address: row.ipv4_address,
    popId: row.pop_id,
    source: sourceItem(row),
    createdUnixMs: row.created_unix_ms,
  };
}

export function deviceStatusItem(row: DevicesTable, linked: readonly PopStatus[]): z.output<typeof deviceStatus> {
  const live = linked.find(({ popId }) => popId === row.pop_id);
  const told = live?.connectors.find(({ connectorId }) => connectorId === row.id);
  return {
    ...{ id: row.id, name: row.name, siteId: row.site_id, popId: row.pop_id, address: row.ipv4_address },
    state: told?.state ?? 'down',
    lastHandshakeUnixMs: told?.sinceUnixMs ?? null,
    endpoint: told?.endpoint ?? null,
  };
}

export function deviceRoutes(api: Api, context: ApiContext): void {
  readDeviceRoutes(api, context);
  addDeviceRoute(api, context);
  changeDeviceRoutes(api, context);
}

function readDeviceRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/devices',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'List WireGuard devices', querystring: listQuery, response: { 200: pageOf(device) } },
    },
    async (request) => pageItems(await listDevices(database, organisationOf(request), request.query), deviceItem),
  );

  api.get(
    '/sites/:id/devices',
    {
      config: { access: 'site.read' },
      schema: {
        tags,
        summary: "List a site's WireGuard devices",
        params: idParams,
        querystring: listQuery,
        response: { 200: pageOf(device) },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const { id: siteId } = request.params;
      if (!(await findSite(database, organisationId, siteId))) throw notFound('site', siteId);
      return pageItems(await listDevices(database, organisationId, request.query, siteId), deviceItem);
    },
  );

  api.get(
    '/devices/:id',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'Read a WireGuard device', params: idParams, response: { 200: device } },
    },
    async (request) => deviceItem(await deviceOf(control, organisationOf(request), request.params.id)),
  );

  api.get(
    '/devices/:id/configuration',
    {
      config: { access: 'site.read', refusals: ['device-no-pop'] },
      schema: {
        tags,
        summary: 'The configuration of a WireGuard device, without its private key',
        params: idParams,
        response: { 200: z.object({ configuration }) },
      },
    },
    async (request) => {
      const row = await deviceOf(control, organisationOf(request), request.params.id);
      const pop = row.pop_id === null ? undefined : await findPop(database, row.pop_id);
      if (!pop) throw new ControlFailure('device-no-pop', 'the PoP of the device was removed; give it another one');
      return { configuration: deviceConfiguration(row, pop, undefined) };
    },
  );
}

function addDeviceRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;

  api.post(
    '/sites/:id/devices',
    {
      config: {
        access: 'site.write',
        refusals: [
          'device-key-invalid',
          'device-key-taken',
          'device-no-address',
          'device-no-pop',
          'pop-unknown',
          'quota-reached',
          'target-needs-address',
        ],
      },
      schema: {
        tags,
        summary: 'Add a WireGuard device to a site; the answer holds its configuration',
        params: idParams,
        body: deviceBody,
        response: { 201: configured },
      },
    },
    async (request, reply) => {
      const { id: siteId } = request.params;
      const { name: called, publicKey, popId } = request.body;
      if (publicKey !== null && !isUsableWireguardKey(publicKey))
        throw new ControlFailure('device-key-invalid', 'publicKey: expected a public key as `wg pubkey` prints it');
      const keys = publicKey === null ? makeWireguardKeys() : { publicKey, privateKey: undefined };
      const linked = await control.links.pops();
      const organisationId = organisationOf(request);
      const made = await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await findSite(transaction, organisationId, siteId))) throw notFound('site', siteId);
        if (await isWireguardKeyTaken(transaction, keys.publicKey))
          throw new ControlFailure('device-key-taken', 'the WireGuard key belongs to a node or device already');
        await requireDeviceTargets(transaction, siteId);
        const pop = await popForDevice(transaction, popId, linked);
        const row: DevicesTable = {
          ...{ id: newId('dev', clock, random), organisation_id: organisationId, site_id: siteId },
          ...{ name: called, wireguard_key: keys.publicKey },
          ...{ ipv4_address: await freeDeviceAddress(transaction), pop_id: pop.id },
          created_unix_ms: Math.round(clock.unixMs()),
        };
        const value = { device: deviceItem(row), configuration: deviceConfiguration(row, pop, keys.privateKey) };
        await requireRoom(control, transaction, organisationId, 'devices');
        await insertDevice(transaction, row);
        const detail = { name: called, siteId, popId: pop.id, wireguardKey: keys.publicKey };
        return { value, note: { action: 'device.add', subject: row.id, detail } };
      });
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );
}

function changeDeviceRoutes(api: Api, { control }: ApiContext): void {
  api.patch(
    '/devices/:id',
    {
      config: { access: 'site.write', refusals: ['device-no-pop', 'pop-unknown'] },
      schema: {
        tags,
        summary: 'Have the tunnel of a WireGuard device go to another PoP; it needs the new configuration',
        params: idParams,
        body: z.strictObject({ popId: id }),
        response: { 200: configured },
      },
    },
    async (request) => {
      const { id: deviceId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        const pop = await popForDevice(transaction, request.body.popId, []);
        await moveDevice(transaction, organisationOf(request), deviceId, pop.id);
        const row = await findDevice(transaction, organisationOf(request), deviceId);
        if (!row) throw notFound('device', deviceId);
        const value = { device: deviceItem(row), configuration: deviceConfiguration(row, pop, undefined) };
        return { value, note: { action: 'device.move', subject: deviceId, detail: request.body } };
      });
    },
  );

  api.delete(
    '/devices/:id',
    {
      config: { access: 'site.write' },
      schema: { tags, summary: 'Remove a WireGuard device', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: deviceId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteDevice(transaction, organisationOf(request), deviceId))) throw notFound('device', deviceId);
        return { value: undefined, note: { action: 'device.remove', subject: deviceId } };
      });
      return reply.code(204).send(null);
    },
  );
}

async function deviceOf({ store }: Control, organisationId: string, deviceId: string): Promise<DevicesTable> {
  const row = await findDevice(store.database, organisationId, deviceId);
  if (!row) throw notFound('device', deviceId);
  return row;
}
