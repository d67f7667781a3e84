/** Packets between nodes: late by distance, now and then lost, and cut off where an event says so. */
import type { SeededRandom } from '../src/testing/seeded-random.ts';
import type { EventQueue } from './event-queue.ts';
import { fractionOf, type Place, type Region, roundTripMs } from './geography.ts';
import type { Traffic, TrafficKind } from './traffic.ts';
import type { TunnelEnd } from './tunnel-end.ts';

/** A PoP or a connector, as the network sees it. */
export interface SimNode extends Place {
  readonly index: number;
  readonly id: string;
  readonly traffic: Traffic;
  /** By the index of the peer. */
  readonly tunnels: Map<number, TunnelEnd>;
  isAlive: boolean;
  tunnelChanged(end: TunnelEnd): void;
}

const LOSS = 0.001;
const JITTER_MS = 1;
const LATE_SHARE = 0.02;
const LATE_MS = 25;

export class Network {
  readonly queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #cuts = new Set<string>();

  constructor(queue: EventQueue, random: SeededRandom) {
    this.queue = queue;
    this.#random = random;
  }

  get nowMs(): number {
    return this.queue.nowMs;
  }

  /** Nothing passes between two regions, until `mend`. */
  cut(one: Region, other: Region): void {
    this.#cuts.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  mend(): void {
    this.#cuts.clear();
  }

  passes(from: Place, to: Place): boolean {
    return this.#cuts.size === 0 || !this.#cuts.has(`${from.region} ${to.region}`);
  }

  oneWayMs(a: SimNode, b: SimNode): number {
    const [low, high] = a.index < b.index ? [a.index, b.index] : [b.index, a.index];
    return roundTripMs(a, b, fractionOf(low, high)) / 2;
  }

  /** Sends a datagram. What arrives does so unless the other end is dead by then. */
  send(from: SimNode, to: SimNode, oneWayMs: number, kind: TrafficKind, bytes: number, arrived: () => void): void {
    from.traffic.add(kind, bytes);
    if (!this.survives(from, to, 1)) return;
    this.queue.after(this.delayMs(oneWayMs), () => {
      if (to.isAlive) arrived();
    });
  }

  /** Whether so many packets get through. */
  survives(from: SimNode, to: SimNode, packets: number): boolean {
    return this.passes(from, to) && this.#random.fraction() >= 1 - (1 - LOSS) ** packets;
  }

  delayMs(oneWayMs: number): number {
    const chance = this.#random.fraction();
    return oneWayMs + JITTER_MS * chance + (chance < LATE_SHARE ? LATE_MS * this.#random.fraction() : 0);
  }
}
