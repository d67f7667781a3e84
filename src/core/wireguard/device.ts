import { type DatagramBatch, type Endpoint, type Milliseconds, toHex } from '../../base/index.ts';
import { DeviceState } from './device-state.ts';
import type { DropCounters } from './drops.ts';
import { HandshakeExchange } from './exchange.ts';
import {
  COOKIE_REPLY_BYTES,
  INITIATION_BYTES,
  messageType,
  RESPONSE_BYTES,
  readInt32,
  SEAL_OVERHEAD_BYTES,
  TYPE_COOKIE,
  TYPE_DATA,
  TYPE_INITIATION,
  TYPE_RESPONSE,
} from './messages.ts';
import { KEY_BYTES } from './noise.ts';
import { Outbound } from './outbound.ts';
import { Peer } from './peer.ts';
import { canSend, wipeSessions } from './sessions.ts';
import { TIMESTAMP_BYTES } from './tai64n.ts';
import { Transport } from './transport.ts';
import type { PeerHandle, PeerOptions, PeerStatus, Received, WireguardDeviceOptions, WireguardEvent } from './types.ts';

/**
 * One WireGuard interface: a private key and its peers, without sockets and timers.
 *
 * Hand datagrams to `receiveDatagram`, packets to `sealInto`; after either, and at `nextDeadlineMs`, call `poll` (again
 * with an emptied batch while it fills one) and `nextEvent` until it gives nothing. `nowMs` is monotonic and never goes
 * back. Network bytes never throw; wrong arguments do.
 */
