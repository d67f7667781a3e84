import type { Endpoint, IpAddress } from '../../base/index.ts';
import type {
  ConnectOptions,
  ListenOptions,
  NetstackEvent,
  NetstackOptions,
  NetstackPort,
  TcpConnection,
  TcpListener,
  UdpSocket,
} from './api.ts';
import { ConnectionOpener } from './connection-opener.ts';
import type { DropReason } from './counters.ts';
import { pullEvent } from './event-pump.ts';
import { type Attempt, Attempts } from './listeners.ts';
import { PacketInput } from './packet-input.ts';
import { PacketWriter } from './packet-writer.ts';
import { plus } from './sequence.ts';
import { Stack } from './stack.ts';
import type { ControlBlock } from './tcp/control-block.ts';
import { askPeer, deadlineReached } from './tcp/deadlines.ts';
import { writeNextPacket } from './tcp/output.ts';
import { mtuChanged, pathChanged } from './tcp/path-change.ts';
import { UdpSockets } from './udp-sockets.ts';
import { ICMP_HEADER_BYTES } from './wire/icmp.ts';
import { ipHeaderBytes } from './wire/ip.ts';
import { ACK, RST } from './wire/tcp.ts';

/** A TCP/IP host above WireGuard. See `NetstackPort` for what each method means. */
export class Netstack implements NetstackPort {
  readonly #stack: Stack;
  readonly #attempts: Attempts;
  readonly #udp = new UdpSockets();
  readonly #opener: ConnectionOpener;
  readonly #input: PacketInput;
  readonly #writer = new PacketWriter();
  #destination: IpAddress | undefined;
  #hasTimedOut = false;
  readonly #firstAddress: IpAddress | undefined;

