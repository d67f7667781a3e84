import { createHmac } from 'node:crypto';
import { fromBase64, toBase64, toBase64Url, utf8 } from '../base/index.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

/**
 * Secrets that control must be able to use, as they are in the store: sealed with a key that follows from the
 * installation's root key, which is in a table of its own. Whoever has the whole store has them; a row that ends up in a
 * log, a support ticket or somebody's query has not.
 */
export interface StoreSealing {
  /** @param bound which row it is: it opens for no other. */
  seal(secret: string, bound: string): string;
  /** Undefined where it was not sealed for this row of this installation. */
  unseal(sealed: string, bound: string): string | undefined;
  /** A keyed hash, base64url, for what has so little chance in it that a plain one would tell it. */
  mac(text: string, bound: string): string;
}

/** @param rootSeed the seed of the installation's root key. */
export function createStoreSealing(rootSeed: Uint8Array): StoreSealing {
  const key = sealingKey(rootSeed, 'store');
  const macKey = sealingKey(rootSeed, 'store macs');
  return {
    seal: (secret, bound) => toBase64(seal(key, utf8(bound), utf8(secret))),
    unseal(sealed, bound) {
      const bytes = fromBase64(sealed);
      const opened = bytes && unseal(key, utf8(bound), bytes);
      return opened && new TextDecoder().decode(opened);
    },
    mac: (text, bound) => toBase64Url(createHmac('sha256', macKey).update(`${bound}\n${text}`).digest()),
  };
}
