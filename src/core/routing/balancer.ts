import { type Random, randomFraction } from '../../base/ports.ts';
import { FAILURE_LATENCY_MS } from './constants.ts';
import { LatencyEstimate } from './latency.ts';
import type { Balancing, Target } from './target.ts';

/**
 * Puts the targets of one tier in the order in which a request tries them. A new way of balancing is a class here and
 * one line in `balancerFor`. Who sticks to a target is not balanced (see `sticky.ts`).
 */
export interface Balancer {
  /** The same targets, best first. `targets` has at least one. */
  order<T extends Target>(targets: readonly T[], nowMs: number): readonly T[];
  /** A request to the target begins. */
  started(targetId: string, nowMs: number): void;
  /** A request to the target ended: at its first response byte, or in failure. */
  ended(targetId: string, latencyMs: number, succeeded: boolean, nowMs: number): void;
  /** Forgets targets that are no longer there. */
  retain(targetIds: ReadonlySet<string>): void;
}

export function balancerFor(balancing: Balancing, random: Random): Balancer {
  switch (balancing) {
    case 'round-robin':
      return new RoundRobin();
    case 'least-latency':
      return new LeastLatency(random);
  }
}

/**
 * Smooth weighted round robin: every target gains its weight each turn, the richest is chosen and pays the sum. Turns
 * are spread evenly instead of in bursts.
 */
class RoundRobin implements Balancer {
  readonly #credit = new Map<string, number>();

  order<T extends Target>(targets: readonly T[]): readonly T[] {
    let total = 0;
    let first: T | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const target of targets) {
      const credit = (this.#credit.get(target.id) ?? 0) + target.weight;
      this.#credit.set(target.id, credit);
      total += target.weight;
      if (credit > most) {
        most = credit;
        first = target;
      }
    }
    if (first === undefined) return targets;
    this.#credit.set(first.id, most - total);
    const chosen = first;
    // The others follow from the chosen one on, so that retries are spread too.
    const at = targets.indexOf(chosen);
    return [chosen, ...targets.slice(at + 1), ...targets.slice(0, at)];
  }

  started(): void {}

  ended(): void {}

  retain(targetIds: ReadonlySet<string>): void {
    for (const id of this.#credit.keys()) if (!targetIds.has(id)) this.#credit.delete(id);
  }
}

/**
 * Power of two choices over the cost of `LatencyEstimate`: of two targets drawn by weight the cheaper goes first. Near
 * the best in latency, and no target is overrun by everybody's same idea of the best.
 */
class LeastLatency implements Balancer {
  readonly #random: Random;
  readonly #estimates = new Map<string, LatencyEstimate>();

  constructor(random: Random) {
    this.#random = random;
  }

  order<T extends Target>(targets: readonly T[], nowMs: number): readonly T[] {
    const one = this.#draw(targets);
    const rest = targets.filter((target) => target !== one);
    if (rest.length === 0) return [one];
    const other = this.#draw(rest);
    const cheaper = this.#costOf(other, nowMs) < this.#costOf(one, nowMs) ? other : one;
    const dearer = cheaper === one ? other : one;
    return [cheaper, dearer, ...rest.filter((target) => target !== other)];
  }

  started(targetId: string, nowMs: number): void {
    this.#estimate(targetId, nowMs).pending++;
  }

  ended(targetId: string, latencyMs: number, succeeded: boolean, nowMs: number): void {
    const estimate = this.#estimate(targetId, nowMs);
    estimate.pending = Math.max(0, estimate.pending - 1);
    estimate.observe(succeeded ? latencyMs : Math.max(latencyMs, FAILURE_LATENCY_MS), nowMs);
  }

  retain(targetIds: ReadonlySet<string>): void {
    for (const id of this.#estimates.keys()) if (!targetIds.has(id)) this.#estimates.delete(id);
  }

  #costOf(target: Target, nowMs: number): number {
    return this.#estimate(target.id, nowMs).cost(nowMs);
  }

  #estimate(targetId: string, nowMs: number): LatencyEstimate {
    const known = this.#estimates.get(targetId);
    if (known) return known;
    const estimate = new LatencyEstimate(nowMs);
    this.#estimates.set(targetId, estimate);
    return estimate;
  }

  #draw<T extends Target>(targets: readonly T[]): T {
    let total = 0;
    for (const target of targets) total += target.weight;
    let left = randomFraction(this.#random) * total;
    for (const target of targets) {
      left -= target.weight;
      if (left < 0) return target;
    }
    return targets.at(-1) as T;
  }
}
