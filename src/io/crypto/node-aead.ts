/** The same over node:crypto alone: slower on the packet path, for platforms without a libsodium build. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import type { PacketKey } from '../../core/wireguard/index.ts';

import { writeNonce } from './nonce.ts';
import type { KeyAgreement, MessageSeals, PacketSeals, Primitives } from './primitives.ts';

const TAG_BYTES = 16;
const AEAD = 'chacha20-poly1305';
const OPTIONS = { authTagLength: TAG_BYTES };
/** DER of everything before the 32 raw bytes (RFC 8410 section 7 and 4). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

class NodePacketKey implements PacketKey {
  key: KeyObject;

  constructor(bytes: Uint8Array) {
    this.key = createSecretKey(bytes);
  }

  destroy(): void {
    this.key = createSecretKey(new Uint8Array(32));
  }
}

export function nodePrimitives(): Primitives {
  return { ...keyAgreement, ...messageSeals(), ...packetSeals() };
}

const keyAgreement: KeyAgreement = {
  x25519PublicKey(privateKey) {
    const spki = createPublicKey(importPrivate(privateKey)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(spki.subarray(SPKI_HEAD.length));
  },
  x25519(privateKey, publicKey) {
    try {
      const spki = Buffer.concat([SPKI_HEAD, publicKey]);
      const point = createPublicKey({ key: spki, format: 'der', type: 'spki' });
      return diffieHellman({ privateKey: importPrivate(privateKey), publicKey: point });
    } catch {
      return undefined;
    }
  },
};

function messageSeals(): MessageSeals {
  const nonce = Buffer.alloc(12);
  return {
    seal(key, counter, plaintext, associatedData) {
      writeNonce(nonce, counter);
      return sealBytes(key, nonce, plaintext, associatedData);
    },
    open(key, counter, sealed, associatedData) {
      writeNonce(nonce, counter);
      return openBytes(key, nonce, sealed, associatedData);
    },
    xseal: (key, xnonce, plaintext, associatedData) =>
      sealBytes(xchachaSubkey(key, xnonce), xchachaNonce(xnonce), plaintext, associatedData),
    xopen: (key, xnonce, sealed, associatedData) =>
      openBytes(xchachaSubkey(key, xnonce), xchachaNonce(xnonce), sealed, associatedData),
  };
}

function packetSeals(): PacketSeals {
  const nonce = Buffer.alloc(12);
  return {
    packetPath: 'node',
    packetKey: (key) => new NodePacketKey(key),
    sealInPlace(key, counter, buffer, offset, plaintextLength) {
      writeNonce(nonce, counter);
      const cipher = createCipheriv(AEAD, (key as NodePacketKey).key, nonce, OPTIONS);
      buffer.set(cipher.update(buffer.subarray(offset, offset + plaintextLength)), offset);
      cipher.final();
      buffer.set(cipher.getAuthTag(), offset + plaintextLength);
    },
    openInPlace(key, counter, buffer, offset, sealedLength) {
      if (sealedLength < TAG_BYTES) return false;
      writeNonce(nonce, counter);
      const end = offset + sealedLength - TAG_BYTES;
      const decipher = createDecipheriv(AEAD, (key as NodePacketKey).key, nonce, OPTIONS);
      decipher.setAuthTag(buffer.subarray(end, end + TAG_BYTES));
      const plaintext = decipher.update(buffer.subarray(offset, end));
      if (!finishes(decipher)) return false;
      buffer.set(plaintext, offset);
      return true;
    },
  };
}

function importPrivate(privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, privateKey]), format: 'der', type: 'pkcs8' });
}

function sealBytes(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Uint8Array {
  const cipher = createCipheriv(AEAD, key, nonce, OPTIONS);
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  const body = cipher.update(plaintext);
  return Buffer.concat([body, cipher.final(), cipher.getAuthTag()]);
}

function openBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(AEAD, key, nonce, OPTIONS);
  decipher.setAAD(associatedData, { plaintextLength: end });
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  return finishes(decipher) ? plaintext : undefined;
}

function finishes(decipher: { final(): Uint8Array }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** `00000000` and the last 8 bytes of the long nonce (draft-irtf-cfrg-xchacha-03 section 2.3). */
function xchachaNonce(xnonce: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(xnonce.subarray(16), 4);
  return nonce;
}

/**
 * HChaCha20 (section 2.2 there): the ChaCha20 state after its rounds, words 0-3 and 12-15, without the final addition
 * of the input. Node has ChaCha20 alone, and a keystream block is that sum, so the known input words (the constants,
 * and the first 16 bytes of the nonce in place of counter and nonce) are taken off again.
 */
function xchachaSubkey(key: Uint8Array, xnonce: Uint8Array): Uint8Array {
  const input = Buffer.from(xnonce.subarray(0, 16));
  const stream = createCipheriv('chacha20', key, input).update(new Uint8Array(64));
  const subkey = Buffer.alloc(32);
  const constants = Buffer.from('expand 32-byte k', 'latin1');
  for (let at = 0; at < 16; at += 4) {
    subkey.writeInt32LE((stream.readInt32LE(at) - constants.readInt32LE(at)) | 0, at);
    subkey.writeInt32LE((stream.readInt32LE(48 + at) - input.readInt32LE(at)) | 0, 16 + at);
  }
  return subkey;
}
