import { certifiedHosts, findAcmeSettings, firstOrganisation, type Queries } from '../../io/store/index.ts';
import { domainWishes, type Host } from '../domains/wishes.ts';
import { ensureTicketSecrets } from '../ticket-secrets.ts';
import { ensureOrders } from './ensure-orders.ts';
import type { LocalLeaves, LocalLeavesOptions } from './local-leaves.ts';
import { ensureOwnLeaves } from './own-leaves.ts';
import { removeUnwanted } from './unwanted.ts';
import { type CertificateWish, defaultWishes } from './wishes.ts';

export interface EnsureOptions extends Omit<LocalLeavesOptions, 'ca'> {
  readonly portalHost: string;
  readonly leaves: LocalLeaves;
}

/** Every certificate that is wished for. */
export async function allWishes({
  store,
  portalHost,
}: Pick<EnsureOptions, 'store' | 'portalHost'>): Promise<CertificateWish[]> {
  return wishesFor(store.database, portalHost, await certifiedHosts(store.database));
}

/** Those for the portal and for these hosts, each of which says by itself what it needs, but for wildcards among them. */
export async function wishesFor(
  queries: Queries,
  portalHost: string,
  hosts: readonly Host[],
): Promise<CertificateWish[]> {
  const settings = await findAcmeSettings(queries);
  const dnsZone = (await firstOrganisation(queries))?.dns_zone ?? null;
  const source = settings?.is_default === 1 ? 'acme' : 'local';
  const ofDomains = await domainWishes(queries, { portalHost, dnsZone, hasAcme: settings !== undefined }, hosts);
  const names = hosts.map(({ host }) => host);
  return [...ofDomains, ...defaultWishes(names, { portalHost, source, dnsZone }, ofDomains)];
}

/**
 * Sees that there is what handshakes need: a certificate for every host, as far as that takes nobody else, a row for each
 * that a directory is to issue, and secrets of session tickets. True when something is to be published.
 */
export async function ensureCertificates(options: EnsureOptions): Promise<boolean> {
  const { store, sealing, random, clock, leaves } = options;
  const wishes = await allWishes(options);
  const isNew = await leaves.ensure(wishes);
  const isGiven = await ensureOwnLeaves(store, wishes);
  const isOrdered = await ensureOrders(store, wishes, clock.unixMs());
  const isRenewed = await ensureTicketSecrets({ store, sealing, random, nowUnixMs: clock.unixMs() });
  return (await removeUnwanted(store, wishes)) || isNew || isGiven || isOrdered || isRenewed;
}
