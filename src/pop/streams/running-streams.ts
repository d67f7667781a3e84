import type { Socket } from 'node:net';
import { type Clock, parseIpAddress } from '../../base/index.ts';
import type { StreamPortStatus } from '../../core/link/index.ts';
import type { PassingHosts } from '../../io/asking-server.ts';
import { ConnectionLimiter } from '../../io/connection-limiter.ts';
import type { RecentConnections } from '../../io/connection-rates.ts';
import { type ListenRefusal, listenTcp, type OpenPort } from '../../io/streams/tcp-listener.ts';
import { listenUdp } from '../../io/streams/udp-port.ts';
import { DatagramOutbox } from '../../io/udp/datagram-outbox.ts';
import type { PopParts } from '../assemble.ts';
import type { TargetDialer } from '../dialer.ts';
import type { Leavable } from '../drain.ts';
import type { PublishedStream } from '../published-policies.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { MAXIMUM_STREAMS, MAXIMUM_STREAMS_PER_ADDRESS } from './constants.ts';
import { StreamDoor } from './stream-door.ts';
import { StreamJudge } from './stream-judge.ts';
import { type PortRange, StreamPorts, type StreamPortsOptions } from './stream-ports.ts';
import { StreamTable, type WantedPort } from './stream-table.ts';
import { TcpStreams } from './tcp-streams.ts';
import { UdpStreams } from './udp-streams.ts';

export interface StreamSurroundings {
  readonly hosts: readonly string[];
  readonly allowed: readonly PortRange[] | undefined;
  readonly isOwn: StreamPortsOptions['isOwn'];
  readonly clock: Clock;
  readonly dialer: TargetDialer;
  /** Who came lately; undefined where everybody may as often as they like. */
  readonly recent: RecentConnections | undefined;
  /** Ports opened, closed or could not be had. */
  readonly changed: () => void;
}

/** Everything of a PoP that carries bytes and datagrams, wired together; its ports follow the snapshot. */
export class RunningStreams implements Leavable {
  /** Names on the port that browsers use which are passed through. */
  readonly passing: PassingHosts;
  readonly #ports: StreamPorts;
  readonly #datagrams: UdpStreams;
  readonly #outbox = new DatagramOutbox();
  readonly #limiter: ConnectionLimiter;
  #streams: ReadonlyMap<string, PublishedStream> | undefined;
  readonly #sockets = new Set<Socket>();
  #table = new StreamTable([]);
  /** The PoP listens for browsers, so it is known which ports are its own. */
  #isOpen = false;
  #isTold = true;
  #emptied: (() => void) | undefined;

  constructor(parts: PopParts, { hosts, allowed, isOwn, clock, dialer, recent, changed }: StreamSurroundings) {
    const { counters, holder, geography, signIns, recorder: audit, nextRequestId } = parts;
    const refused = (reason: string): void => counters.add('streams', reason);
    this.#limiter = new ConnectionLimiter(MAXIMUM_STREAMS, MAXIMUM_STREAMS_PER_ADDRESS, refused, recent);
    const signInsFrom = signIns.from.bind(signIns);
    const judge = new StreamJudge({ ...{ holder, clock, counters, audit, nextRequestId }, geography, signInsFrom });
    const streams = new TcpStreams({ ...parts, judge, dialer, clock });
    const isServed = (name: string): boolean =>
      name === holder.view?.installation.portalHost || holder.view?.resourceAt(name)?.record.host === name;
    const door = new StreamDoor({ table: () => this.#table, streams, limiter: this.#limiter, counters, isServed });
    this.#datagrams = new UdpStreams({ ...parts, table: () => this.#table, judge, dialer, clock });
    this.passing = door.passing;
    this.#ports = new StreamPorts({
      hosts,
      allowed,
      isOwn,
      clock,
      changed: () => {
        this.#isTold = false;
        changed();
      },
      listen: (host, wanted) =>
        wanted.transport === 'udp'
          ? this.#listenUdp(host, wanted)
          : listenTcp(host, wanted.port, (socket) => this.#accepted(door, socket, wanted)),
    });
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#limiter.open;
  }

  /** Resolved when the ports are as this version of the snapshot wants them. */
  async follow({ streams }: SnapshotView): Promise<void> {
    if (streams === this.#streams) return;
    this.#streams = streams;
    this.#table = new StreamTable(streams.values());
    if (this.#isOpen) await this.#ports.follow(this.#table.wanted);
  }

  /** Opens its ports: after those of the PoP itself. */
  open(): void {
    this.#isOpen = true;
    void this.#ports.follow(this.#table.wanted);
  }

  /** The states of ports, where control does not know them. */
  news(): StreamPortStatus[] | undefined {
    if (this.#isTold) return undefined;
    this.#isTold = true;
    return this.states();
  }

  /** Control has to hear everything anew. */
  forgetTold(): void {
    this.#isTold = false;
  }

  askToLeave(): void {}

  tick(): void {
    this.#ports.tick();
    this.#datagrams.tick();
  }

  /** How it is with the ports, ranges of one state together. */
  states(): StreamPortStatus[] {
    const sorted = [...this.#ports.states()].sort((a, b) => a.port - b.port);
    const ranges: StreamPortStatus[] = [];
    for (const transport of ['tcp', 'udp'] as const)
      for (const { port, state } of sorted.filter((each) => each.transport === transport)) {
        const last = ranges.at(-1);
        const goesOn = last?.transport === transport && last.state === state && last.last === port - 1;
        if (goesOn) ranges[ranges.length - 1] = { ...last, last: port };
        else ranges.push({ transport, first: port, last: port, state });
      }
    return ranges;
  }

  /** Takes nobody any more, lets open connections end for `graceMs`, then cuts the rest. */
  async close(graceMs: number): Promise<void> {
    this.#isOpen = false;
    const closed = this.#ports.close();
    if (this.#sockets.size > 0) await this.#ended(graceMs);
    for (const socket of this.#sockets) socket.destroy();
    this.#datagrams.close();
    await closed;
  }

  #ended(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, graceMs);
      this.#emptied = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  async #listenUdp(host: string, { port }: WantedPort): Promise<OpenPort | ListenRefusal> {
    const address = parseIpAddress(host);
    if (!address) return 'no-address';
    const server = { address, port };
    const opened = await listenUdp(host, port, this.#outbox, (bytes, from) =>
      this.#datagrams.take(bytes, from, server, (reply, to) => {
        if (typeof opened !== 'string') opened.send(reply, to);
      }),
    );
    return opened;
  }

  #accepted(door: StreamDoor, socket: Socket, wanted: WantedPort): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#emptied?.();
    });
    door.accepted(socket, wanted);
  }
}
