/**
 * BLAKE2s (RFC 7693) over hash-wasm. A hash-wasm instance is made asynchronously and holds one running state, so the
 * instances are made once and every digest runs from start to end without a pause.
 */
import { createBLAKE2s } from 'hash-wasm';

const MAC_BITS = 128;

export interface Blake2s {
  hash(first: Uint8Array, second?: Uint8Array): Uint8Array;
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
}

export async function createBlake2s(): Promise<Blake2s> {
  const plain = await createBLAKE2s(256);
  const mac16 = await createMac(16);
  const mac32 = await createMac(32);
  return {
    hash(first, second) {
      plain.init().update(first);
      if (second) plain.update(second);
      return plain.digest('binary');
    },
    mac(key, data) {
      if (key.length === 32) return mac32(key, data);
      if (key.length === 16) return mac16(key, data);
      throw new RangeError(`a MAC key has 16 or 32 bytes, not ${key.length}`);
    },
  };
}

/**
 * hash-wasm fixes the key when an instance is made. Keyed BLAKE2s is plain BLAKE2s whose first block is the padded key
 * (RFC 7693 section 2.9), and that block is still unprocessed in a state saved right after `init`; so a MAC under any
 * key of the same length starts from that saved state with the key exchanged. The result is compared with an instance
 * made for a second key before it is trusted.
 */
async function createMac(keyBytes: number): Promise<(key: Uint8Array, data: Uint8Array) => Uint8Array> {
  const probe = Uint8Array.from({ length: keyBytes }, (_, i) => 0xa0 + i);
  const hasher = await createBLAKE2s(MAC_BITS, probe);
  const state = hasher.init().save();
  const keyAt = Buffer.from(state.buffer, state.byteOffset, state.length).indexOf(probe);
  if (keyAt < 0) throw new Error('hash-wasm keeps the BLAKE2s key elsewhere than expected');
  const mac = (key: Uint8Array, data: Uint8Array): Uint8Array => {
    state.set(key, keyAt);
    return hasher.load(state).update(data).digest('binary');
  };
  const other = probe.map((byte) => byte ^ 0x5a);
  const direct = (await createBLAKE2s(MAC_BITS, other)).init().update(probe).digest('binary');
  if (Buffer.compare(mac(other, probe), direct) !== 0) throw new Error('hash-wasm computes a wrong BLAKE2s MAC');
  return mac;
}
