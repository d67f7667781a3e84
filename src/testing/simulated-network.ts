import { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a link does to packets. Everything off is a perfect wire without delay. */
export interface LinkConditions {
  /** One way. */
  readonly delayMs?: number;
  /** Up to this much more, uniformly, for each packet; the order is kept unless `reorder` says otherwise. */
  readonly jitterMs?: number;
  /** Probabilities, for each packet. */
  readonly loss?: number;
  readonly duplicate?: number;
  readonly corrupt?: number;
  /** Probability that a packet is held back by `reorderMs` and overtaken. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  /** Rate of the link; unlimited when absent. */
  readonly bitsPerSecond?: number;
  /** Bytes that may wait for a limited link; more are dropped at the tail. */
  readonly queueBytes?: number;
  /** Larger packets vanish silently. */
  readonly mtu?: number;
}

interface Flight {
  readonly atMs: number;
  readonly order: number;
  readonly bytes: Uint8Array;
}

/** One direction of a wire: packets go in with `send` and come out of `receive` when the clock says so. */
export class SimulatedLink {
  conditions: LinkConditions;
  readonly #random: SeededRandom;
  /** A binary heap by arrival, then by order of sending. */
  readonly #flights: Flight[] = [];
  #order = 0;
  #busyUntilMs = 0;
  #lastArrivalMs = 0;
  sent = 0;
  lost = 0;
  queueDrops = 0;

  constructor(conditions: LinkConditions, random: SeededRandom) {
    this.conditions = conditions;
    this.#random = random;
  }

  /** Takes a packet; the bytes are copied. */
  send(bytes: Uint8Array, nowMs: number): void {
    const { loss = 0, duplicate = 0, mtu = Number.POSITIVE_INFINITY } = this.conditions;
    this.sent++;
    if (bytes.length > mtu || this.#random.chance(loss)) {
      this.lost++;
      return;
    }
    const leavesMs = this.#transmit(bytes.length, nowMs);
    if (leavesMs === undefined) {
      this.queueDrops++;
      return;
    }
    this.#launch(bytes, leavesMs);
    if (this.#random.chance(duplicate)) this.#launch(bytes, leavesMs);
  }

  nextArrivalMs(): number | undefined {
    return this.#flights[0]?.atMs;
  }

  /** The next packet that has arrived by `nowMs`. */
  receive(nowMs: number): Uint8Array | undefined {
    const first = this.#flights[0];
    if (!first || first.atMs > nowMs) return undefined;
    this.#removeFirst();
    return first.bytes;
  }

  get inFlight(): number {
    return this.#flights.length;
  }

  /** When the last bit leaves the sender, or undefined when the queue is full. */
  #transmit(sizeBytes: number, nowMs: number): number | undefined {
    const { bitsPerSecond, queueBytes = Number.POSITIVE_INFINITY } = this.conditions;
    if (bitsPerSecond === undefined) return nowMs;
    const waitingMs = Math.max(0, this.#busyUntilMs - nowMs);
    if ((waitingMs * bitsPerSecond) / 8000 + sizeBytes > queueBytes) return undefined;
    this.#busyUntilMs = nowMs + waitingMs + (sizeBytes * 8000) / bitsPerSecond;
    return this.#busyUntilMs;
  }

  #launch(bytes: Uint8Array, leavesMs: number): void {
    const { delayMs = 0, jitterMs = 0, reorder = 0, reorderMs = 0, corrupt = 0 } = this.conditions;
    let atMs = leavesMs + delayMs + jitterMs * this.#random.fraction();
    if (this.#random.chance(reorder)) {
      atMs += reorderMs;
    } else {
      atMs = Math.max(atMs, this.#lastArrivalMs);
      this.#lastArrivalMs = atMs;
    }
    const copy = bytes.slice();
    if (this.#random.chance(corrupt)) {
      const bit = this.#random.integer(0, 8 * copy.length - 1);
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    }
    this.#insert({ atMs, order: this.#order++, bytes: copy });
  }

  #insert(flight: Flight): void {
    const heap = this.#flights;
    let index = heap.length;
    heap.push(flight);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isEarlier(flight, heap[parent] as Flight)) break;
      heap[index] = heap[parent] as Flight;
      index = parent;
    }
    heap[index] = flight;
  }

  #removeFirst(): void {
    const heap = this.#flights;
    const last = heap.pop() as Flight;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1] as Flight, heap[child] as Flight)) child++;
      if (!isEarlier(heap[child] as Flight, last)) break;
      heap[index] = heap[child] as Flight;
      index = child;
    }
    heap[index] = last;
  }
}

