import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import { LEAF_RENEW_BEFORE_MS } from '../io/certificate-constants.ts';
import { issueLeaf, type Leaf, type LocalCa } from '../io/certificates.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import { type CertificatesTable, listCertificates, putCertificate, type Store } from '../io/store/index.ts';

export interface CertificateOptions {
  readonly store: Store;
  readonly ca: LocalCa;
  readonly clock: Clock;
  readonly random: Random;
  readonly portalHost: string;
}

/**
 * Sees that portal, `*.portal` and every resource's host have a leaf from the local CA that is good for a while.
 * Leaves of hosts that are gone are removed. True when something changed, so that it is to be published; the change
 * took its revision itself.
 */
export async function ensureLeaves(options: CertificateOptions): Promise<boolean> {
  const { store, portalHost } = options;
  const resources = await store.database.selectFrom('resources').select('host').execute();
  const wanted = new Map([[portalHost, [portalHost, `*.${portalHost}`]]]);
  for (const { host } of resources) if (!isCovered(host, portalHost)) wanted.set(host, [host]);
  const present = await listCertificates(store.database);
  const made: CertificatesTable[] = [];
  for (const [id, names] of wanted) {
    if (
      !isGood(
        present.find((row) => row.id === id),
        names,
        options,
      )
    )
      made.push(await leafRow(options, id, names, []));
  }
  const gone = present.filter((row) => !wanted.has(row.id));
  if (made.length === 0 && gone.length === 0) return false;
  await store.publish(async (transaction) => {
    const meanwhile = await listCertificates(transaction);
    for (const row of made) {
      // Another control node may have been faster.
      const known = meanwhile.find(({ id }) => id === row.id);
      if (!isGood(known, JSON.parse(row.hosts) as string[], options)) await putCertificate(transaction, row);
    }
    for (const row of gone) await transaction.deleteFrom('certificates').where('id', '=', row.id).execute();
  });
  return true;
}

/**
 * The certificate of control's own listener, made anew when it is due or its names have changed. It stays in the data
 * directory of its node.
 */
export async function ensureListenerLeaf(
  options: CertificateOptions,
  dataDir: string,
  names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
): Promise<Leaf> {
  const file = join(dataDir, 'listener.json');
  const row = (await readJson(file).catch(() => undefined)) as CertificatesTable | undefined;
  if (row && isGood(row, [...names.dns, ...names.ip], options)) return leafOf(row);
  const made = await leafRow(options, 'control-listener', names.dns, names.ip);
  await writeJson(file, made, OWNER_ONLY);
  return leafOf(made);
}

function leafOf(row: CertificatesTable): Leaf {
  return { chainPem: row.chain_pem, keyPem: row.key_pem, notAfterUnixMs: row.not_after_unix_ms };
}

/** A wildcard stands for one label (RFC 9525 section 6.3). */
function isCovered(host: string, portalHost: string): boolean {
  return host.endsWith(`.${portalHost}`) && !host.slice(0, -portalHost.length - 1).includes('.');
}

/** Good: for exactly these names, not due yet, and from the CA that is in use. */
function isGood(row: CertificatesTable | undefined, names: readonly string[], options: CertificateOptions): boolean {
  if (!row || row.hosts !== JSON.stringify(names)) return false;
  if (!row.chain_pem.endsWith(options.ca.certificatePem)) return false;
  return row.not_after_unix_ms - options.clock.unixMs() > LEAF_RENEW_BEFORE_MS;
}

async function leafRow(
  options: CertificateOptions,
  id: string,
  dns: readonly string[],
  ip: readonly string[],
): Promise<CertificatesTable> {
  const leaf = await issueLeaf(options.ca, { dns, ip }, options.clock.unixMs(), options.random);
  return {
    id,
    hosts: JSON.stringify([...dns, ...ip]),
    chain_pem: leaf.chainPem,
    key_pem: leaf.keyPem,
    not_after_unix_ms: leaf.notAfterUnixMs,
  };
}
