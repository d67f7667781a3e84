/**
 * Packet traces of one TCP connection in two verbs: `send` is what the peer sends to the stack under test, `expect` is what
 * the stack answers. Sequence numbers are relative: 0 is the SYN, 1 the first byte of each side. Every packet of the
 * stack is checked for right lengths and checksums, and its payload for the bytes that were written.
 */
import assert from 'node:assert/strict';
import { type IpAddress, parseIpAddress } from '../base/index.ts';
import {
  type ConnectionAttempt,
  Netstack,
  type NetstackEvent,
  type NetstackOptions,
  type TcpConnection,
} from '../core/netstack/index.ts';
import { IP_BYTES, naiveSum, naiveTcpChecksum, writeIpv4 } from './naive-packets.ts';
import { SeededRandom } from './seeded-random.ts';
import { compareOptions, type SeenSegment, type TraceSegment, word } from './tcp-notation.ts';

export const OURS = addressOf('192.0.2.1');
export const THEIRS = addressOf('192.0.2.2');
export const PEER_PORT = 5000;
export const OUR_PORT = 80;

const FLAG_BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };

export interface TraceSetup {
  readonly mtu?: number;
  readonly peerMss?: number;
  readonly peerWindow?: number;
  /** Undefined: the peer does not scale. */
  readonly peerShift?: number;
  readonly sack?: boolean;
  readonly timestamps?: boolean;
  readonly peerIss?: number;
  readonly limits?: NetstackOptions['limits'];
  readonly seed?: number;
}

/** The byte that each side writes at a position of its stream. */
export function patternByte(position: number): number {
  return (position * 31 + (position >> 8)) & 0xff;
}

export function pattern(from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternByte(from + i);
  return bytes;
}

export class TcpTrace {
  readonly stack: Netstack;
  nowMs = 1000;
  readonly setup: Required<Pick<TraceSetup, 'peerWindow' | 'peerIss' | 'sack' | 'timestamps'>> & TraceSetup;
  ourPort = OUR_PORT;
  ourIss: number | undefined;
  /** The peer's clock for timestamps. */
  peerTsVal = 500_000;
  lastTsVal = 0;
  #connection: TcpConnection | undefined;
  attempt: ConnectionAttempt | undefined;
  readonly #events: NetstackEvent[] = [];
  #written = 0;
  #read = 0;
  readonly #room = new Uint8Array(65_536);

  constructor(setup: TraceSetup = {}) {
    this.setup = { peerWindow: 60_000, peerIss: 7000, sack: true, timestamps: false, ...setup };
    this.stack = new Netstack({
      addresses: [OURS],
      mtu: setup.mtu ?? 1500,
      random: new SeededRandom(setup.seed ?? 1),
      nowMs: this.nowMs,
      ...(setup.limits && { limits: setup.limits }),
    });
  }