function isEarlier(a: Flight, b: Flight): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Anything that takes and gives packets without sockets: a netstack, a WireGuard device, a forwarding node. */
export interface PacketNode {
  receivePacket(bytes: Uint8Array, offset: number, length: number, nowMs: number): unknown;
  poll(out: Uint8Array, offset: number, nowMs: number): number;
  nextDeadlineMs(): number | undefined;
}

const PACKET_ROOM_BYTES = 65_535;
/** Packets that a node may send at one moment before the test is called a loop. */
const MAX_PACKETS_PER_MOMENT = 200_000;

/** Two nodes and the wire between them, run under a virtual clock. */
export class SimulatedNetwork {
  readonly clock: VirtualClock;
  readonly forward: SimulatedLink;
  readonly backward: SimulatedLink;
  readonly #left: PacketNode;
  readonly #right: PacketNode;
  readonly #room = new Uint8Array(PACKET_ROOM_BYTES);
  /** Called at each moment in which something happened, before and after sending, so that programs on the nodes can act. */
  onMoment: (nowMs: number) => void = () => {};
  /** Called for each packet put on a wire. */
  onPacket: (bytes: Uint8Array, from: 'left' | 'right', nowMs: number) => void = () => {};

  constructor(
    left: PacketNode,
    right: PacketNode,
    clock: VirtualClock,
    seed: number,
    forward: LinkConditions,
    backward = forward,
  ) {
    this.#left = left;
    this.#right = right;
    this.clock = clock;
    const random = new SeededRandom(seed);
    this.forward = new SimulatedLink(forward, random);
    this.backward = new SimulatedLink(backward, random);
  }

  /** Runs until `isDone`, until `limitMs` have passed, or until nothing is left to happen. Returns the time it took. */
  run(limitMs: number, isDone: () => boolean = () => false): number {
    const startMs = this.clock.nowMs();
    this.#moment();
    while (!isDone()) {
      const nextMs = this.nextMs();
      if (nextMs === undefined || nextMs > startMs + limitMs) break;
      this.clock.advanceTo(Math.max(nextMs, this.clock.nowMs()));
      this.#moment();
    }
    return this.clock.nowMs() - startMs;
  }

  /** When something happens next, or undefined when all is quiet. */
  nextMs(): number | undefined {
    const times = [
      this.#left.nextDeadlineMs(),
      this.#right.nextDeadlineMs(),
      this.forward.nextArrivalMs(),
      this.backward.nextArrivalMs(),
    ].filter((atMs) => atMs !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #moment(): void {
    const nowMs = this.clock.nowMs();
    deliver(this.backward, this.#left, nowMs);
    deliver(this.forward, this.#right, nowMs);
    // A poll may raise events (a timeout) and a program may give work (a write), so both go on until all is quiet.
    let sent = 1;
    while (sent > 0) {
      this.onMoment(nowMs);
      sent =
        this.#drain(this.#left, this.forward, 'left', nowMs) + this.#drain(this.#right, this.backward, 'right', nowMs);
    }
    this.onMoment(nowMs);
  }

  /** Sends what the node has; returns how many packets. */
  #drain(node: PacketNode, link: SimulatedLink, from: 'left' | 'right', nowMs: number): number {
    for (let count = 0; ; count++) {
      const length = node.poll(this.#room, 0, nowMs);
      if (length === 0) return count;
      if (count > MAX_PACKETS_PER_MOMENT) throw new Error('a node never stops sending');
      const packet = this.#room.subarray(0, length);
      this.onPacket(packet, from, nowMs);
      link.send(packet, nowMs);
    }
  }
}

function deliver(link: SimulatedLink, node: PacketNode, nowMs: number): void {
  for (let packet = link.receive(nowMs); packet; packet = link.receive(nowMs))
    node.receivePacket(packet, 0, packet.length, nowMs);
}
