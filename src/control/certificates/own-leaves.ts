import { inParts } from '../../base/index.ts';
import {
  allOwnCertificates,
  type CertificatesTable,
  certificatesOf,
  putCertificate,
  type Queries,
  type Store,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { LEAVES_A_COMMIT } from './constants.ts';
import type { CertificateWish } from './wishes.ts';

/**
 * Sees that each wish for a certificate that somebody gave has it as it is now. True when something changed, so that it
 * is to be published; the change took its revision itself. Keys stay sealed: they were for a row of the same id.
 */
export async function ensureOwnLeaves(store: Store, wishes: readonly CertificateWish[]): Promise<boolean> {
  const wanted = wishes.filter(({ source }) => source === 'own');
  if (wanted.length === 0 || (await changedRows(store.database, wanted)).length === 0) return false;
  await store.publish(async (transaction) => {
    // As it is by now: another one may have been given meanwhile.
    for (const row of await changedRows(transaction, wanted)) await putCertificate(transaction, row);
  });
  return true;
}

/** The same in the transaction of whoever adds their hosts. */
export async function putOwnLeaves(transaction: StoreTransaction, wishes: readonly CertificateWish[]): Promise<void> {
  const wanted = wishes.filter(({ source }) => source === 'own');
  if (wanted.length === 0) return;
  for (const row of await changedRows(transaction, wanted)) await putCertificate(transaction, row);
}

async function changedRows(queries: Queries, wanted: readonly CertificateWish[]): Promise<CertificatesTable[]> {
  const given = new Map((await allOwnCertificates(queries)).map((row) => [row.id, row]));
  const present = new Map<string, CertificatesTable>();
  for (const part of inParts(wanted, LEAVES_A_COMMIT)) {
    const ids = part.map(({ id }) => id);
    for (const row of await certificatesOf(queries, ids)) present.set(row.id, row);
  }
  return wanted.flatMap(({ id, names }): CertificatesTable[] => {
    const own = given.get(id);
    if (!own) return [];
    const { chain_pem, key_pem, not_before_unix_ms, not_after_unix_ms } = own;
    const times = { not_before_unix_ms, not_after_unix_ms };
    const row = { id, hosts: JSON.stringify(names), chain_pem, key_pem, ...times, source: 'own' as const };
    return isSame(present.get(id), row) ? [] : [row];
  });
}

function isSame(row: CertificatesTable | undefined, wanted: CertificatesTable): boolean {
  return row?.hosts === wanted.hosts && row.chain_pem === wanted.chain_pem && row.key_pem === wanted.key_pem;
}
