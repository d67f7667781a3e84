import { findAcmeSettings, firstOrganisation } from '../../io/store/index.ts';
import { ensureLocalLeaves, type LocalLeavesOptions } from './local-leaves.ts';
import { removeUnwanted } from './unwanted.ts';
import { type CertificateWish, defaultWishes } from './wishes.ts';

export interface EnsureOptions extends LocalLeavesOptions {
  readonly portalHost: string;
}

/** Every certificate that is wished for. */
export async function allWishes({ store, portalHost }: EnsureOptions): Promise<CertificateWish[]> {
  const queries = store.database;
  const settings = await findAcmeSettings(queries);
  const dnsZone = (await firstOrganisation(queries))?.dns_zone ?? null;
  const source = settings?.is_default === 1 ? 'acme' : 'local';
  return defaultWishes(queries, { portalHost, source, dnsZone }, []);
}

/** Sees that every host has a certificate, as far as that takes nobody else. True when something is to be published. */
export async function ensureCertificates(options: EnsureOptions): Promise<boolean> {
  const wishes = await allWishes(options);
  const isNew = await ensureLocalLeaves(options, wishes);
  return (await removeUnwanted(options.store, wishes)) || isNew;
}
