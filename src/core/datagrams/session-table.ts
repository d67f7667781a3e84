import {
  UNCONFIRMED_BYTES,
  UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND,
  UNCONFIRMED_FACTOR,
  UNCONFIRMED_IDLE_MS,
} from './constants.ts';

export interface SessionLimits {
  readonly total: number;
  /** Of one group of addresses. */
  readonly perGroup: number;
}

export type SessionRefusal = 'sessions-total' | 'sessions-per-address';

/** Somebody who sends datagrams and gets some back. */
export interface DatagramSession<Value> {
  readonly key: string;
  /** Who counts as one client. */
  readonly group: string;
  readonly startedMs: number;
  readonly idleMs: number;
  readonly value: Value;
  receivedBytes: number;
  sentBytes: number;
  /** When a datagram last went either way. */
  lastMs: number;
  /** The client sent something after it got something: so it is where it says that it is. */
  isConfirmed: boolean;
}

interface Group<Value> {
  readonly sessions: Set<DatagramSession<Value>>;
  secondMs: number;
  unconfirmedBytes: number;
}

/**
 * Sessions by key, bounded in all and for each group of addresses. The source of a datagram is easily forged, so clients
 * that never answered are trusted with little: they get few bytes, are forgotten soon, and make room for others where it
 * is short. Those that answered keep their place.
 */
export class SessionTable<Value> {
  readonly #limits: SessionLimits;
  readonly #confirmed = new Map<string, DatagramSession<Value>>();
  /** The oldest first. */
  readonly #unconfirmed = new Map<string, DatagramSession<Value>>();
  readonly #groups = new Map<string, Group<Value>>();

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#confirmed.size + this.#unconfirmed.size;
  }

  get(key: string): DatagramSession<Value> | undefined {
    return this.#confirmed.get(key) ?? this.#unconfirmed.get(key);
  }

  /** Those that have to go so that one more of this group has room; a refusal where there is none to be had. */
  makeRoom(group: string): DatagramSession<Value>[] | SessionRefusal {
    const going: DatagramSession<Value>[] = [];
    const sessions = this.#groups.get(group)?.sessions;
    if (sessions && sessions.size >= this.#limits.perGroup) {
      const done = firstDone(sessions);
      if (!done) return 'sessions-per-address';
      going.push(done);
    } else if (this.size >= this.#limits.total) {
      const [oldest] = this.#unconfirmed.values();
      if (!oldest) return 'sessions-total';
      going.push(oldest);
    }
    for (const session of going) this.remove(session);
    return going;
  }

  /** After `makeRoom`. */
  open(key: string, group: string, idleMs: number, value: Value, nowMs: number): DatagramSession<Value> {
    const counts = { receivedBytes: 0, sentBytes: 0, lastMs: nowMs, isConfirmed: false };
    const session: DatagramSession<Value> = { key, group, startedMs: nowMs, idleMs, value, ...counts };
    this.#unconfirmed.set(key, session);
    const held = this.#groups.get(group) ?? { sessions: new Set(), secondMs: nowMs, unconfirmedBytes: 0 };
    held.sessions.add(session);
    this.#groups.set(group, held);
    return session;
  }

  /** It is known by other means that the client is where it says that it is. */
  confirm(session: DatagramSession<Value>): void {
    if (!this.#unconfirmed.delete(session.key)) return;
    session.isConfirmed = true;
    this.#confirmed.set(session.key, session);
  }

  /** The client sent a datagram. */
  received(session: DatagramSession<Value>, bytes: number, nowMs: number): void {
    if (!session.isConfirmed && session.sentBytes > 0) this.confirm(session);
    session.receivedBytes += bytes;
    session.lastMs = nowMs;
  }

  /** Whether the client may get a datagram; if so it is counted as sent. */
  sends(session: DatagramSession<Value>, bytes: number, nowMs: number): boolean {
    const group = this.#groups.get(session.group);
    if (!group) return false;
    if (!session.isConfirmed) {
      const mostBytes = UNCONFIRMED_FACTOR * session.receivedBytes + UNCONFIRMED_BYTES;
      if (nowMs - group.secondMs >= 1_000) [group.secondMs, group.unconfirmedBytes] = [nowMs, 0];
      const isGroupFull = group.unconfirmedBytes + bytes > UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND;
      if (session.sentBytes + bytes > mostBytes || isGroupFull) return false;
      group.unconfirmedBytes += bytes;
    }
    session.sentBytes += bytes;
    session.lastMs = nowMs;
    return true;
  }

  remove(session: DatagramSession<Value>): boolean {
    if (!this.#unconfirmed.delete(session.key) && !this.#confirmed.delete(session.key)) return false;
    const group = this.#groups.get(session.group);
    if (group?.sessions.delete(session) && group.sessions.size === 0) this.#groups.delete(session.group);
    return true;
  }

  /** Takes out those in which nothing moved for too long, at most for `mostMs`; call once a second or so. */
  takeIdle(nowMs: number, mostMs: number = Number.POSITIVE_INFINITY): DatagramSession<Value>[] {
    const idle: DatagramSession<Value>[] = [];
    for (const session of this.#unconfirmed.values())
      if (nowMs - session.lastMs >= Math.min(session.idleMs, UNCONFIRMED_IDLE_MS)) idle.push(session);
    for (const session of this.#confirmed.values())
      if (nowMs - session.lastMs >= Math.min(session.idleMs, mostMs)) idle.push(session);
    for (const session of idle) this.remove(session);
    return idle;
  }

  *values(): Generator<DatagramSession<Value>> {
    yield* this.#unconfirmed.values();
    yield* this.#confirmed.values();
  }
}

/** The oldest that got its answer and asked nothing more. */
function firstDone<Value>(sessions: Iterable<DatagramSession<Value>>): DatagramSession<Value> | undefined {
  for (const session of sessions) if (!session.isConfirmed && session.sentBytes > 0) return session;
  return undefined;
}