export class WireguardDevice {
  readonly publicKey: Uint8Array;
  readonly #state: DeviceState;
  readonly #exchange: HandshakeExchange;
  readonly #transport: Transport;
  readonly #outbound: Outbound;
  readonly #peers = new Map<string, Peer>();
  readonly #peerOf = (publicKey: Uint8Array): Peer | undefined => this.#peers.get(toHex(publicKey));
  #nextPeerId = 1;
  #lastNowMs: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: WireguardDeviceOptions) {
    requireLength(options.privateKey, KEY_BYTES, 'a private key');
    if (options.lastSentTimestamp) requireLength(options.lastSentTimestamp, TIMESTAMP_BYTES, 'a timestamp');
    this.#state = new DeviceState(options);
    this.#exchange = new HandshakeExchange(this.#state);
    this.#transport = new Transport(this.#state, this.#exchange);
    this.#outbound = new Outbound(this.#state, this.#exchange, this.#transport);
    this.publicKey = this.#state.self.publicKey;
  }

  /** Adds a peer. Throws for a key that is there already, is our own, or is no usable point. */
  addPeer(options: PeerOptions): PeerHandle {
    requireLength(options.publicKey, KEY_BYTES, 'a public key');
    if (options.presharedKey) requireLength(options.presharedKey, KEY_BYTES, 'a preshared key');
    if (options.lastTimestamp) requireLength(options.lastTimestamp, TIMESTAMP_BYTES, 'a timestamp');
    const name = toHex(options.publicKey);
    if (this.#peers.has(name)) throw new RangeError('a peer of this public key exists');
    if (name === toHex(this.publicKey)) throw new RangeError('the public key is the own one');
    const { crypto, self } = this.#state;
    const staticSecret = crypto.x25519(self.privateKey, options.publicKey);
    if (!staticSecret) throw new RangeError('the public key is a point of small order');
    const peer = new Peer(this.#nextPeerId++, crypto, staticSecret, options);
    this.#peers.set(name, peer);
    if (peer.persistentKeepaliveMs > 0 && peer.endpoint) {
      peer.wantsKeepalive = true;
      this.#state.listForWork(peer);
    }
    return peer;
  }

  /** Removes a peer, its keys and everything that waits for it. */
  removePeer(handle: PeerHandle): void {
    const peer = own(handle);
    if (peer.isRemoved) return;
    peer.isRemoved = true;
    this.#peers.delete(toHex(peer.publicKey));
    wipeSessions(this.#state, peer);
    this.#outbound.emptyQueue(peer);
    this.#state.timers.forget(peer);
    this.#state.forgetEvents(peer);
    peer.staticSecret.fill(0);
    peer.presharedKey.fill(0);
  }

  peerByPublicKey(publicKey: Uint8Array): PeerHandle | undefined {
    return this.#peerOf(publicKey);
  }

  /**
   * Sends to another endpoint from now on: handshakes, keepalives, packets that waited, and what `sealInto` gets no
   * endpoint for. A peer that roams is followed without this.
   */
  setEndpoint(handle: PeerHandle, endpoint: Endpoint | undefined): void {
    own(handle).endpoint = endpoint;
  }

  /** Unix time minus monotonic time, after the clock was set. */
  setUnixOffset(unixOffsetMs: Milliseconds): void {
    this.#state.unixOffsetMs = unixOffsetMs;
  }

  /**
   * Takes in one datagram: `length` bytes at `offset`. A packet is decrypted where it stood and described by an object
   * that the next call uses again. Bytes of a dropped datagram have no meaning afterwards.
   */
  receiveDatagram(bytes: Uint8Array, offset: number, length: number, from: Endpoint, nowMs: Milliseconds): Received {
    this.#lastNowMs = nowMs;
    const type = length >= SEAL_OVERHEAD_BYTES ? messageType(bytes, offset) : 0;
    if (type === TYPE_DATA) return this.#transport.receive(bytes, offset, length, from, nowMs);
    if (type === 0) return this.#state.drop('not-wireguard');
    return this.#receiveHandshake(type, bytes.subarray(offset, offset + length), from, nowMs);
  }

  /**
   * Seals the packet of `packetLength` bytes at `batch.tail + DATA_HEADER_BYTES` and appends it, towards `to` or else the
   * peer's endpoint; the batch needs room for SEAL_OVERHEAD_BYTES and up to 15 bytes of padding more. The padding never makes
   * it longer than `paddedLimit` (the inner MTU). Without a session the packet is copied, a handshake begins, and false
   * is given: nothing was appended.
   */
  sealInto(
    handle: PeerHandle,
    batch: DatagramBatch,
    packetLength: number,
    nowMs: Milliseconds,
    paddedLimit: number = Number.POSITIVE_INFINITY,
    to?: Endpoint,
  ): boolean {
    const peer = own(handle);
    this.#lastNowMs = nowMs;
    const { current } = peer;
    const endpoint = to ?? peer.endpoint;
    if (endpoint && canSend(this.#state, current, nowMs)) {
      this.#transport.seal(current, endpoint, batch, packetLength, paddedLimit, nowMs);
      return true;
    }
    if (!peer.isRemoved) this.#outbound.enqueue(peer, batch, packetLength, paddedLimit, nowMs);
    return false;
  }

  /** Asks for a session before there is something to send. */
  startHandshake(handle: PeerHandle, nowMs: Milliseconds): void {
    this.#lastNowMs = nowMs;
    this.#exchange.request(own(handle), nowMs);
  }

  /** The endpoint has changed: a handshake that waits for an answer from the old one asks again at once. */
  hurryHandshake(handle: PeerHandle, nowMs: Milliseconds): void {
    this.#lastNowMs = nowMs;
    this.#exchange.hurry(own(handle));
  }

  /** Appends what is to be sent by now. What finds no room waits for the next call, and `nextDeadlineMs` says so. */
  poll(batch: DatagramBatch, nowMs: Milliseconds): void {
    this.#lastNowMs = nowMs;
    this.#outbound.poll(batch, nowMs);
  }

  /** When `poll` has something to do again (the past: at once), or undefined. */
  nextDeadlineMs(): Milliseconds | undefined {
    return this.#outbound.hasWork() ? this.#lastNowMs : this.#state.timers.nextDeadlineMs();
  }

  nextEvent(): WireguardEvent | undefined {
    return this.#state.nextEvent();
  }

  peerStatus(handle: PeerHandle, nowMs: Milliseconds): PeerStatus {
    const peer = own(handle);
    return {
      endpoint: peer.endpoint,
      established: canSend(this.#state, peer.current, nowMs),
      lastHandshakeMs: peer.lastHandshakeMs,
      lastReceivedMs: peer.lastReceivedMs,
      handshakeRttMs: peer.handshakeRttMs,
      receivedBytes: peer.receivedBytes,
      sentBytes: peer.sentBytes,
      queuedPackets: peer.queue.length,
    };
  }

  /** The newest timestamp the peer sent: kept on disk, it makes old initiations replays after a restart as well. */
  latestTimestamp(handle: PeerHandle): Uint8Array | undefined {
    const { latestTimestamp } = own(handle);
    return latestTimestamp && new Uint8Array(latestTimestamp);
  }

  /** The newest timestamp we sent: kept on disk, it keeps our initiations new if the clock is set back before a restart. */
  latestSentTimestamp(): Uint8Array | undefined {
    const { lastSentTimestamp } = this.#state;
    return lastSentTimestamp && new Uint8Array(lastSentTimestamp);
  }

  /** How many datagrams and packets were dropped, by reason. */
  counters(): DropCounters {
    return { ...this.#state.drops };
  }

  #receiveHandshake(type: number, message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Received {
    if (type === TYPE_INITIATION && message.length === INITIATION_BYTES)
      return this.#exchange.receiveInitiation(message, from, this.#peerOf, nowMs);
    if (type === TYPE_RESPONSE && message.length === RESPONSE_BYTES)
      return this.#exchange.receiveResponse(message, from, nowMs);
    if (type === TYPE_COOKIE && message.length === COOKIE_REPLY_BYTES) {
      const owner = this.#state.indices.get(readInt32(message, 4));
      const isAnswer = owner && owner.localIndex === owner.peer.lastMac1Index;
      return this.#exchange.receiveCookieReply(message, isAnswer ? owner.peer : undefined, nowMs);
    }
    return this.#state.drop('bad-length');
  }
}

function own(handle: PeerHandle): Peer {
  if (handle instanceof Peer) return handle;
  throw new TypeError('not a peer of a WireGuard device');
}

function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes, not ${bytes.length}`);
}
