import { fromBase64Url } from '../base/index.ts';
import { recordKey } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import { findPop, type Store } from '../io/store/index.ts';
import type { Publisher } from './publish/publisher.ts';

export interface PopKeysOptions {
  readonly store: Store;
  readonly publisher: () => Publisher;
  readonly log: Log;
}

/** A PoP that changes nodes while the store is away is known from what was published last. */
export async function findSigningKey(
  { store, publisher, log }: PopKeysOptions,
  popId: string,
): Promise<Uint8Array | undefined> {
  try {
    const row = await findPop(store.database, popId);
    return row && fromBase64Url(row.signing_key);
  } catch (error) {
    log.warn('the store cannot be asked about a PoP', { popId, error });
    const record = publisher().current?.records.get(recordKey({ kind: 'pop', id: popId }));
    return record?.kind === 'pop' ? fromBase64Url(record.signingKey) : undefined;
  }
}
