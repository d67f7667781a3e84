import { NAMESERVERS_MAX, type Nameserver, Zone } from '../../core/dns/index.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { SERIAL_EPOCH_SHIFT } from './constants.ts';
import { browserAddresses } from './pop-endpoints.ts';

/** The zone that a snapshot describes; undefined where the organisation has none. Proofs to authorities (TXT) go into `texts`. */
export function zoneOf(view: SnapshotView): Zone | undefined {
  const { dnsZone, certificateIssuers = [], portalHost, publicPort } = view.installation;
  if (dnsZone === undefined) return undefined;
  const { epoch, revision } = view.state.version;
  const hosts = [...view.resources.values()].filter(({ record }) => record.enabled).map(({ record }) => record.host);
  return new Zone({
    origin: dnsZone,
    serial: ((epoch << SERIAL_EPOCH_SHIFT) + revision) >>> 0,
    nameservers: nameserversOf(view, publicPort),
    hosts: [portalHost, ...hosts],
    caa: certificateIssuers.map((value) => ({ isCritical: false, tag: 'issue', value })),
    texts: new Map(),
  });
}

/** The PoPs in the order of their enrolment, so that the names at the parent zone stay right when one is added. */
function nameserversOf(view: SnapshotView, publicPort: number): Nameserver[] {
  return [...view.state.ofKind('pop')]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((pop) => browserAddresses(pop, publicPort))
    .filter((addresses) => addresses.length > 0)
    .slice(0, NAMESERVERS_MAX)
    .map((addresses, index) => ({ label: `ns${index + 1}`, addresses }));
}
