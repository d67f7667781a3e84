/** The name server of a PoP in a network of three, with peers and places that the test chooses. */
import type { IpAddress } from '../base/index.ts';
import { type LinkRecord, type PopRecord, SnapshotState } from '../core/link/index.ts';
import { PrefixRtts } from '../core/steering/index.ts';
import { createLog } from '../io/log.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import { Counters } from '../pop/counters.ts';
import { SnapshotView } from '../pop/snapshot-view.ts';
import { PopDns, type PopDnsOptions } from '../pop/steering/pop-dns.ts';
import { resource } from './pop-world.ts';
import { VirtualClock } from './virtual-clock.ts';

export const ZONE = 'manis.example.com';
const NEVER_EXPLORES = { bytes: (length: number) => new Uint8Array(length).fill(128) };
const sessionCrypto = new NodeSessionCrypto();
const PORT = 443;

const popAt = (id: string, latitude: number, longitude: number, https: readonly string[]): PopRecord => ({
  kind: 'pop',
  ...{ id, name: id, wireguardKey: '', overlayAddress: 'fd00::1', signingKey: '', udpEndpoints: [] },
  location: { name: id, latitude, longitude },
  httpsEndpoints: https,
});
const RECORDS: readonly LinkRecord[] = [
  {
    ...{ kind: 'installation', id: 'installation', organisationId: 'org-1', organisationName: 'Northwind' },
    ...{ portalHost: ZONE, publicPort: PORT, sessionIdleMs: 1, sessionAbsoluteMs: 1, stalenessMs: 1 },
    ...{ dnsZone: ZONE, certificateIssuers: ['letsencrypt.org'] },
  },
  popAt('pop-1', 52.37, 4.9, ['198.18.1.1:443', '0.0.0.0:443', 'pop.example.com:443']),
  popAt('pop-2', 40.7, -74, ['198.18.2.2:443', '198.18.2.3:9']),
  popAt('pop-3', 1.35, 103.8, ['198.18.3.3:9', '[2001:db8::3]:9']),
  resource(1, { host: `app.${ZONE}` }),
  resource(1, { id: 'off', host: `off.${ZONE}`, enabled: false }),
];

/** A snapshot of three PoPs (Amsterdam, New York, Singapore), the portal and two resources. */
export function viewOf(
  revision = 1,
  changed: (record: LinkRecord) => LinkRecord = (record) => record,
  more: readonly LinkRecord[] = [],
): SnapshotView {
  const version = { to: { epoch: 1, revision }, expiresUnixMs: Number.MAX_SAFE_INTEGER };
  const state = SnapshotState.whole(version, [...RECORDS.map(changed), ...more], sessionCrypto.sha256);
  const view = state && SnapshotView.of(state, sessionCrypto);
  if (!view) throw new Error('the records make no snapshot');
  return view;
}

/** The name server of pop-1, whose peers are up unless the test says something else. */
export function dnsOf(changes: Partial<PopDnsOptions> = {}) {
  const clock = new VirtualClock(1000, Date.now());
  const counters = new Counters();
  const own = () => ({ draining: false, load: { connections: 0, capacity: 100, cpu: 0 } });
  const geo = { place: ({ text }: IpAddress) => PLACES[text.split('.')[0] ?? ''] ?? [] };
  const options: PopDnsOptions = {
    ...{ popId: 'pop-1', holder: holder(), counters, clock, random: NEVER_EXPLORES, geo, own },
    log: createLog({ level: 'silent' }),
    rtts: new PrefixRtts(),
    peers: tunnels({ 'pop-2': 'up', 'pop-3': 'up' }, ['pop-1', 'pop-2', 'pop-3']),
    ...changes,
  };
  return { dns: new PopDns(options), clock, counters };
}

const PLACES: Readonly<Record<string, { latitude: number; longitude: number; weight: number }[]>> = {
  '11': [{ latitude: 41, longitude: -73, weight: 1 }],
  '12': [{ latitude: 1, longitude: 103, weight: 1 }],
  '13': [{ latitude: 52, longitude: 5, weight: 1 }],
};

export function holder(view = viewOf(), unservable?: 'snapshot-stale'): PopDnsOptions['holder'] {
  return { view, unservable: () => unservable };
}

/** Peers with these tunnels, each of which says that it hears these PoPs. */
export const tunnels = (states: Readonly<Record<string, 'up' | 'down'>>, hears: readonly string[] = []) => ({
  peers: (nowMs: number) =>
    Object.entries(states).map(([popId, tunnel]) => {
      const load = { connections: 0, capacity: 100, cpu: 0 };
      return { popId, tunnel, report: { receivedMs: nowMs, draining: false, load, hears, prefixes: [] } };
    }),
});
