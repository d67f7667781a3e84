/** Two netstacks on a simulated wire, and small programs on them: senders, receivers, and what they saw. */
import assert from 'node:assert/strict';
import { type IpAddress, parseIpAddress } from '../base/index.ts';
import { Netstack, type NetstackEvent, type NetstackOptions, type TcpConnection } from '../core/netstack/index.ts';
import { SeededRandom } from './seeded-random.ts';
import { type LinkConditions, SimulatedNetwork } from './simulated-network.ts';
import { VirtualClock } from './virtual-clock.ts';

export const LEFT = addressOf('fd00::1');
export const RIGHT = addressOf('fd00::2');

function addressOf(text: string): IpAddress {
  const address = parseIpAddress(text);
  assert.ok(address);
  return address;
}

export interface HostsSetup {
  readonly mtu?: number;
  readonly limits?: NetstackOptions['limits'];
  readonly forward?: LinkConditions;
  readonly backward?: LinkConditions;
}

/** One side of one stream: what it wrote and read, and how it ended. */
export interface StreamEnd {
  readonly connection: TcpConnection;
  /** Bytes to write; `finish` follows. */
  readonly toWrite: number;
  written: number;
  read: number;
  /** Set when a byte was not the expected one. */
  isCorrupt: boolean;
  peerFinished: boolean;
  /** `closed`, or why it failed. */
  end: string | undefined;
}

const CHUNK_BYTES = 16 * 1024;
const PERIOD = 251;
/** Byte `n` of every stream is `n mod 251`, so a chunk is a window into this. */
const PATTERN = Uint8Array.from({ length: CHUNK_BYTES + PERIOD }, (_, i) => i % PERIOD);

export class TwoHosts {
  readonly clock = new VirtualClock();
  readonly left: Netstack;
  readonly right: Netstack;
  readonly network: SimulatedNetwork;
  readonly leftEnds: StreamEnd[] = [];
  readonly rightEnds: StreamEnd[] = [];
  /** Bytes that the accepting side writes back on each stream. */
  answerBytes = 0;
  /** Whether programs read what arrives. */
  isReading = true;

  constructor(seed: number, setup: HostsSetup = {}) {
    const { mtu = 1420, forward = {}, backward = forward } = setup;
    const common = { mtu, nowMs: this.clock.nowMs(), ...(setup.limits && { limits: setup.limits }) };
    this.left = new Netstack({ ...common, addresses: [LEFT], random: new SeededRandom(seed) });
    this.right = new Netstack({ ...common, addresses: [RIGHT], random: new SeededRandom(seed + 1) });
    this.right.listenAllTcp();
    this.network = new SimulatedNetwork(this.left, this.right, this.clock, seed + 2, forward, backward);
    this.network.onMoment = (nowMs) => this.act(nowMs);
  }

  /** The left host connects and writes `toWrite` bytes, then finishes. */
  open(toWrite: number): StreamEnd {
    const connection = this.left.connectTcp({ to: RIGHT, port: 80, nowMs: this.clock.nowMs() });
    const end = newEnd(connection, toWrite);
    connection.user = end;
    this.leftEnds.push(end);
    return end;
  }

  /** The programs handle all events of both hosts. */
  act(nowMs: number): void {
    for (let event = this.left.nextEvent(); event; event = this.left.nextEvent()) this.#handle(event, nowMs);
    for (let event = this.right.nextEvent(); event; event = this.right.nextEvent()) this.#handle(event, nowMs);
  }

  get ends(): readonly StreamEnd[] {
    return [...this.leftEnds, ...this.rightEnds];
  }

  #handle(event: NetstackEvent, nowMs: number): void {
    if (event.kind === 'accept') {
      const connection = event.attempt.accept(nowMs);
      if (!connection) return;
      const end = newEnd(connection, this.answerBytes);
      connection.user = end;
      this.rightEnds.push(end);
      return;
    }
    if (!('connection' in event)) return;
    const end = event.connection.user as StreamEnd;
    if (event.kind === 'connected' || event.kind === 'writable') writeMore(end);
    else if (event.kind === 'readable' && this.isReading) readAll(end);
    else if (event.kind === 'peerFinished') end.peerFinished = true;
    else if (event.kind === 'closed') end.end = 'closed';
    else if (event.kind === 'failed') end.end = event.reason;
  }
}

function newEnd(connection: TcpConnection, toWrite: number): StreamEnd {
  return { connection, toWrite, written: 0, read: 0, isCorrupt: false, peerFinished: false, end: undefined };
}

export function writeMore(end: StreamEnd): void {
  while (end.written < end.toWrite) {
    const start = end.written % PERIOD;
    const wanted = Math.min(CHUNK_BYTES, end.toWrite - end.written);
    const taken = end.connection.write(PATTERN.subarray(start, start + wanted));
    assert.ok(Number.isInteger(taken), `${taken} bytes were taken`);
    end.written += taken;
    if (taken < wanted) return;
  }
  end.connection.finish();
}

export function readAll(end: StreamEnd): void {
  for (let chunk = end.connection.read(); chunk; chunk = end.connection.read()) {
    for (let i = 0; i < chunk.length; i++) if (chunk[i] !== (end.read + i) % PERIOD) end.isCorrupt = true;
    end.read += chunk.length;
  }
}

/** After everything ended and TIME-WAIT is over, a stack holds nothing. */
export function assertEmpty(stack: Netstack, name: string): void {
  const { connections, attempts, memoryUsedBytes, timers } = stack.counters();
  assert.deepEqual(
    { connections, attempts, memoryUsedBytes, timers },
    { connections: 0, attempts: 0, memoryUsedBytes: 0, timers: 0 },
    `${name} is empty`,
  );
}
