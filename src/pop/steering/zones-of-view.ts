import { isBelow } from '../../base/index.ts';
import { NAMESERVERS_MAX, type Nameserver, Zone, type ZoneFacts, Zones } from '../../core/dns/index.ts';
import type { DomainRecord } from '../../core/link/index.ts';
import { nameserverAddresses } from '../../core/steering/index.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { SERIAL_EPOCH_SHIFT } from './constants.ts';

/** The zones that a snapshot describes: the installation's own, and those of domains that are delegated to the PoPs. */
export function zonesOf(view: SnapshotView): Zones {
  const servers = nameserverAddresses(view.state.ofKind('pop'), view.installation.publicPort, NAMESERVERS_MAX);
  const hosts = [...view.resources.values()].filter(({ record }) => record.enabled).map(({ record }) => record.host);
  const { dnsZone, certificateIssuers = [], portalHost } = view.installation;
  const domains = [...view.state.ofKind('domain')];
  const caa = certificateIssuers.map((value) => ({ isCritical: false, tag: 'issue', value }));
  const common = { serial: serialOf(view), caa, texts: view.acme.texts } as const;
  const own: ZoneFacts[] =
    dnsZone === undefined
      ? []
      : [
          {
            ...{ ...common, origin: dnsZone, nameservers: serversOf(servers, [{ token: undefined }]) },
            // Hosts of domains elsewhere are aliases of these.
            hosts: [portalHost, ...hosts, ...domains.map(({ token }) => `to-${token}.${dnsZone}`)],
          },
        ];
  const delegated = [...Map.groupBy(zonesIn(domains), ({ name }) => name)].map(([origin, claims]): ZoneFacts => {
    const proved = claims.filter(({ isVerified }) => isVerified);
    return {
      ...{ ...common, origin, nameservers: serversOf(servers, proved.length > 0 ? proved : claims) },
      // Before it is proved whose it is, it says no more than where it is.
      hosts: proved.length > 0 ? hosts.filter((host) => host === origin || isBelow(host, origin)) : [],
    };
  });
  return new Zones([...delegated, ...own].map((facts) => new Zone(facts)));
}

function zonesIn(domains: readonly DomainRecord[]): DomainRecord[] {
  return domains.filter(({ isZone }) => isZone);
}

/** Names by which the PoPs are called; those of a domain hold its token, so that its delegation names nobody else's. */
function serversOf(
  addresses: ReturnType<typeof nameserverAddresses>,
  claims: readonly { readonly token: string | undefined }[],
): Nameserver[] {
  return claims
    .flatMap(({ token }) => addresses.map((each, index) => ({ label: labelOf(index, token), addresses: each })))
    .slice(0, NAMESERVERS_MAX);
}

function labelOf(index: number, token: string | undefined): string {
  return token === undefined ? `ns${index + 1}` : `ns${index + 1}-${token}`;
}

function serialOf({ state }: SnapshotView): number {
  const { epoch, revision } = state.version;
  return ((epoch << SERIAL_EPOCH_SHIFT) + revision) >>> 0;
}
