import {
  type CertificateOutline,
  deleteCertificate,
  listCertificateOutlines,
  type Store,
} from '../../io/store/index.ts';
import type { CertificateWish } from './wishes.ts';
import { CoveredHosts } from './wishes.ts';

/**
 * Removes certificates that nobody wishes for any more. One whose names are covered by a wish that is not fulfilled yet
 * stays until it is: a host that changes from one source to another is served all the time. True when some were removed,
 * under a revision of its own.
 */
export async function removeUnwanted(store: Store, wishes: readonly CertificateWish[]): Promise<boolean> {
  if (unwanted(await listCertificateOutlines(store.database), wishes).length === 0) return false;
  await store.publish(async (transaction) => {
    for (const { id } of unwanted(await listCertificateOutlines(transaction), wishes))
      await deleteCertificate(transaction, id);
  });
  return true;
}

function unwanted(
  rows: readonly CertificateOutline[],
  wishes: readonly CertificateWish[],
): readonly CertificateOutline[] {
  const wished = new Set(wishes.map(({ id }) => id));
  const present = new Set(rows.map(({ id }) => id));
  const waiting = new CoveredHosts(wishes.filter(({ id }) => !present.has(id)));
  return rows.filter(
    (row) => !wished.has(row.id) && !(JSON.parse(row.hosts) as string[]).some((host) => waiting.has(host)),
  );
}
