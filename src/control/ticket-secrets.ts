import { type Random, toBase64Url } from '../base/index.ts';
import { TICKET_SPANS_AHEAD, ticketSpanAt } from '../core/link/index.ts';
import { allTicketSecrets, replaceTicketSecrets, type Store } from '../io/store/index.ts';
import type { StoreSealing } from '../io/store-sealing.ts';

export function ticketSecretPlace(id: string): string {
  return `secret of session tickets ${id}`;
}

export interface TicketSecretsOptions {
  readonly store: Store;
  readonly sealing: StoreSealing;
  readonly random: Random;
  readonly nowUnixMs: number;
}

/**
 * Sees that there is a secret for this span of time and some to come, and that those of past spans are gone for ever.
 * True when PoPs are to learn of it; the change took its revision itself.
 */
export async function ensureTicketSecrets(options: TicketSecretsOptions): Promise<boolean> {
  const { store, sealing, random } = options;
  const first = ticketSpanAt(options.nowUnixMs);
  const wanted = Array.from({ length: TICKET_SPANS_AHEAD + 1 }, (_, ahead) => String(first + ahead));
  const have = new Set((await allTicketSecrets(store.database)).map(({ id }) => id));
  if (have.size === wanted.length && wanted.every((id) => have.has(id))) return false;
  await store.publish(async (transaction) => {
    // Another control node may have been faster.
    const known = new Map((await allTicketSecrets(transaction)).map((row) => [row.id, row]));
    const rows = wanted.map(
      (id) => known.get(id) ?? { id, secret: sealing.seal(toBase64Url(random.bytes(32)), ticketSecretPlace(id)) },
    );
    await replaceTicketSecrets(transaction, rows);
  });
  return true;
}
