import { type Clock, fromBase64Url, type Random, toBase64Url } from '../base/index.ts';
import { type Delegation, delegate, type Signer } from '../core/link/index.ts';
import type { SessionCrypto, SigningKey } from '../core/session/index.ts';
import { createLinkSigner } from '../io/link-crypto.ts';
import { insertKey, type KeysTable, listKeys, type Store, StoreFailure } from '../io/store/index.ts';
import { DELEGATION_LIFETIME_MS, DELEGATION_RENEW_BEFORE_MS } from './constants.ts';
import { newId } from './ids.ts';

/** The keys of this installation and of this control node. */
export interface ControlKeys {
  readonly controlId: string;
  /** Ed25519, pinned by every node at enrolment. */
  readonly rootKey: Uint8Array;
  readonly signer: Signer;
  /** The same key for session tokens. */
  readonly sessionKey: SigningKey;
  /** The root key's word for this node. */
  readonly delegation: () => Delegation;
  /** Makes it anew when it is due, while it still has months to go; true when it did. */
  readonly renewDelegation: () => boolean;
}

/** Reads the keys from the store, or makes them at first start. */
export async function openKeys(
  store: Store,
  crypto: SessionCrypto,
  clock: Clock,
  random: Random,
): Promise<ControlKeys> {
  const rows = await store.transaction(async (transaction) => {
    const known = await listKeys(transaction);
    if (known.length > 0) return known;
    const made: KeysTable[] = (['root', 'control'] as const).map((purpose) => {
      const { seed, publicKey } = crypto.generateKeyPair();
      return {
        id: purpose === 'root' ? 'root' : newId('ctl', clock, random),
        purpose,
        public_key: toBase64Url(publicKey),
        private_key: toBase64Url(seed),
        created_unix_ms: Math.round(clock.unixMs()),
      };
    });
    for (const key of made) await insertKey(transaction, key);
    return made;
  });
  const root = signerOf(rows, 'root', crypto);
  const own = signerOf(rows, 'control', crypto);
  const make = (): Delegation =>
    delegate(root.signer, own.id, own.signer.publicKey, Math.round(clock.unixMs()) + DELEGATION_LIFETIME_MS);
  let delegation = make();
  return {
    controlId: own.id,
    rootKey: root.signer.publicKey,
    signer: own.signer,
    sessionKey: { id: own.id, signer: own.signer },
    delegation: () => delegation,
    renewDelegation: () => {
      const isDue = delegation.notAfterUnixMs - clock.unixMs() < DELEGATION_RENEW_BEFORE_MS;
      if (isDue) delegation = make();
      return isDue;
    },
  };
}

function signerOf(rows: readonly KeysTable[], purpose: KeysTable['purpose'], crypto: SessionCrypto) {
  const row = rows.find((key) => key.purpose === purpose);
  const seed = fromBase64Url(row?.private_key ?? '');
  const publicKey = fromBase64Url(row?.public_key ?? '');
  if (!row || seed?.length !== 32 || publicKey?.length !== 32)
    throw new StoreFailure('store-corrupt', `the store holds no usable ${purpose} key; restore a backup`);
  return { id: row.id, signer: createLinkSigner(crypto, seed, publicKey) };
}
