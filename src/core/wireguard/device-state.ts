/** What the parts of a device share: its keys and limits, its tables, and what waits to be pulled out. */
import { type Endpoint, type Milliseconds, type Random, randomFraction } from '../../base/index.ts';
import { DEFAULT_LIMITS, type WireguardLimits } from './constants.ts';
import type { WireguardCrypto } from './crypto.ts';
import { createDropCounters, type DropReason } from './drops.ts';
import { IndexTable } from './index-table.ts';
import type { X25519KeyPair } from './noise.ts';
import type { IndexOwner, Peer } from './peer.ts';
import { PeerTimers } from './timers.ts';
import type { PeerHandle, Received, WireguardDeviceOptions, WireguardEvent, WireguardEventKind } from './types.ts';

/** A message made while receiving, on its way out. */
export interface OutboxMessage {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
  /** Whom it is for, where that is proved. */
  readonly peer: Peer | undefined;
}

export class DeviceState {
  readonly crypto: WireguardCrypto;
  readonly random: Random;
  readonly limits: WireguardLimits;
  readonly self: X25519KeyPair;
  readonly indices: IndexTable<IndexOwner>;
  readonly timers: PeerTimers;
  readonly drops = createDropCounters();
  readonly outbox: OutboxMessage[] = [];
  /** Peers with something to send, each listed once. */
  readonly work: Peer[] = [];
  queuedBytes = 0;
  unixOffsetMs: Milliseconds;
  lastSentTimestamp: Uint8Array | undefined;
  readonly #events: WireguardEvent[] = [];
  readonly #dropped = new Map<DropReason, Received>();
  readonly #took: { kind: 'none'; peer: PeerHandle | undefined } = { kind: 'none', peer: undefined };

  constructor(options: WireguardDeviceOptions) {
    this.crypto = options.crypto;
    this.random = options.random;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    const privateKey = new Uint8Array(options.privateKey);
    this.self = { privateKey, publicKey: options.crypto.x25519PublicKey(privateKey) };
    this.indices = new IndexTable(options.random);
    this.timers = new PeerTimers(this.limits);
    this.unixOffsetMs = options.unixOffsetMs;
    this.lastSentTimestamp = options.lastSentTimestamp && new Uint8Array(options.lastSentTimestamp);
  }

  /** Counts a drop and gives the value that says so, one object per reason. */
  drop(reason: DropReason): Received {
    this.drops[reason]++;
    let received = this.#dropped.get(reason);
    if (!received) {
      received = Object.freeze({ kind: 'dropped', reason });
      this.#dropped.set(reason, received);
    }
    return received;
  }

  /** Says that a message without a packet was taken in: one object for all. */
  took(peer: PeerHandle | undefined): Received {
    this.#took.peer = peer;
    return this.#took;
  }

  listForWork(peer: Peer): void {
    if (peer.isListedForWork) return;
    peer.isListedForWork = true;
    this.work.push(peer);
  }

  /** Reports an event. One of a kind per peer waits at most, the latest, so nobody has to pull for memory to be bounded. */
  report(kind: WireguardEventKind, peer: Peer): void {
    const earlier = this.#events.findIndex((event) => event.peer === peer && event.kind === kind);
    if (earlier >= 0) this.#events.splice(earlier, 1);
    this.#events.push({ kind, peer });
  }

  nextEvent(): WireguardEvent | undefined {
    return this.#events.shift();
  }

  forgetEvents(peer: Peer): void {
    for (let i = this.#events.length - 1; i >= 0; i--) if (this.#events[i]?.peer === peer) this.#events.splice(i, 1);
  }

  drawJitter(peer: Peer): void {
    peer.jitter = randomFraction(this.random);
  }
}
