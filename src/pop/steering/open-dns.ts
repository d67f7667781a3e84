import type { PeerReports } from '../../core/steering/index.ts';
import { type DnsServer, openDnsServer } from '../../io/dns/dns-server.ts';
import { lazyGeoDatabase, openGeoDatabase } from '../../io/geo/geo-database.ts';
import type { ListenEndpoint } from '../../io/https-server.ts';
import type { Log } from '../../io/log.ts';
import { STEERING_INTERVAL_MS } from './constants.ts';
import { PopDns, type PopDnsOptions } from './pop-dns.ts';
import type { OwnState } from './pop-facts.ts';

/** How a PoP answers DNS. */
export interface DnsOptions {
  readonly listen: readonly ListenEndpoint[];
  /** A MaxMind DB in place of the country table of the package. */
  readonly geoDatabase?: string;
  readonly peers: PeerReports;
  readonly own: () => OwnState;
}

export interface RunningDns {
  /** In the order of the options, with the ports that were given. */
  readonly endpoints: readonly ListenEndpoint[];
  controlHears(popIds: readonly string[]): void;
  close(): Promise<void>;
}

type Materials = Pick<PopDnsOptions, 'popId' | 'holder' | 'counters' | 'clock' | 'random' | 'rtts'>;

/**
 * Opens every listener of the name server, or none. The country table is read when the first client asks. Rejects
 * with Failure `listen-failed` or `geo-database-unreadable`.
 */
export async function openDns(options: DnsOptions, materials: Materials, log: Log): Promise<RunningDns> {
  const { geoDatabase: file } = options;
  const failed = (error: unknown) => log.error('no country table: clients have no place', { error });
  const geo = file === undefined ? lazyGeoDatabase(failed) : await openGeoDatabase(file);
  const dns = new PopDns({ ...materials, log, geo, own: options.own, peers: options.peers });
  const servers: DnsServer[] = [];
  const closeAll = () => Promise.all(servers.map((server) => server.close()));
  try {
    for (const endpoint of options.listen) servers.push(await openDnsServer(endpoint, dns));
  } catch (error) {
    await closeAll();
    throw error;
  }
  const updating = setInterval(() => dns.update(), STEERING_INTERVAL_MS);
  const endpoints = servers.map(({ endpoint }) => endpoint);
  log.info('answers DNS', { endpoints, geoDatabase: file ?? 'countries' });
  return {
    endpoints,
    controlHears: (popIds) => dns.controlHears(popIds),
    close: async () => {
      clearInterval(updating);
      await closeAll();
    },
  };
}
