import {
  type CertificateOrdersTable,
  deleteCertificateOrder,
  findCertificateOrder,
  insertCertificateOrder,
  listCertificateOrders,
  nextRevision,
  type Store,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { NO_ORDER } from './order-row.ts';
import type { CertificateWish } from './wishes.ts';

/**
 * Writes down what an ACME directory is wanted for. A wish that has changed ends the order under way; one that is gone
 * takes it along, with the answers that PoPs give for it. True when PoPs have something to learn of that.
 */
export async function ensureOrders(
  store: Store,
  wishes: readonly CertificateWish[],
  nowUnixMs: number,
): Promise<boolean> {
  const wanted = new Map(wishes.filter(({ source }) => source === 'acme').map((wish) => [wish.id, wish]));
  if (isAsWanted(await listCertificateOrders(store.database), wanted)) return false;
  await store.transaction(async (transaction) => {
    const rows = await listCertificateOrders(transaction);
    if (isAsWanted(rows, wanted)) return;
    await nextRevision(transaction);
    for (const { id } of rows) if (!wanted.has(id)) await deleteCertificateOrder(transaction, id);
    const known = new Map(rows.map((row) => [row.id, row]));
    for (const wish of wanted.values()) await putWish(transaction, wish, known.get(wish.id), Math.round(nowUnixMs));
  });
  return true;
}

function isAsWanted(rows: readonly CertificateOrdersTable[], wanted: ReadonlyMap<string, CertificateWish>): boolean {
  return rows.length === wanted.size && rows.every((row) => row.wish === JSON.stringify(wanted.get(row.id)));
}

/** Writes down a wish for a certificate of a directory, in the transaction of whoever adds its host. */
export async function putOrder(transaction: StoreTransaction, wish: CertificateWish, nowUnixMs: number): Promise<void> {
  await putWish(transaction, wish, await findCertificateOrder(transaction, wish.id), Math.round(nowUnixMs));
}

async function putWish(
  transaction: StoreTransaction,
  wish: CertificateWish,
  row: CertificateOrdersTable | undefined,
  nowUnixMs: number,
): Promise<void> {
  const text = JSON.stringify(wish);
  if (row?.wish === text) return;
  const fresh = { ...FIRST, ...NO_ORDER, wish: text, renew_unix_ms: 0, next_unix_ms: nowUnixMs, failures: 0 };
  // With the row the answers to its challenges go.
  if (row) await deleteCertificateOrder(transaction, wish.id);
  await insertCertificateOrder(transaction, { id: wish.id, ...fresh, ...(row && keptOf(row, wish)) });
}

/** A certificate that is there stays good while its names do. */
function keptOf(row: CertificateOrdersTable, { names }: CertificateWish): Partial<CertificateOrdersTable> {
  const isSame = JSON.stringify((JSON.parse(row.wish) as CertificateWish).names) === JSON.stringify(names);
  if (!isSame) return {};
  const { renew_unix_ms, renewal, directory_url } = row;
  return { renew_unix_ms, renewal, directory_url };
}

const FIRST = {
  directory_url: '',
  renewal: null,
  error_code: null,
  error_text: null,
  error_unix_ms: null,
  proved_by: null,
};
