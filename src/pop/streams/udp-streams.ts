import { type Clock, type Endpoint, formatEndpoint } from '../../base/index.ts';
import { Places } from '../../core/budget/index.ts';
import {
  type ClientPlace,
  cutDatagram,
  type DatagramSession,
  PieceReader,
  SESSION_OVER,
  SessionTable,
} from '../../core/datagrams/index.ts';
import type { StreamTargetRecord } from '../../core/link/index.ts';
import { readProxyHeader, writeProxyHeader } from '../../core/proxy-protocol/index.ts';
import { addressGroup, addressNetwork } from '../../io/address-group.ts';
import type { Counters } from '../counters.ts';
import type { DatagramPath, TargetDialer } from '../dialer.ts';
import type { LiveExchange, LiveExchanges } from '../live-exchanges.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { Candidate, TargetChoice } from '../target-choice.ts';
import {
  MAXIMUM_UDP_SESSIONS,
  MAXIMUM_UDP_SESSIONS_PER_ADDRESS,
  MAXIMUM_UNCONFIRMED_UDP_SESSIONS,
  UDP_USUAL_IDLE_MS,
} from './constants.ts';
import type { JudgedStream, StreamJudge } from './stream-judge.ts';
import type { AtPort, StreamTable } from './stream-table.ts';
import { trustsProxy } from './trusted-proxies.ts';

