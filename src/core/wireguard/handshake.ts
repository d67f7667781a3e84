/** Handshake messages made and read (paper section 5.4.2 and 5.4.3): Noise inside, indices in front. Macs are elsewhere. */
import { type Milliseconds, type Random, utf8 } from '../../base/index.ts';
import type { WireguardCrypto } from './crypto.ts';
import type { IndexTable } from './index-table.ts';
import {
  INITIATION_BYTES,
  INITIATION_NOISE_OFFSET,
  MAC_BYTES,
  RESPONSE_BYTES,
  RESPONSE_NOISE_OFFSET,
  readInt32,
  TYPE_INITIATION,
  TYPE_RESPONSE,
  writeInt32,
} from './messages.ts';
import {
  type Caller,
  KEY_BYTES,
  readCaller,
  readFirstPayload,
  readSecondMessage,
  SymmetricState,
  type TransportKeys,
  writeFirstMessage,
  writeSecondMessage,
  type X25519KeyPair,
} from './noise.ts';
import type { OutgoingHandshake } from './outgoing-handshake.ts';
import type { IndexOwner, Peer } from './peer.ts';
import { Session, type SessionStart } from './session.ts';

const IDENTIFIER = utf8('WireGuard v1 zx2c4 Jason@zx2c4.com');
const EMPTY = new Uint8Array(0);

/** An initiation whose sender is named but not yet proved. */
export interface Call {
  readonly state: SymmetricState;
  readonly caller: Caller;
  readonly noise: Uint8Array;
  readonly remoteIndex: number;
}

export class HandshakeCodec {
  readonly #crypto: WireguardCrypto;
  readonly #random: Random;
  readonly #indices: IndexTable<IndexOwner>;
  readonly #self: X25519KeyPair;

  constructor(crypto: WireguardCrypto, random: Random, indices: IndexTable<IndexOwner>, self: X25519KeyPair) {
    this.#crypto = crypto;
    this.#random = random;
    this.#indices = indices;
    this.#self = self;
  }

  /** An initiation with its last 32 bytes, the macs, left zero. */
  createInitiation(
    peer: Peer,
    timestamp: Uint8Array,
    nowMs: Milliseconds,
  ): { readonly message: Uint8Array; readonly handshake: OutgoingHandshake<Peer> } {
    const state = new SymmetricState(this.#crypto, IDENTIFIER, peer.publicKey);
    const e = this.#ephemeral();
    const keys = { s: this.#self, e, rs: peer.publicKey, ss: peer.staticSecret };
    const noise = writeFirstMessage(this.#crypto, state, keys, timestamp);
    if (!noise) throw new Error('the public key of a peer is a point of small order');
    const localIndex = this.#indices.free();
    const message = new Uint8Array(INITIATION_BYTES);
    writeInt32(message, 0, TYPE_INITIATION);
    writeInt32(message, 4, localIndex);
    message.set(noise, INITIATION_NOISE_OFFSET);
    return { message, handshake: { kind: 'handshake', peer, localIndex, sentMs: nowMs, state, e } };
  }

  /** Who an initiation says it is from; undefined where it does not open. */
  readCall(message: Uint8Array): Call | undefined {
    const state = new SymmetricState(this.#crypto, IDENTIFIER, this.#self.publicKey);
    const noise = message.subarray(INITIATION_NOISE_OFFSET, INITIATION_BYTES - 2 * MAC_BYTES);
    const caller = readCaller(this.#crypto, state, this.#self, noise);
    return caller && { state, caller, noise, remoteIndex: readInt32(message, 4) };
  }

  /** The timestamp of the call, which proves the peer; undefined where it does not. */
  readTimestamp(call: Call, peer: Peer): Uint8Array | undefined {
    return readFirstPayload(call.state, peer.staticSecret, call.noise);
  }

  /** The response to a call, its macs left zero, and the session that it makes. */
  createResponse(
    call: Call,
    peer: Peer,
    nowMs: Milliseconds,
  ): { readonly message: Uint8Array; readonly session: Session<Peer> } | undefined {
    const e = this.#ephemeral();
    const noise = writeSecondMessage(this.#crypto, call.state, e, call.caller, peer.presharedKey, EMPTY);
    e.privateKey.fill(0);
    if (!noise) return undefined;
    const localIndex = this.#indices.free();
    const message = new Uint8Array(RESPONSE_BYTES);
    writeInt32(message, 0, TYPE_RESPONSE);
    writeInt32(message, 4, localIndex);
    writeInt32(message, 8, call.remoteIndex);
    message.set(noise, RESPONSE_NOISE_OFFSET);
    const session = this.#session(call.state.split(), {
      peer,
      isInitiator: false,
      createdMs: nowMs,
      localIndex,
      remoteIndex: call.remoteIndex,
    });
    return { message, session };
  }

  /** The session of a response; undefined where it does not open. A false response leaves the handshake as it was. */
  readResponse(
    message: Uint8Array,
    handshake: OutgoingHandshake<Peer>,
    nowMs: Milliseconds,
  ): Session<Peer> | undefined {
    const state = handshake.state.fork();
    const noise = message.subarray(RESPONSE_NOISE_OFFSET, RESPONSE_BYTES - 2 * MAC_BYTES);
    const keys = { s: this.#self, e: handshake.e };
    if (!readSecondMessage(this.#crypto, state, keys, handshake.peer.presharedKey, noise)) {
      state.wipe();
      return undefined;
    }
    return this.#session(state.split(), {
      peer: handshake.peer,
      isInitiator: true,
      createdMs: nowMs,
      localIndex: handshake.localIndex,
      remoteIndex: readInt32(message, 4),
    });
  }

  #ephemeral(): X25519KeyPair {
    const privateKey = this.#random.bytes(KEY_BYTES);
    return { privateKey, publicKey: this.#crypto.x25519PublicKey(privateKey) };
  }

  #session(keys: TransportKeys, about: Omit<SessionStart<Peer>, 'sendKey' | 'receiveKey'>): Session<Peer> {
    const forward = this.#crypto.packetKey(keys.initiatorToResponder);
    const backward = this.#crypto.packetKey(keys.responderToInitiator);
    keys.initiatorToResponder.fill(0);
    keys.responderToInitiator.fill(0);
    return new Session({
      ...about,
      sendKey: about.isInitiator ? forward : backward,
      receiveKey: about.isInitiator ? backward : forward,
    });
  }
}
