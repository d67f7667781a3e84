import { type Clock, type Endpoint, formatEndpoint } from '../base/index.ts';
import { cutDatagram, type DatagramSession, PieceReader, SESSION_OVER, SessionTable } from '../core/datagrams/index.ts';
import type { SiteGrant } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import type { DatagramSocket, DatagramTaker } from '../io/overlay/datagram-socket.ts';
import { TargetSocket } from '../io/streams/udp-port.ts';
import { DatagramOutbox } from '../io/udp/datagram-outbox.ts';
import {
  UDP_LOOK_MS,
  UDP_SESSION_IDLE_BUSY_MS,
  UDP_SESSION_IDLE_MS,
  UDP_SESSIONS_MAX,
  UDP_WAITING_MAX,
} from './constants.ts';
import { grantedUdp } from './granted.ts';

/** Gives a UDP port of the connector's own address; throws where it is taken. */
export type BindUdp = (port: number, take: DatagramTaker) => DatagramSocket;

interface Relayed {
  readonly port: number;
  readonly pop: Endpoint;
  readonly reader: PieceReader;
  readonly socket: TargetSocket;
  /** What came before the target's name was looked up; undefined once it was. */
  waiting: Uint8Array[] | undefined;
  nextId: number;
}

export interface UdpCounters {
  sessions: number;
  notGranted: number;
  refused: number;
  malformed: number;
}

/**
 * Carries datagrams from PoPs to targets: a socket of its own for each session, so that what a target answers finds back.
 * Ports that the grant does not name are not even open.
 */
export class UdpTargets {
  readonly counters: UdpCounters = { sessions: 0, notGranted: 0, refused: 0, malformed: 0 };
  readonly #bind: BindUdp;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ports = new Map<number, DatagramSocket>();
  readonly #sessions = new SessionTable<Relayed>({ total: UDP_SESSIONS_MAX, perGroup: UDP_SESSIONS_MAX });
  readonly #outbox = new DatagramOutbox();
  readonly #looking: NodeJS.Timeout;
  #grant: SiteGrant | undefined;

  constructor(bind: BindUdp, clock: Clock, log: Log) {
    this.#bind = bind;
    this.#clock = clock;
    this.#log = log;
    this.#looking = setInterval(() => this.#look(), UDP_LOOK_MS);
    this.#looking.unref();
  }

  /** Sessions that are open. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Opens the ports of the grant and closes the others, with their sessions. */
  follow(grant: SiteGrant): void {
    this.#grant = grant;
    const wanted = new Set<number>();
    for (const { transport, overlayPort, ports = 1 } of grant.targets)
      if (transport === 'udp') for (let port = overlayPort; port < overlayPort + ports; port++) wanted.add(port);
    for (const session of [...this.#sessions.values()]) if (!this.#isStill(session.value)) this.#end(session, true);
    for (const [port, socket] of this.#ports) {
      if (wanted.has(port)) continue;
      socket.close();
      this.#ports.delete(port);
    }
    for (const port of wanted) if (!this.#ports.has(port)) this.#open(port);
  }

  close(): void {
    clearInterval(this.#looking);
    for (const session of [...this.#sessions.values()]) this.#end(session, true);
    for (const socket of this.#ports.values()) socket.close();
    this.#ports.clear();
  }

  #open(port: number): void {
    try {
      this.#ports.set(
        port,
        this.#bind(port, (packet, from) => this.#fromPop(port, packet, from)),
      );
    } catch (error) {
      this.#log.error('a port for datagrams cannot be had', { port, error });
    }
  }

  #fromPop(port: number, packet: Uint8Array, from: Endpoint): void {
    const nowMs = this.#clock.nowMs();
    const key = `${port} ${formatEndpoint(from)}`;
    const session = this.#sessions.get(key) ?? this.#begin(key, port, from, nowMs);
    if (!session) return;
    const found = session.value.reader.read(packet, nowMs);
    if (found === 'over') return void this.#end(session, false);
    if (typeof found === 'string') this.counters.malformed++;
    if (!(found instanceof Uint8Array)) return;
    this.#sessions.received(session, found.length, nowMs);
    const { waiting, socket } = session.value;
    if (!waiting) socket.send(found);
    else if (waiting.length < UDP_WAITING_MAX) waiting.push(found.slice());
  }

  #begin(key: string, port: number, pop: Endpoint, nowMs: number): DatagramSession<Relayed> | undefined {
    const target = grantedUdp(this.#grant, port);
    if (!target) {
      this.counters.notGranted++;
      return undefined;
    }
    const group = pop.address.text;
    const going = this.#sessions.inTheWay({ group }, nowMs);
    if (typeof going === 'string') {
      this.counters.refused++;
      return undefined;
    }
    for (const old of going) this.#end(old, true);
    this.counters.sessions++;
    const socket = new TargetSocket(target.host, target.port, this.#outbox, {
      opened: () => {
        const { waiting = [] } = relayed;
        relayed.waiting = undefined;
        for (const bytes of waiting) socket.send(bytes);
      },
      take: (bytes) => this.#fromTarget(session, bytes),
      failed: () => this.#end(session, false),
    });
    const relayed: Relayed = { port, pop, reader: new PieceReader(), socket, waiting: [], nextId: 0 };
    const session = this.#sessions.open(key, { group }, UDP_SESSION_IDLE_MS, relayed, nowMs);
    // A PoP is where it says that it is: the tunnel proves it.
    this.#sessions.confirm(session);
    return session;
  }

  #fromTarget(session: DatagramSession<Relayed>, bytes: Uint8Array): void {
    const { port, pop } = session.value;
    session.lastMs = this.#clock.nowMs();
    session.value.nextId = (session.value.nextId + 1) & 0xffff;
    for (const packet of cutDatagram(bytes, session.value.nextId)) this.#ports.get(port)?.send(packet, pop);
  }

  #isStill({ port, socket }: Relayed): boolean {
    const target = grantedUdp(this.#grant, port);
    if (!target) return false;
    return socket.host === target.host && socket.port === target.port;
  }

  /** That a session is over gets lost now and then: where there is no room, those that were quiet longest are taken for such. */
  #look(): void {
    const mostMs = this.#sessions.size >= UDP_SESSIONS_MAX / 2 ? UDP_SESSION_IDLE_BUSY_MS : undefined;
    for (const session of this.#sessions.takeIdle(this.#clock.nowMs(), mostMs)) this.#close(session.value);
  }

  #end(session: DatagramSession<Relayed>, tells: boolean): void {
    if (!this.#sessions.remove(session)) return;
    const { port, pop } = session.value;
    if (tells) this.#ports.get(port)?.send(SESSION_OVER, pop);
    this.#close(session.value);
  }

  #close({ socket }: Relayed): void {
    socket.close();
  }
}
