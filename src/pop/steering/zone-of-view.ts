import { NAMESERVERS_MAX, type Nameserver, Zone } from '../../core/dns/index.ts';
import { nameserverAddresses } from '../../core/steering/index.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { SERIAL_EPOCH_SHIFT } from './constants.ts';

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
    texts: view.acme.texts,
  });
}

function nameserversOf(view: SnapshotView, publicPort: number): Nameserver[] {
  return nameserverAddresses(view.state.ofKind('pop'), publicPort, NAMESERVERS_MAX).map((addresses, index) => ({
    label: `ns${index + 1}`,
    addresses,
  }));
}