  get connection(): TcpConnection {
    assert.ok(this.#connection, 'there is a connection');
    return this.#connection;
  }

  set connection(connection: TcpConnection) {
    this.#connection = connection;
  }

  /** Time passes; what is due is polled by the next `expect`. */
  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** The peer sends a segment. Returns the drop reason, if any. */
  send(segment: TraceSegment): string | undefined {
    const packet = this.build(segment);
    const reason = this.stack.receivePacket(packet, 0, packet.length, this.nowMs);
    this.#pullEvents();
    return reason;
  }

  /** The stack sends exactly this next. */
  expect(expected: TraceSegment): SeenSegment {
    const seen = this.next();
    assert.ok(seen, `expected ${JSON.stringify(expected)} but nothing was sent`);
    const wanted = expected.flags ?? 'A';
    const flags = wanted.includes('P') ? seen.flags : seen.flags.replace('P', '');
    const actual: Record<string, unknown> = { flags, length: seen.length };
    const compared: Record<string, unknown> = { flags: wanted, length: expected.length ?? 0 };
    for (const field of ['seq', 'ack', 'window'] as const) {
      if (expected[field] === undefined) continue;
      actual[field] = seen[field];
      compared[field] = expected[field];
    }
    compareOptions(expected.options, seen, actual, compared);
    assert.deepEqual(actual, compared);
    return seen;
  }

  /** The stack has nothing to send now. */
  expectNothing(): this {
    const seen = this.next();
    assert.equal(seen, undefined, `expected silence, saw ${JSON.stringify(seen)}`);
    return this;
  }

  /** Everything the stack sends now. */
  drain(): SeenSegment[] {
    const all: SeenSegment[] = [];
    for (let seen = this.next(); seen; seen = this.next()) all.push(seen);
    return all;
  }

  /** The next packet of the stack, checked and taken apart. */
  next(): SeenSegment | undefined {
    const length = this.stack.poll(this.#room, 0, this.nowMs);
    this.#pullEvents();
    if (length === 0) return undefined;
    assert.equal(this.stack.lastDestination().text, THEIRS.text);
    return this.takeApart(this.#room.slice(0, length));
  }

  /** Runs until the stack's next deadline, if that is within `limitMs`; returns how long it took. */
  untilDeadline(limitMs = 200_000): number {
    const atMs = this.stack.nextDeadlineMs();
    assert.ok(atMs !== undefined, 'a timer runs');
    const waitMs = Math.max(0, atMs - this.nowMs);
    assert.ok(waitMs <= limitMs, `the timer is due in ${waitMs} ms`);
    this.nowMs += waitMs;
    return waitMs;
  }

  /** Waits for the next packet, deadline after deadline; returns it and how long that took. */
  nextWithin(limitMs: number): { seen: SeenSegment; waitedMs: number } {
    const startMs = this.nowMs;
    for (;;) {
      const seen = this.next();
      if (seen) return { seen, waitedMs: this.nowMs - startMs };
      const atMs = this.stack.nextDeadlineMs();
      assert.ok(atMs !== undefined && atMs <= startMs + limitMs, `nothing was sent within ${limitMs} ms`);
      this.nowMs = Math.max(this.nowMs, atMs);
    }
  }

  /** The program writes `length` more bytes of the pattern. Returns how many were taken. */
  write(length: number): number {
    const taken = this.connection.write(pattern(this.#written, length));
    this.#written += taken;
    return taken;
  }

  /** The program reads all there is; returns how many bytes, which must continue the pattern. */
  read(): number {
    let count = 0;
    for (let chunk = this.connection.read(); chunk; chunk = this.connection.read()) {
      for (const byte of chunk) assert.equal(byte, patternByte(this.#read++), `byte ${this.#read - 1}`);
      count += chunk.length;
    }
    return count;
  }

  /** Kinds of the events since the last call; a failure with its reason. */
  events(): string[] {
    const kinds = this.#events.map((event) => (event.kind === 'failed' ? `failed ${event.reason}` : event.kind));
    this.#events.length = 0;
    return kinds;
  }

  counter(name: string): number {
    const value = this.stack.counters()[name];
    assert.ok(value !== undefined, `there is a counter ${name}`);
    return value;
  }

  #pullEvents(): void {
    for (let event = this.stack.nextEvent(); event; event = this.stack.nextEvent()) {
      this.#events.push(event);
      if (event.kind === 'accept') this.attempt = event.attempt;
    }
  }

  /** The peer's packet for a segment. */
  build(segment: TraceSegment): Uint8Array {
    const { peerIss } = this.setup;
    const flags = segment.flags ?? 'A';
    const options = this.#optionBytes(segment, flags);
    const length = segment.length ?? 0;
    const packet = new Uint8Array(IP_BYTES + 20 + options.length + length);
    const view = new DataView(packet.buffer);
    const seq = segment.seq ?? 0;
    view.setUint16(20, PEER_PORT);
    view.setUint16(22, this.ourPort);
    view.setInt32(24, (peerIss + seq) | 0);
    view.setInt32(28, flags.includes('A') ? ((this.ourIss ?? 0) + (segment.ack ?? 0)) | 0 : 0);
    view.setUint8(32, ((20 + options.length) / 4) << 4);
    view.setUint8(
      33,
      [...flags].reduce((bits, letter) => bits | (FLAG_BITS[letter] ?? 0), 0),
    );
    view.setUint16(34, segment.window ?? this.setup.peerWindow);
    packet.set(options, IP_BYTES + 20);
    packet.set(pattern(seq - 1, length), IP_BYTES + 20 + options.length);
    writeIpv4(view, packet.length, THEIRS, OURS, 6);
    view.setUint16(36, naiveTcpChecksum(packet));
    return packet;
  }

  #optionBytes(segment: TraceSegment, flags: string): Uint8Array {
    const { options = {} } = segment;
    const { peerMss, peerShift, sack, timestamps } = this.setup;
    const isSyn = flags.includes('S');
    const bytes: number[] = [];
    const mss = options.mss ?? (isSyn ? peerMss : undefined);
    if (mss !== undefined) bytes.push(2, 4, mss >> 8, mss & 255);
    if (options.sackPermitted ?? (isSyn && sack)) bytes.push(1, 1, 4, 2);
    const shift = options.windowShift ?? (isSyn ? peerShift : undefined);
    if (shift !== undefined) bytes.push(1, 3, 3, shift);
    const stamps = options.timestamps ?? (timestamps ? [this.peerTsVal, this.lastTsVal] : undefined);
    if (stamps) bytes.push(1, 1, 8, 10, ...word(stamps[0] ?? 0), ...word(stamps[1] ?? 0));
    if (options.sack) {
      bytes.push(1, 1, 5, 2 + 8 * options.sack.length);
      for (const [left, right] of options.sack)
        bytes.push(...word((this.ourIss ?? 0) + left), ...word((this.ourIss ?? 0) + right));
    }
    return Uint8Array.from(bytes);
  }

  takeApart(packet: Uint8Array): SeenSegment {
    const view = new DataView(packet.buffer, packet.byteOffset);
    assert.equal(view.getUint8(0), 0x45);
    assert.equal(view.getUint16(2), packet.length, 'IP total length');
    assert.equal(naiveSum(packet.subarray(0, IP_BYTES)), 0xffff, 'IP checksum');
    assert.equal(packet[9], 6, 'TCP');
    assert.equal(naiveTcpChecksum(packet), 0, 'TCP checksum');
    const bits = view.getUint8(33);
    const flags = [...'SFRPA'].filter((letter) => (bits & (FLAG_BITS[letter] ?? 0)) !== 0).join('');
    if (flags.includes('S')) this.ourIss = view.getInt32(24);
    this.ourPort = view.getUint16(20);
    const headerBytes = (view.getUint8(32) >> 4) * 4;
    const seq = (view.getInt32(24) - (this.ourIss ?? 0)) | 0;
    const payload = packet.subarray(IP_BYTES + headerBytes);
    payload.forEach((byte, i) => {
      assert.equal(byte, patternByte(seq - 1 + i), `payload byte ${seq - 1 + i}`);
    });
    const optionBytes = packet.slice(IP_BYTES + 20, IP_BYTES + headerBytes);
    const options = this.#parseOptions(optionBytes);
    if (options.timestamps) this.lastTsVal = options.timestamps[0];
    const ack = flags.includes('A') ? (view.getInt32(28) - this.setup.peerIss) | 0 : 0;
    return { flags, seq, ack, window: view.getUint16(34), length: payload.length, options, optionBytes };
  }

  #parseOptions(bytes: Uint8Array): SeenSegment['options'] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const options: SeenSegment['options'] = { sack: [] };
    for (let at = 0; at < bytes.length; ) {
      const kind = bytes[at] as number;
      if (kind === 0) break;
      if (kind === 1) {
        at++;
        continue;
      }
      const length = bytes[at + 1] as number;
      if (kind === 2) options.mss = view.getUint16(at + 2);
      if (kind === 3) options.windowShift = view.getUint8(at + 2);
      if (kind === 4) options.sackPermitted = true;
      if (kind === 8) options.timestamps = [view.getInt32(at + 2), view.getInt32(at + 6)];
      for (let block = at + 2; kind === 5 && block < at + length; block += 8) {
        const relative = (offset: number) => (view.getInt32(offset) - this.setup.peerIss) | 0;
        options.sack.push([relative(block), relative(block + 4)]);
      }
      at += length;
    }
    return options;
  }
}

function addressOf(text: string): IpAddress {
  const address = parseIpAddress(text);
  assert.ok(address);
  return address;
}
