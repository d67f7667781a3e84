/**
 * The timers of a session (paper section 6), each changed by named protocol events. Arming and disarming happens with
 * every packet, so it is a few comparisons; see `deadline-heap.ts` for how the earliest is found.
 */
import type { Milliseconds } from '../../base/index.ts';
import { DeadlineHeap } from '../../base/index.ts';
import { RETRY_JITTER_FRACTION, WIPE_AFTER_REJECT_TIMES, type WireguardLimits } from './constants.ts';
import type { Peer, PeerTimes } from './peer.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Timers in the order in which they are looked at when several are due. */
const TIMER_NAMES = [
  'wipeKeysMs',
  'retransmitHandshakeMs',
  'newHandshakeMs',
  'sendKeepaliveMs',
  'persistentKeepaliveMs',
] as const;

export type TimerName = (typeof TIMER_NAMES)[number] & keyof PeerTimes;

export class PeerTimers {
  readonly #limits: WireguardLimits;
  readonly #heap = new DeadlineHeap<Peer>();

  constructor(limits: WireguardLimits) {
    this.#limits = limits;
  }

  /** A data packet was sent: unless the peer is heard of in time, the session is taken for dead. */
  dataSent(peer: Peer, nowMs: Milliseconds): void {
    if (peer.times.newHandshakeMs !== NEVER) return;
    const { keepaliveTimeoutMs, rekeyTimeoutMs } = this.#limits;
    this.#arm(peer, 'newHandshakeMs', nowMs + keepaliveTimeoutMs + jittered(rekeyTimeoutMs, peer.jitter));
  }

  /**
   * A data packet came in: the peer must hear of us in time. Anything sent before then answers it and all that came
   * until then, so one pending timer is enough.
   */
  dataReceived(peer: Peer, nowMs: Milliseconds): void {
    if (peer.times.sendKeepaliveMs === NEVER)
      this.#arm(peer, 'sendKeepaliveMs', nowMs + this.#limits.keepaliveTimeoutMs);
  }

  /** Any message that proves who we are was sent. */
  anyAuthenticatedPacketSent(peer: Peer, nowMs: Milliseconds): void {
    peer.times.sendKeepaliveMs = NEVER;
    this.#anyAuthenticatedPacketTraversed(peer, nowMs);
  }

  /** Any message that proves who the peer is came in. */
  anyAuthenticatedPacketReceived(peer: Peer, nowMs: Milliseconds): void {
    peer.lastReceivedMs = nowMs;
    peer.times.newHandshakeMs = NEVER;
    this.#anyAuthenticatedPacketTraversed(peer, nowMs);
  }

  /** An initiation was sent; it is sent again after `intervalMs` without an answer. */
  handshakeInitiated(peer: Peer, nowMs: Milliseconds, intervalMs: Milliseconds): void {
    this.#arm(peer, 'retransmitHandshakeMs', nowMs + jittered(intervalMs, peer.jitter));
  }

  /** An initiation is wanted, but not before this time. */
  handshakeWantedAt(peer: Peer, atMs: Milliseconds): void {
    this.#arm(peer, 'retransmitHandshakeMs', atMs);
  }

  /** The peer proved to have the keys of a new session. */
  handshakeComplete(peer: Peer, nowMs: Milliseconds): void {
    peer.times.retransmitHandshakeMs = NEVER;
    peer.attempts = 0;
    peer.hasGivenUp = false;
    peer.renewsBeforeEnd = false;
    peer.lastHandshakeMs = nowMs;
  }

  /** New keys exist: the wiping of all keys starts anew. */
  sessionDerived(peer: Peer, nowMs: Milliseconds): void {
    this.#arm(peer, 'wipeKeysMs', nowMs + WIPE_AFTER_REJECT_TIMES * this.#limits.rejectAfterTimeMs);
  }

  /** Handshakes were given up. */
  handshakeGaveUp(peer: Peer, nowMs: Milliseconds): void {
    peer.times.sendKeepaliveMs = NEVER;
    if (peer.times.wipeKeysMs === NEVER) this.sessionDerived(peer, nowMs);
    if (peer.slowRetryMs !== undefined) this.handshakeInitiated(peer, nowMs, peer.slowRetryMs);
  }

  forget(peer: Peer): void {
    this.#heap.remove(peer);
  }

  /** Earliest time at which a timer goes off, or undefined. */
  nextDeadlineMs(): Milliseconds | undefined {
    return this.#settledTop()?.heapMs;
  }

  /** A peer with a timer that is due, or undefined. */
  firstDue(nowMs: Milliseconds): Peer | undefined {
    const peer = this.#heap.top;
    if (!peer || peer.heapMs > nowMs) return undefined;
    const settled = this.#settledTop();
    return settled && settled.heapMs <= nowMs ? settled : undefined;
  }

  /** Disarms one timer of the peer that is due and names it. */
  takeExpired(peer: Peer, nowMs: Milliseconds): TimerName | undefined {
    for (const name of TIMER_NAMES) {
      if (peer.times[name] <= nowMs) {
        peer.times[name] = NEVER;
        return name;
      }
    }
    return undefined;
  }

  #anyAuthenticatedPacketTraversed(peer: Peer, nowMs: Milliseconds): void {
    if (peer.persistentKeepaliveMs > 0) this.#arm(peer, 'persistentKeepaliveMs', nowMs + peer.persistentKeepaliveMs);
  }

  #arm(peer: Peer, name: TimerName, atMs: Milliseconds): void {
    peer.times[name] = atMs;
    if (atMs < peer.heapMs) this.#heap.file(peer, atMs);
  }

  /** Moves peers whose timers went back to where they belong, until the top is filed under its true time. */
  #settledTop(): Peer | undefined {
    for (let peer = this.#heap.top; peer; peer = this.#heap.top) {
      const earliestMs = peer.times.earliestMs();
      if (earliestMs === NEVER) this.#heap.remove(peer);
      else if (earliestMs > peer.heapMs) this.#heap.file(peer, earliestMs);
      else return peer;
    }
    return undefined;
  }
}

function jittered(intervalMs: Milliseconds, jitter: number): Milliseconds {
  return intervalMs * (1 + jitter * RETRY_JITTER_FRACTION);
}
