/** HMAC-BLAKE2s (RFC 2104) and the key derivation of Noise (section 4.3), which is HKDF (RFC 5869) without info. */
import type { WireguardCrypto } from './crypto.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** HMAC over `data` with a key of at most 64 bytes. */
export function hmac(crypto: WireguardCrypto, key: Uint8Array, data: Uint8Array): Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  for (let i = 0; i < key.length; i++) {
    inner[i] = 0x36 ^ (key[i] as number);
    outer[i] = 0x5c ^ (key[i] as number);
  }
  const mac = crypto.hash(outer, crypto.hash(inner, data));
  inner.fill(0);
  outer.fill(0);
  return mac;
}

/** `count` keys of 32 bytes each from a chaining key and new input. */
export function deriveKeys(
  crypto: WireguardCrypto,
  chainingKey: Uint8Array,
  input: Uint8Array,
  count: 1 | 2 | 3,
): Uint8Array[] {
  const secret = hmac(crypto, chainingKey, input);
  const keys: Uint8Array[] = [];
  const block = new Uint8Array(HASH_BYTES + 1);
  for (let i = 1; i <= count; i++) {
    const from = i === 1 ? HASH_BYTES : 0;
    block[HASH_BYTES] = i;
    const key = hmac(crypto, secret, block.subarray(from));
    block.set(key);
    keys.push(key);
  }
  secret.fill(0);
  block.fill(0);
  return keys;
}
