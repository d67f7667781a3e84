import { type Endpoint, formatEndpoint, type IpAddress } from '../../base/index.ts';
import type { ConnectionAttempt, ListenOptions, TcpConnection, TcpListener } from './api.ts';
import { Backlog } from './backlog.ts';
import { ATTEMPT_TIMEOUT_MS, DEFAULT_BACKLOG } from './constants.ts';
import type { DropReason } from './counters.ts';
import { isBefore, plus } from './sequence.ts';
import type { EventEntry, EventQueue } from './stack-resources.ts';
import type { PeerOffer } from './tcp/arrives-handshake.ts';
import { RST, type Segment, SYN } from './wire/tcp.ts';

export const EVENT_ACCEPT = 1;
export const EVENT_WITHDRAWN = 2;

export class Listener implements TcpListener {
  readonly address: IpAddress | undefined;
  readonly backlog: Backlog;
  readonly #close: () => void;

  constructor(options: ListenOptions | undefined, close: () => void) {
    this.address = options?.address;
    this.backlog = new Backlog(options?.backlog ?? DEFAULT_BACKLOG);
    this.#close = close;
  }

  close(): void {
    this.#close();
  }
}

/** What attempts need of their stack. */
export interface AttemptHost {
  readonly events: EventQueue<EventEntry>;
  openAccepted(attempt: Attempt, nowMs: number): TcpConnection | undefined;
  sendRefusal(attempt: Attempt): void;
  sendUnreachable(attempt: Attempt): void;
}

/** An inbound SYN that is not answered yet. Repeated SYNs are absorbed, so the program may take its time to decide. */
export class Attempt implements ConnectionAttempt, EventEntry {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly listener: Listener;
  readonly offer: PeerOffer;
  /** The SYN packet, as far as an ICMP error quotes it. */
  readonly packet: Uint8Array;
  readonly expiresAtMs: number;
  user: unknown = undefined;
  isOpen = true;
  pendingEvents = 0;
  isEventQueued = false;
  readonly #attempts: Attempts;

  constructor(
    attempts: Attempts,
    listener: Listener,
    local: Endpoint,
    remote: Endpoint,
    segment: Segment,
    packet: Uint8Array,
    nowMs: number,
  ) {
    this.#attempts = attempts;
    this.listener = listener;
    this.local = local;
    this.remote = remote;
    this.packet = packet;
    this.expiresAtMs = nowMs + ATTEMPT_TIMEOUT_MS;
    const { seq, window, mss, windowShift, sackPermitted, hasTimestamps, tsVal } = segment;
    this.offer = { seq, window, mss, windowShift, sackPermitted, hasTimestamps, tsVal: hasTimestamps ? tsVal : 0 };
  }

  accept(nowMs: number): TcpConnection | undefined {
    return this.#attempts.accept(this, nowMs);
  }

  refuse(): void {
    this.#attempts.refuse(this);
  }

  unreachable(): void {
    this.#attempts.unreachable(this);
  }
}

/** Listeners and the attempts that wait. */
export class Attempts {
  readonly #host: AttemptHost;
  readonly #limit: number;
  readonly #listeners = new Map<string, Listener>();
  #wildcard: Listener | undefined;
  /** In the order of arrival, which is the order of expiry. */
  readonly #byTuple = new Map<string, Attempt>();

  constructor(host: AttemptHost, limit: number) {
    this.#host = host;
    this.#limit = limit;
  }

  get size(): number {
    return this.#byTuple.size;
  }

