import type { Clock, Random } from '../../base/index.ts';
import { LEAF_RENEW_BEFORE_MS } from '../../io/certificate-constants.ts';
import { issueLeaf, type LocalCa } from '../../io/certificates.ts';
import { type CertificatesTable, listCertificates, putCertificate, type Store } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { openCertificateKey, sealCertificateKey } from './certificate-key.ts';
import type { CertificateWish } from './wishes.ts';

export interface LocalLeavesOptions {
  readonly store: Store;
  readonly ca: LocalCa;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: StoreSealing;
}

/**
 * Sees that each wish for a certificate of the local authority has one that is good for a while. True when something
 * changed, so that it is to be published; the change took its revision itself.
 */
export async function ensureLocalLeaves(
  options: LocalLeavesOptions,
  wishes: readonly CertificateWish[],
): Promise<boolean> {
  const { store } = options;
  const present = new Map((await listCertificates(store.database)).map((row) => [row.id, row]));
  const made: CertificatesTable[] = [];
  for (const { id, names, source } of wishes)
    if (source === 'local' && !isGood(present.get(id), names, options)) made.push(await leafRow(options, id, names));
  if (made.length === 0) return false;
  await store.publish(async (transaction) => {
    const meanwhile = await listCertificates(transaction);
    for (const row of made) {
      // Another control node may have been faster.
      const known = meanwhile.find(({ id }) => id === row.id);
      if (!isGood(known, JSON.parse(row.hosts) as string[], options)) await putCertificate(transaction, row);
    }
  });
  return true;
}

/** Good: for exactly these names, not due yet, sealed, and from the authority that is in use. */
function isGood(
  row: CertificatesTable | undefined,
  names: readonly string[],
  { ca, clock, sealing }: LocalLeavesOptions,
): boolean {
  if (row?.source !== 'local' || row.hosts !== JSON.stringify(names)) return false;
  if (!row.chain_pem.endsWith(ca.certificatePem) || openCertificateKey(sealing, row) === undefined) return false;
  return row.not_after_unix_ms - clock.unixMs() > LEAF_RENEW_BEFORE_MS;
}

async function leafRow(
  { ca, clock, random, sealing }: LocalLeavesOptions,
  id: string,
  names: readonly string[],
): Promise<CertificatesTable> {
  const leaf = await issueLeaf(ca, { dns: names, ip: [] }, clock.unixMs(), random);
  return {
    id,
    hosts: JSON.stringify(names),
    chain_pem: leaf.chainPem,
    key_pem: sealCertificateKey(sealing, id, leaf.keyPem),
    not_before_unix_ms: Math.round(clock.unixMs()),
    not_after_unix_ms: leaf.notAfterUnixMs,
    source: 'local',
  };
}
