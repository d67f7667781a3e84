/**
 * The Noise handshake IKpsk2 (Noise specification revision 34, sections 5, 7.5 and 9), with any prologue and payloads:
 *
 *     <- s
 *     ...
 *     -> e, es, s, ss
 *     <- e, ee, se, psk
 *
 * A responder reads the first message in two steps, because who is calling decides which `ss` applies.
 */
import { concat, utf8 } from '../../base/index.ts';
import type { WireguardCrypto } from './crypto.ts';
import { deriveKeys } from './kdf.ts';
import { TAG_BYTES } from './messages.ts';

export const PROTOCOL_NAME = 'Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s';
export const KEY_BYTES = 32;
const EMPTY = new Uint8Array(0);

export interface X25519KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Keys of the two directions once the handshake is through. */
export interface TransportKeys {
  readonly initiatorToResponder: Uint8Array;
  readonly responderToInitiator: Uint8Array;
}

/** Chaining key, transcript hash and cipher key (Noise section 5.2). */
export class SymmetricState {
  readonly #crypto: WireguardCrypto;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #key: Uint8Array = EMPTY;
  #counter = 0;

  /** `responderStatic` is the pre-message `<- s`. */
  constructor(crypto: WireguardCrypto, prologue: Uint8Array, responderStatic: Uint8Array) {
    this.#crypto = crypto;
    // The name is longer than a hash, so it is hashed (section 5.2, InitializeSymmetric).
    this.#chainingKey = crypto.hash(utf8(PROTOCOL_NAME));
    this.#hash = crypto.hash(this.#chainingKey, prologue);
    this.mixHash(responderStatic);
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  /** A second state that goes on from here on its own: a message that turns out false must not spoil this one. */
  fork(): SymmetricState {
    const copy = new SymmetricState(this.#crypto, EMPTY, EMPTY);
    copy.#chainingKey = new Uint8Array(this.#chainingKey);
    copy.#hash = new Uint8Array(this.#hash);
    copy.#key = new Uint8Array(this.#key);
    copy.#counter = this.#counter;
    return copy;
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#crypto.hash(this.#hash, data);
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = deriveKeys(this.#crypto, this.#chainingKey, input, 2) as [Uint8Array, Uint8Array];
    this.#replaceKeys(chainingKey, key);
  }

  /** Mixes a shared secret; false where there is none (a point of small order). */
  mixSecret(secret: Uint8Array | undefined): boolean {
    if (!secret) return false;
    this.mixKey(secret);
    return true;
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, mixed, key] = deriveKeys(this.#crypto, this.#chainingKey, input, 3) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.#replaceKeys(chainingKey, key);
    this.mixHash(mixed);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#crypto.seal(this.#key, this.#counter++, plaintext, this.#hash);
    this.mixHash(sealed);
    return sealed;
  }

  decryptAndHash(sealed: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#crypto.open(this.#key, this.#counter, sealed, this.#hash);
    if (!plaintext) return undefined;
    this.#counter++;
    this.mixHash(sealed);
    return plaintext;
  }

  /** The transport keys; this state is wiped. */
  split(): TransportKeys {
    const [first, second] = deriveKeys(this.#crypto, this.#chainingKey, EMPTY, 2) as [Uint8Array, Uint8Array];
    this.wipe();
    return { initiatorToResponder: first, responderToInitiator: second };
  }

  wipe(): void {
    this.#chainingKey.fill(0);
    this.#key.fill(0);
  }

  #replaceKeys(chainingKey: Uint8Array, key: Uint8Array): void {
    this.wipe();
    this.#chainingKey = chainingKey;
    this.#key = key;
    this.#counter = 0;
  }
}

/** What the initiator knows before its first message; `ss` is the shared secret of the two static keys. */
export interface InitiatorKeys {
  readonly s: X25519KeyPair;
  readonly e: X25519KeyPair;
  readonly rs: Uint8Array;
  readonly ss: Uint8Array;
}

/** `-> e, es, s, ss`: ephemeral 32, sealed static 48, sealed payload. Undefined where `rs` is of small order. */
export function writeFirstMessage(
  crypto: WireguardCrypto,
  state: SymmetricState,
  keys: InitiatorKeys,
  payload: Uint8Array,
): Uint8Array | undefined {
  mixEphemeral(state, keys.e.publicKey);
  if (!state.mixSecret(crypto.x25519(keys.e.privateKey, keys.rs))) return undefined;
  const sealedStatic = state.encryptAndHash(keys.s.publicKey);
  state.mixKey(keys.ss);
  const sealedPayload = state.encryptAndHash(payload);
  return concat(keys.e.publicKey, sealedStatic, sealedPayload);
}

/** First step of the responder: who is calling. The name is not proved before `readFirstPayload` succeeded. */
export interface Caller {
  readonly rs: Uint8Array;
  readonly re: Uint8Array;
}

export function readCaller(
  crypto: WireguardCrypto,
  state: SymmetricState,
  s: X25519KeyPair,
  message: Uint8Array,
): Caller | undefined {
  const re = new Uint8Array(message.subarray(0, KEY_BYTES));
  mixEphemeral(state, re);
  if (!state.mixSecret(crypto.x25519(s.privateKey, re))) return undefined;
  const rs = state.decryptAndHash(message.subarray(KEY_BYTES, 2 * KEY_BYTES + TAG_BYTES));
  return rs && { rs, re };
}

/** Second step of the responder: the payload, which proves the caller's static key. */
export function readFirstPayload(state: SymmetricState, ss: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  state.mixKey(ss);
  return state.decryptAndHash(message.subarray(2 * KEY_BYTES + TAG_BYTES));
}

/** `<- e, ee, se, psk`: ephemeral 32, sealed payload. */
export function writeSecondMessage(
  crypto: WireguardCrypto,
  state: SymmetricState,
  e: X25519KeyPair,
  caller: Caller,
  psk: Uint8Array,
  payload: Uint8Array,
): Uint8Array | undefined {
  mixEphemeral(state, e.publicKey);
  if (!state.mixSecret(crypto.x25519(e.privateKey, caller.re))) return undefined;
  if (!state.mixSecret(crypto.x25519(e.privateKey, caller.rs))) return undefined;
  state.mixKeyAndHash(psk);
  return concat(e.publicKey, state.encryptAndHash(payload));
}

/** The initiator's end of the second message. */
export function readSecondMessage(
  crypto: WireguardCrypto,
  state: SymmetricState,
  keys: { readonly s: X25519KeyPair; readonly e: X25519KeyPair },
  psk: Uint8Array,
  message: Uint8Array,
): Uint8Array | undefined {
  const re = message.subarray(0, KEY_BYTES);
  mixEphemeral(state, re);
  if (!state.mixSecret(crypto.x25519(keys.e.privateKey, re))) return undefined;
  if (!state.mixSecret(crypto.x25519(keys.s.privateKey, re))) return undefined;
  state.mixKeyAndHash(psk);
  return state.decryptAndHash(message.subarray(KEY_BYTES));
}

/** In a handshake with a preshared key an ephemeral goes into the key as well (section 9.2). */
function mixEphemeral(state: SymmetricState, ephemeral: Uint8Array): void {
  state.mixHash(ephemeral);
  state.mixKey(ephemeral);
}