  /** When the oldest attempt expires, Infinity without one. */
  get earliestMs(): number {
    for (const attempt of this.#byTuple.values()) return attempt.expiresAtMs;
    return Number.POSITIVE_INFINITY;
  }

  listen(port: number, options: ListenOptions | undefined): Listener {
    const key = listenerKey(port, options?.address);
    if (this.#listeners.has(key)) throw new Error(`TCP port ${port} has a listener already`);
    const listener = new Listener(options, () => {
      this.#listeners.delete(key);
      this.#refuseAll(listener);
    });
    this.#listeners.set(key, listener);
    return listener;
  }

  listenAll(options: ListenOptions | undefined): Listener {
    if (this.#wildcard) throw new Error('there is a listener for all TCP ports already');
    const listener = new Listener(options, () => {
      this.#wildcard = undefined;
      this.#refuseAll(listener);
    });
    this.#wildcard = listener;
    return listener;
  }

  listenerFor(local: Endpoint): Listener | undefined {
    const exact = this.#listeners.get(listenerKey(local.port, local.address));
    const own = exact ?? this.#listeners.get(listenerKey(local.port, undefined));
    if (own) return own;
    const all = this.#wildcard;
    return all && (!all.address || all.address.text === local.address.text) ? all : undefined;
  }

  /** A segment without a connection, for a port with a listener. `undefined` when it made an attempt. */
  segmentArrives(
    listener: Listener,
    local: Endpoint,
    remote: Endpoint,
    segment: Segment,
    packet: Uint8Array,
    nowMs: number,
  ): DropReason | undefined {
    const key = tupleKey(local, remote);
    const waiting = this.#byTuple.get(key);
    if (waiting) return this.#arrivesAtWaiting(waiting, segment);
    if (segment.flags !== SYN && (segment.flags & 0x3f) !== SYN) return 'tcp-no-connection';
    if (this.#byTuple.size >= this.#limit) return 'tcp-backlog-full';
    const refusal = listener.backlog.refusal(remote.address);
    if (refusal) return refusal;
    const attempt = new Attempt(this, listener, local, remote, segment, packet, nowMs);
    this.#byTuple.set(key, attempt);
    listener.backlog.take(remote.address);
    this.#host.events.raise(attempt, EVENT_ACCEPT);
    return undefined;
  }

  isWaiting(local: Endpoint, remote: Endpoint): boolean {
    return this.#byTuple.has(tupleKey(local, remote));
  }

  expire(nowMs: number): void {
    for (const attempt of this.#byTuple.values()) {
      if (attempt.expiresAtMs > nowMs) return;
      this.#withdraw(attempt);
    }
  }

  accept(attempt: Attempt, nowMs: number): TcpConnection | undefined {
    if (!attempt.isOpen) return undefined;
    const connection = this.#host.openAccepted(attempt, nowMs);
    // The backlog slot stays taken until the handshake ends.
    if (connection) attempt.listener.backlog.take(attempt.remote.address);
    this.#settle(attempt);
    return connection;
  }

  refuse(attempt: Attempt): void {
    if (!attempt.isOpen) return;
    this.#settle(attempt);
    this.#host.sendRefusal(attempt);
  }

  unreachable(attempt: Attempt): void {
    if (!attempt.isOpen) return;
    this.#settle(attempt);
    this.#host.sendUnreachable(attempt);
  }

  #arrivesAtWaiting(attempt: Attempt, segment: Segment): DropReason {
    const next = plus(attempt.offer.seq, 1);
    if ((segment.flags & RST) !== 0 && segment.seq === next) {
      this.#withdraw(attempt);
      return 'tcp-reset-by-peer';
    }
    if ((segment.flags & SYN) !== 0 && segment.seq !== attempt.offer.seq && isBefore(next, segment.seq)) {
      // The peer gave up and began anew from the same port: the program's answer would be for a dead attempt.
      this.#withdraw(attempt);
      return 'tcp-attempt-pending';
    }
    return 'tcp-attempt-pending';
  }

  #withdraw(attempt: Attempt): void {
    this.#settle(attempt);
    // An attempt that the program never saw is not announced and not withdrawn.
    if ((attempt.pendingEvents & EVENT_ACCEPT) !== 0) attempt.pendingEvents = 0;
    else this.#host.events.raise(attempt, EVENT_WITHDRAWN);
  }

  #settle(attempt: Attempt): void {
    attempt.isOpen = false;
    attempt.listener.backlog.release(attempt.remote.address);
    this.#byTuple.delete(tupleKey(attempt.local, attempt.remote));
  }

  #refuseAll(listener: Listener): void {
    for (const attempt of [...this.#byTuple.values()]) if (attempt.listener === listener) this.refuse(attempt);
  }
}

function listenerKey(port: number, address: IpAddress | undefined): string {
  return address ? `${port} ${address.text}` : String(port);
}

function tupleKey(local: Endpoint, remote: Endpoint): string {
  return `${formatEndpoint(local)} ${formatEndpoint(remote)}`;
}