  constructor(options: NetstackOptions) {
    const stack = new Stack(options);
    this.#stack = stack;
    this.#firstAddress = options.addresses[0];
    this.#opener = new ConnectionOpener(stack);
    this.#attempts = new Attempts(
      {
        events: stack.events,
        openAccepted: (attempt, nowMs) => this.#opener.accept(attempt, nowMs),
        sendRefusal: (attempt) => sendRefusal(stack, attempt),
        sendUnreachable: (attempt) => sendUnreachable(stack, attempt),
      },
      stack.limits.maxAttempts,
    );
    this.#input = new PacketInput(stack, this.#attempts, this.#udp);
  }

  receivePacket(bytes: Uint8Array, offset: number, length: number, nowMs: number): DropReason | undefined {
    const stack = this.#stack;
    stack.nowMs = nowMs;
    stack.counters.packetsReceived++;
    stack.counters.bytesReceived += length;
    const reason = this.#input.receive(bytes, offset, length, nowMs);
    return reason === undefined ? undefined : stack.counters.drop(reason);
  }

  poll(out: Uint8Array, offset: number, nowMs: number): number {
    const stack = this.#stack;
    stack.nowMs = nowMs;
    if (stack.deadlines.earliestMs <= nowMs || this.#attempts.size > 0) this.#meetDeadlines(nowMs);
    this.#writer.set(out, offset, nowMs);
    const length = this.#writeNext();
    if (length > 0) {
      stack.counters.packetsSent++;
      stack.counters.bytesSent += length;
    }
    return length;
  }

  #writeNext(): number {
    const stack = this.#stack;
    const packet = stack.packets.writeNext(this.#writer);
    if (packet) {
      this.#destination = packet.destination;
      this.#hasTimedOut = false;
      return packet.bytes.length;
    }
    for (let block = stack.ready.current; block; block = stack.ready.current) {
      const length = writeNextPacket(block, this.#writer);
      if (length > 0) {
        this.#destination = block.remote.address;
        this.#hasTimedOut = block.rtt.backoff > 0;
        stack.ready.spent();
        return length;
      }
      stack.ready.dropCurrent();
    }
    return 0;
  }

  #meetDeadlines(nowMs: number): void {
    const { deadlines } = this.#stack;
    for (let block = deadlines.takeDue(nowMs); block; block = deadlines.takeDue(nowMs)) deadlineReached(block, nowMs);
    if (this.#attempts.size > 0) this.#attempts.expire(nowMs);
  }

  lastDestination(): IpAddress {
    if (!this.#destination) throw new Error('poll has not written a packet yet');
    return this.#destination;
  }

  lastTimedOut(): boolean {
    return this.#hasTimedOut;
  }

  nextDeadlineMs(): number | undefined {
    const earliestMs = Math.min(this.#stack.deadlines.earliestMs, this.#attempts.earliestMs);
    return earliestMs === Number.POSITIVE_INFINITY ? undefined : earliestMs;
  }

  nextEvent(): NetstackEvent | undefined {
    return pullEvent(this.#stack.events);
  }

  listenTcp(port: number, options?: ListenOptions): TcpListener {
    return this.#attempts.listen(port, options);
  }

  listenAllTcp(options?: ListenOptions): TcpListener {
    return this.#attempts.listenAll(options);
  }

  connectTcp(options: ConnectOptions): TcpConnection {
    return this.#opener.connect(options);
  }

  bindUdp(port: number, address?: IpAddress): UdpSocket {
    return this.#udp.bind(port === 0 ? this.#freeUdpPort(address) : port, address, this.#stack);
  }

  #freeUdpPort(address: IpAddress | undefined): number {
    const from = address ?? this.#firstAddress;
    if (!from) throw new Error('no own address to bind to');
    const local: Endpoint = { address: from, port: 0 };
    const port = this.#stack.secrets.ephemeralPort(local, local, (candidate) => this.#udp.isFree(candidate, address));
    if (port === undefined) throw new Error('every UDP port is bound');
    return port;
  }

  sendEcho(to: IpAddress, identifier: number, sequence: number, payload: Uint8Array): boolean {
    const from = this.#stack.sourceFor(to);
    if (!from || ipHeaderBytes(from.version) + ICMP_HEADER_BYTES + payload.length > this.#stack.mtu) return false;
    return this.#stack.packets.sendEcho(false, from, to, identifier, sequence, payload);
  }

  pathChanged(remote: IpAddress | undefined, mtu: number | undefined, nowMs: number): void {
    if (mtu !== undefined) this.#stack.pathMtus.learn(remote, mtu);
    for (const block of this.#connectionsTo(remote)) pathChanged(block, mtu, nowMs);
  }

  mtuChanged(remote: IpAddress, mtu: number, nowMs: number): void {
    this.#stack.pathMtus.learn(remote, mtu);
    for (const block of this.#connectionsTo(remote)) mtuChanged(block, mtu, nowMs);
  }

  askAfter(remote: IpAddress): void {
    for (const block of this.#connectionsTo(remote)) askPeer(block);
  }

  /** Undefined: to everybody. */
  *#connectionsTo(remote: IpAddress | undefined): Iterable<ControlBlock> {
    for (const block of this.#stack.table)
      if (remote === undefined || block.remote.address.text === remote.text) yield block;
  }

  /** Connections of all states. */
  get connectionCount(): number {
    return this.#stack.table.size;
  }

  counters(): Readonly<Record<string, number>> {
    const { counters, table, memory, deadlines } = this.#stack;
    return {
      ...counters.snapshot(),
      connections: table.size,
      timeWait: this.#stack.timeWaitCount,
      attempts: this.#attempts.size,
      memoryUsedBytes: memory.usedBytes,
      timers: deadlines.size,
    };
  }
}

function sendRefusal(stack: Stack, attempt: Attempt): void {
  stack.packets.sendReset(attempt.local, attempt.remote, 0, plus(attempt.offer.seq, 1), RST | ACK);
}

function sendUnreachable(stack: Stack, attempt: Attempt): void {
  stack.packets.sendUnreachable('host', attempt.local.address, attempt.remote.address, attempt.packet);
}
