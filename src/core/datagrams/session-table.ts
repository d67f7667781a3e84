import {
  ANSWER_WINDOW_MS,
  NETWORK_SHARE_DIVISOR,
  UNCONFIRMED_BYTES,
  UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND,
  UNCONFIRMED_FACTOR,
  UNCONFIRMED_IDLE_MS,
} from './constants.ts';

export interface SessionLimits {
  readonly total: number;
  /** Of one group of addresses. */
  readonly perGroup: number;
  /** Of the total, how many may be of clients that never answered; the rest is for those that did. Left out: all. */
  readonly unconfirmed?: number;
}

export type SessionRefusal =
  | 'sessions-total'
  | 'sessions-per-address'
  | 'sessions-per-network'
  /** All places for newcomers are held by others that still wait for their answer. */
  | 'sessions-unconfirmed';

/** Where a client is, as its address tells; anybody can write any. */
export interface ClientPlace {
  /** Who counts as one client. */
  readonly group: string;
  /** A network that its addresses are of, and many others too. Left out: it is of none. */
  readonly network?: string | undefined;
}

/** Somebody who sends datagrams and gets some back. */
export interface DatagramSession<Value> {
  readonly key: string;
  /** Who counts as one client. */
  readonly group: string;
  readonly network: string | undefined;
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
 * that never answered are trusted with little: they get few bytes, are forgotten soon, and have places of their own, which
 * they leave to others once they have their answer or waited long enough for it. Those that answered keep theirs.
 */
export class SessionTable<Value> {
  readonly #limits: SessionLimits;
  readonly #confirmed = new Map<string, DatagramSession<Value>>();
  /** The oldest first. */
  readonly #unconfirmed = new Map<string, DatagramSession<Value>>();
  /** Of these, those that got an answer, in the order in which they did. */
  readonly #answered = new Set<DatagramSession<Value>>();
  /** Unconfirmed sessions by network, the oldest first. */
  readonly #networks = new Map<string, Set<DatagramSession<Value>>>();
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

  /** Those that have to go so that one more from there has room; a refusal where there is none to be had. */
  inTheWay({ group, network }: ClientPlace, nowMs: number): DatagramSession<Value>[] | SessionRefusal {
    const sessions = this.#groups.get(group)?.sessions;
    if (sessions && sessions.size >= this.#limits.perGroup) {
      const done = firstDone(sessions);
      return done ? [done] : 'sessions-per-address';
    }
    const neighbours = network === undefined ? undefined : this.#networks.get(network);
    if (neighbours && neighbours.size >= this.#mostUnconfirmed / NETWORK_SHARE_DIVISOR) {
      const done = firstDone(neighbours) ?? firstOld(neighbours, nowMs);
      return done ? [done] : 'sessions-per-network';
    }
    if (this.#unconfirmed.size < this.#mostUnconfirmed && this.size < this.#limits.total) return [];
    const [answered] = this.#answered;
    const done = answered ?? firstOld(this.#unconfirmed.values(), nowMs);
    if (done) return [done];
    return this.#unconfirmed.size > 0 ? 'sessions-unconfirmed' : 'sessions-total';
  }

  get #mostUnconfirmed(): number {
    return this.#limits.unconfirmed ?? this.#limits.total;
  }

  /** After what was `inTheWay` is gone. */
  open(
    key: string,
    { group, network }: ClientPlace,
    idleMs: number,
    value: Value,
    nowMs: number,
  ): DatagramSession<Value> {
    const counts = { receivedBytes: 0, sentBytes: 0, lastMs: nowMs, isConfirmed: false };
    const session: DatagramSession<Value> = { key, group, network, startedMs: nowMs, idleMs, value, ...counts };
    this.#unconfirmed.set(key, session);
    if (network !== undefined) {
      const neighbours = this.#networks.get(network) ?? new Set();
      this.#networks.set(network, neighbours.add(session));
    }
    const held = this.#groups.get(group) ?? { sessions: new Set(), secondMs: nowMs, unconfirmedBytes: 0 };
    held.sessions.add(session);
    this.#groups.set(group, held);
    return session;
  }

  /** It is known by other means that the client is where it says that it is. */
  confirm(session: DatagramSession<Value>): void {
    const isFull = this.#confirmed.size >= this.#limits.total - (this.#limits.unconfirmed ?? 0);
    if (isFull || !this.#unconfirmed.delete(session.key)) return;
    this.#forgetUnconfirmed(session);
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
      this.#answered.add(session);
    }
    session.sentBytes += bytes;
    session.lastMs = nowMs;
    return true;
  }

  remove(session: DatagramSession<Value>): boolean {
    if (this.#unconfirmed.delete(session.key)) this.#forgetUnconfirmed(session);
    else if (!this.#confirmed.delete(session.key)) return false;
    const group = this.#groups.get(session.group);
    if (group?.sessions.delete(session) && group.sessions.size === 0) this.#groups.delete(session.group);
    return true;
  }

  #forgetUnconfirmed(session: DatagramSession<Value>): void {
    this.#answered.delete(session);
    const neighbours = session.network === undefined ? undefined : this.#networks.get(session.network);
    neighbours?.delete(session);
    if (session.network !== undefined && neighbours?.size === 0) this.#networks.delete(session.network);
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

/** The oldest, where it waited long enough for an answer. */
function firstOld<Value>(
  sessions: Iterable<DatagramSession<Value>>,
  nowMs: number,
): DatagramSession<Value> | undefined {
  const [oldest] = sessions;
  return oldest && nowMs - oldest.startedMs >= ANSWER_WINDOW_MS ? oldest : undefined;
}
