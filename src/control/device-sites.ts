/** Sites that have plain WireGuard devices: what such a site can have as targets, and what a device is told. */
import { parseIpAddress } from '../base/index.ts';
import {
  DEVICE_ADDRESSES,
  deviceAddress,
  deviceIndex,
  isBehindDevice,
  POP_DEVICE_ADDRESS,
} from '../core/overlay/index.ts';
import {
  allDevices,
  type DevicesTable,
  type PopsTable,
  type Queries,
  type StoreTransaction,
  siteHasDevices,
  type TargetsTable,
} from '../io/store/index.ts';
import { DEVICE_KEEPALIVE_SECONDS, DEVICE_MTU } from './constants.ts';
import type { PopStatus } from './pop-statuses.ts';
import { ControlFailure } from './problems.ts';

/** Whether a device leads to a host: nothing behind it looks up names, so it has to be an address. */
export function isHostBehindDevice(host: string): boolean {
  const address = parseIpAddress(host);
  return address !== undefined && isBehindDevice(address);
}

/** Refuses a host that is no address, for a site that has devices. */
export async function requireDeviceHost(
  queries: Queries,
  { site_id: siteId, host }: Pick<TargetsTable, 'site_id' | 'host'>,
): Promise<void> {
  if (isHostBehindDevice(host) || !(await siteHasDevices(queries, siteId))) return;
  throw needsAddress(`the site has a WireGuard device, so its targets are IPv4 addresses behind it, not ${host}`);
}

/** Refuses a device for a site whose targets it does not lead to. */
export async function requireDeviceTargets(transaction: StoreTransaction, siteId: string): Promise<void> {
  const targets = await transaction.selectFrom('targets').select('host').where('site_id', '=', siteId).execute();
  const other = targets.find(({ host }) => !isHostBehindDevice(host));
  if (other)
    throw needsAddress(`the site has the target ${other.host}; a device leads to IPv4 addresses behind it alone`);
}

/** The lowest address that no device has. Called where changes come one after the other. */
export async function freeDeviceAddress(transaction: StoreTransaction): Promise<string> {
  const taken = new Set<number | undefined>();
  for (const { ipv4_address: text } of await allDevices(transaction)) {
    const address = parseIpAddress(text);
    taken.add(address && deviceIndex(address));
  }
  for (let index = 0; index < DEVICE_ADDRESSES; index++) if (!taken.has(index)) return deviceAddress(index).text;
  throw new ControlFailure('device-no-address', `there are ${DEVICE_ADDRESSES} devices; remove one first`);
}

/**
 * The PoP that a device's tunnel goes to: the one that is asked for, else of those that are linked and take work the one
 * with the fewest devices. Failures `pop-unknown`, `device-no-pop`.
 * @param linked read before the transaction, which holds the store.
 */
export async function popForDevice(
  transaction: StoreTransaction,
  popId: string | null,
  linked: readonly PopStatus[],
): Promise<PopsTable> {
  const pops = await transaction.selectFrom('pops').selectAll().orderBy('id').execute();
  if (popId !== null) {
    const asked = pops.find(({ id }) => id === popId);
    if (asked) return asked;
    throw new ControlFailure('pop-unknown', `popId: there is no PoP ${JSON.stringify(popId)}`);
  }
  const fit = new Set(linked.flatMap((pop) => (pop.draining ? [] : pop.popId)));
  const devices = Map.groupBy(await allDevices(transaction), ({ pop_id: id }) => id);
  const burden = ({ id, draining }: PopsTable): number =>
    (devices.get(id)?.length ?? 0) + (fit.has(id) && draining === 0 ? 0 : DEVICE_ADDRESSES);
  const [best] = pops.filter(({ udp_endpoints: text }) => endpointOf(text)).sort((a, b) => burden(a) - burden(b));
  if (best) return best;
  throw new ControlFailure('device-no-pop', 'there is no PoP yet that a device could reach; enrol one first');
}

/** What `wg-quick` takes. Without the private key a line says where it belongs. */
export function deviceConfiguration(device: DevicesTable, pop: PopsTable, privateKey: string | undefined): string {
  const endpoint = endpointOf(pop.udp_endpoints);
  if (endpoint === undefined)
    throw new ControlFailure('device-no-pop', `the PoP ${pop.name} announces no UDP endpoint`);
  return `# ${device.name}: a WireGuard device of Manis, with its tunnel to ${pop.name}
[Interface]
PrivateKey = ${privateKey ?? '<the private key of this device>'}
Address = ${device.ipv4_address}/32
MTU = ${DEVICE_MTU}

[Peer]
PublicKey = ${pop.wireguard_key}
Endpoint = ${endpoint}
AllowedIPs = ${POP_DEVICE_ADDRESS.text}/32
PersistentKeepalive = ${DEVICE_KEEPALIVE_SECONDS}
`;
}

function endpointOf(udpEndpoints: string): string | undefined {
  return (JSON.parse(udpEndpoints) as string[])[0];
}

function needsAddress(message: string): ControlFailure {
  return new ControlFailure('target-needs-address', message);
}