export interface UdpStreamsParts {
  readonly table: () => StreamTable;
  readonly judge: StreamJudge;
  readonly holder: SnapshotHolder;
  readonly choice: TargetChoice;
  readonly dialer: TargetDialer;
  readonly live: LiveExchanges;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** What goes back to clients. */
export type Reply = (bytes: Uint8Array, to: Endpoint) => void;

/** A client as a datagram tells. */
interface Sender {
  /** Whom answers go to: the client, or the proxy that brought it. */
  readonly peer: Endpoint;
  readonly client: Endpoint;
  /** The proxy does not know who sent it; `client` is that proxy then. */
  readonly isUnknown?: boolean;
  readonly server: Endpoint;
  readonly payload: Uint8Array;
}

interface Carried {
  readonly judged: JudgedStream;
  readonly at: AtPort;
  readonly sender: Omit<Sender, 'payload'>;
  readonly reply: Reply;
  readonly exchange: LiveExchange;
  way: Way;
  nextId: number;
}

interface Way {
  readonly candidate: Candidate<StreamTargetRecord>;
  readonly path: DatagramPath;
  /** Pieces of datagrams that came by one way belong together. */
  readonly reader: PieceReader;
}

type Session = DatagramSession<Carried>;

/**
 * Carries datagrams to targets and back, by sessions: all that one client sends to one port, until nothing moved for a
 * while. A session is judged at its beginning and while it lasts, keeps its connector, and goes by another one when
 * nothing leads to that any more.
 */
export class UdpStreams {
  readonly #parts: UdpStreamsParts;
  readonly #sessions = new SessionTable<Carried>({
    total: MAXIMUM_UDP_SESSIONS,
    perGroup: MAXIMUM_UDP_SESSIONS_PER_ADDRESS,
    unconfirmed: MAXIMUM_UNCONFIRMED_UDP_SESSIONS,
  });
  /** The same sessions, by organisation. */
  readonly #places = new Places(MAXIMUM_UDP_SESSIONS);

  constructor(parts: UdpStreamsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A datagram came to a port of resources. */
  take(bytes: Uint8Array, from: Endpoint, server: Endpoint, reply: Reply): void {
    const { table, counters, clock } = this.#parts;
    const at = table().at('udp', server.port);
    const sender = at && this.#senderOf(at, bytes, from, server);
    if (!sender) return;
    const key = `${server.port} ${formatEndpoint(from)} ${from === sender.client ? (sender.isUnknown ? 'unknown' : '') : formatEndpoint(sender.client)}`;
    const known = this.#sessions.get(key);
    if (known && known.value.at.resource.record.id !== at.resource.record.id) this.#end(known);
    const session = this.#sessions.get(key) ?? this.#begin(key, at, sender, reply);
    if (!session) return;
    this.#sessions.received(session, sender.payload.length, clock.nowMs());
    if (!this.#send(session, sender.payload)) counters.add('streams', 'datagram-dropped');
  }

  /** Ends what is over; call once a second. */
  tick(): void {
    for (const session of this.#sessions.takeIdle(this.#parts.clock.nowMs())) this.#ended(session, true);
  }

  close(): void {
    for (const session of [...this.#sessions.values()]) this.#end(session);
  }

  /** Undefined where a trusted proxy sent something without a header. */
  #senderOf(at: AtPort, bytes: Uint8Array, from: Endpoint, server: Endpoint): Sender | undefined {
    if (!trustsProxy(at.resource.record, from.address)) return { peer: from, client: from, server, payload: bytes };
    const header = readProxyHeader(bytes);
    if (header.kind !== 'header') {
      this.#parts.counters.add('streams', header.kind === 'refused' ? header.fault : 'proxy-header-cut-off');
      return undefined;
    }
    const payload = bytes.subarray(header.length);
    if (header.header.kind !== 'proxied') {
      const isUnknown = header.header.kind === 'unknown';
      return { peer: from, client: from, isUnknown, server, payload };
    }
    const { source: client, destination } = header.header;
    return { peer: from, client, server: destination, payload };
  }

  #begin(key: string, at: AtPort, sender: Sender, reply: Reply): Session | undefined {
    const { judge, counters, live, clock } = this.#parts;
    const { resource } = at;
    const { client, server } = sender;
    // Whom the policy does not admit takes nobody's place.
    const clientAddress = sender.isUnknown ? undefined : client.address;
    const judged = judge.judge({ resource, method: 'UDP', port: server.port, clientAddress });
    if (!judged.isAdmitted) {
      counters.add('streams', 'refused');
      return undefined;
    }
    // Answers may come before the session is in the table; there is nobody to give them to then.
    const found: { session?: Session } = {};
    const way = this.#choose(at, judged, (packet) => found.session && this.#fromTarget(found.session, packet));
    if (!way) {
      judge.failed(judged, 'no-healthy-target');
      return undefined;
    }
    const { text } = client.address;
    const place = { group: addressGroup(text), network: addressNetwork(text) };
    const refusal = this.#makeRoom(resource.record.organisationId, place);
    if (refusal) {
      way.path.close();
      judge.failed(judged, refusal);
      return undefined;
    }
    const cut = (): void => {
      counters.add('streams', 'cut');
      if (found.session) this.#end(found.session);
    };
    const exchange: LiveExchange = {
      resourceId: resource.record.id,
      subjectId: judged.userId,
      get through() {
        return found.session?.value.way.candidate.connector.overlayAddress;
      },
      stillAdmitted: () => judge.stillAdmitted(judged),
      cut,
      goAway: () => undefined,
    };
    const { listen } = resource.record;
    const idleMs = (listen.transport === 'udp' && listen.idleMs) || UDP_USUAL_IDLE_MS;
    const value: Carried = { judged, at, sender, reply, exchange, way, nextId: 0 };
    found.session = this.#sessions.open(key, place, idleMs, value, clock.nowMs());
    this.#places.take(resource.record.organisationId);
    live.add(exchange);
    counters.add('streams', 'opened');
    return found.session;
  }

  /** Room for one more; where there is none, why. */
  #makeRoom(organisationId: string, place: ClientPlace): string | undefined {
    const going = this.#sessions.inTheWay(place, this.#parts.clock.nowMs());
    if (typeof going === 'string') return going;
    if (!this.#places.isFor(organisationId, going.length)) return 'sessions-per-organisation';
    for (const old of going) this.#end(old);
    return undefined;
  }

  /** The best way by a connector; devices carry no datagrams. */
  #choose({ resource }: AtPort, { context }: JudgedStream, take: (packet: Uint8Array) => void): Way | undefined {
    const { holder, choice, dialer } = this.#parts;
    if (!holder.view) return undefined;
    const { ways } = choice.candidates({ resource, view: holder.view, context, targetMark: undefined });
    for (const { way: candidate } of ways) {
      const { kind, overlayAddress } = candidate.connector;
      const path = kind === 'connector' ? dialer.openDatagrams?.(overlayAddress, take) : undefined;
      if (path) return { candidate, path, reader: new PieceReader() };
    }
    return undefined;
  }

  #send(session: Session, payload: Uint8Array): boolean {
    const { value } = session;
    const { resource, offset } = value.at;
    if (!this.#hasWay(session)) return false;
    const { to } = resource.record.proxyProtocol ?? {};
    const { client: source, server: destination, isUnknown } = value.sender;
    // Version 1 has no word for datagrams.
    const said = { kind: 'proxied', transport: 'datagram', source, destination } as const;
    const header = to && writeProxyHeader(2, isUnknown ? { kind: 'unknown' } : said);
    const bytes = header ? joined(header, payload) : payload;
    value.nextId = (value.nextId + 1) & 0xffff;
    const port = value.way.candidate.target.overlayPort + offset;
    return cutDatagram(bytes, value.nextId).every((packet) => value.way.path.send(port, packet));
  }

  /** Whether something leads to the connector of a session; where that is another one from now on, it is that one. */
  #hasWay(session: Session): boolean {
    const { dialer, counters } = this.#parts;
    const { value } = session;
    if (dialer.state(value.way.candidate.connector.overlayAddress) !== 'down') return true;
    const way = this.#choose(value.at, value.judged, (packet) => this.#fromTarget(session, packet));
    if (!way) return false;
    value.way.path.close();
    value.way = way;
    counters.add('streams', 'moved');
    return true;
  }

  #fromTarget(session: Session, packet: Uint8Array): void {
    const { counters, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const found = session.value.way.reader.read(packet, nowMs);
    if (found === 'over') return void this.#end(session, false);
    if (typeof found === 'string') counters.add('streams', found);
    if (!(found instanceof Uint8Array)) return;
    if (this.#sessions.sends(session, found.length, nowMs)) session.value.reply(found, session.value.sender.peer);
    else counters.add('streams', 'reply-to-unconfirmed');
  }

  #end(session: Session, tells = true): void {
    if (this.#sessions.remove(session)) this.#ended(session, tells);
  }

  /** After it was taken out. */
  #ended(session: Session, tells: boolean): void {
    const { live, counters, judge, clock } = this.#parts;
    const { value, receivedBytes: bytesReceived, sentBytes: bytesSent, startedMs } = session;
    live.remove(value.exchange);
    this.#places.give(value.at.resource.record.organisationId);
    counters.add('streams', 'ended');
    if (tells) value.way.path.send(value.way.candidate.target.overlayPort + value.at.offset, SESSION_OVER);
    value.way.path.close();
    judge.ended(value.judged, { bytesReceived, bytesSent, durationMs: Math.round(clock.nowMs() - startedMs) });
  }
}

function joined(head: Uint8Array, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + rest.length);
  bytes.set(head);
  bytes.set(rest, head.length);
  return bytes;
}
