import type { Clock } from '../base/index.ts';
import { Places } from '../core/budget/index.ts';
import {
  HELD_ALL_MAX,
  HELD_BYTES_PER_RESOURCE_MAX,
  HELD_LOOK_MS,
  HELD_PER_RESOURCE_MAX,
  WARM_UP_MS,
  WAY_RETURNS_WITHIN_MS,
} from './constants.ts';

/** A request that found no way and waits for one. */
export interface HeldRequest {
  readonly resourceId: string;
  readonly organisationId: string | undefined;
  /** Memory that it takes meanwhile. */
  readonly bytes: number;
  /** It is not held beyond this time of the clock. */
  readonly untilMs: number;
  /** Nobody waits for it any more. */
  isOver(): boolean;
  hasWay(): boolean;
  /** Called once: there is a way, it is late, or it is over. */
  go(): void;
}

interface Queue {
  readonly requests: Set<HeldRequest>;
  bytes: number;
}

/**
 * Requests of resources none of whose connectors can be reached now, though one could a moment ago: its tunnels are being
 * made anew (UDP was blocked and TLS does not stand yet, a PoP went, a connector restarts), or this PoP has just started
 * and its connectors, which dial it, have not noticed. They are held for a while instead of failing, no more of them than
 * there is room for.
 */
export class HeldRequests {
  readonly #clock: Clock;
  readonly #queues = new Map<string, Queue>();
  /** When the last way to a connector was lost, by overlay address, in the order of time. */
  readonly #lostAtMs = new Map<string, number>();
  #warmUntilMs = Number.NEGATIVE_INFINITY;
  readonly #places = new Places(HELD_ALL_MAX);
  #looking: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#places.taken;
  }

  /** This PoP was started again: for a while any connector may come. */
  started(): void {
    this.#warmUntilMs = this.#clock.nowMs() + WARM_UP_MS;
  }

  /** The last way to a connector or device is gone. */
  wayLost(overlayAddress: string): void {
    const nowMs = this.#clock.nowMs();
    this.#lostAtMs.delete(overlayAddress);
    this.#lostAtMs.set(overlayAddress, nowMs);
    for (const [address, lostMs] of this.#lostAtMs) {
      if (nowMs - lostMs <= WAY_RETURNS_WITHIN_MS) break;
      this.#lostAtMs.delete(address);
    }
  }

  /** Whether a way to one that cannot be reached now is likely to be back soon. */
  mayReturn(overlayAddress: string): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#warmUntilMs) return true;
    const lostMs = this.#lostAtMs.get(overlayAddress);
    return lostMs !== undefined && nowMs - lostMs <= WAY_RETURNS_WITHIN_MS;
  }

  /** Holds a request until there is a way, or no longer than it says. False: there is no room for it. */
  hold(request: HeldRequest): boolean {
    const { resourceId, organisationId, bytes } = request;
    const queue = this.#queues.get(resourceId) ?? { requests: new Set(), bytes: 0 };
    if (!this.#places.isFor(organisationId ?? '') || queue.requests.size >= HELD_PER_RESOURCE_MAX) return false;
    if (queue.bytes + bytes > HELD_BYTES_PER_RESOURCE_MAX) return false;
    this.#queues.set(resourceId, queue);
    queue.requests.add(request);
    queue.bytes += bytes;
    this.#places.take(organisationId ?? '');
    this.#looking ??= setInterval(() => this.#look(), HELD_LOOK_MS);
    return true;
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    const leaving: HeldRequest[] = [];
    for (const { requests } of this.#queues.values()) {
      // What leads to one leads to all of a resource; only where a snapshot has just changed they may differ for a moment.
      const [first] = requests;
      const isBack = first?.hasWay() ?? false;
      for (const request of requests) if (isBack || nowMs >= request.untilMs || request.isOver()) leaving.push(request);
    }
    // All are taken out before the first goes: one that finds no way once more comes back.
    for (const request of leaving) this.#remove(request);
    if (this.#places.taken === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
    for (const request of leaving) request.go();
  }

  #remove(request: HeldRequest): void {
    const queue = this.#queues.get(request.resourceId);
    if (!queue?.requests.delete(request)) return;
    this.#places.give(request.organisationId ?? '');
    queue.bytes -= request.bytes;
    if (queue.requests.size === 0) this.#queues.delete(request.resourceId);
  }
}
