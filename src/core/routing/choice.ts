import type { Random } from '../../base/ports.ts';
import { type Balancer, balancerFor } from './balancer.ts';
import { MAXIMUM_TRIES } from './constants.ts';
import { afterCheck, afterRequest, healthOf, type TargetHealth, UNKNOWN_HEALTH } from './health.ts';
import type { Balancing, Health, Target } from './target.ts';

/**
 * The targets of one resource: what is known of them and who is next. Owns health and balancing state of the resource;
 * a new snapshot updates it in place, so what was learnt of a target outlives it.
 */
export class TargetPool {
  #targets: readonly Target[] = [];
  #tiers: readonly (readonly Target[])[] = [];
  #health = new Map<string, TargetHealth>();
  #balancing: Balancing;
  #balancer: Balancer;
  readonly #random: Random;

  constructor(targets: readonly Target[], balancing: Balancing, random: Random) {
    this.#random = random;
    this.#balancing = balancing;
    this.#balancer = balancerFor(balancing, random);
    this.update(targets, balancing);
  }

  /** Takes the targets of a new snapshot. */
  update(targets: readonly Target[], balancing: Balancing): void {
    if (balancing !== this.#balancing) {
      this.#balancing = balancing;
      this.#balancer = balancerFor(balancing, this.#random);
    }
    const ids = new Set(targets.map((target) => target.id));
    for (const id of this.#health.keys()) if (!ids.has(id)) this.#health.delete(id);
    this.#balancer.retain(ids);
    this.#targets = targets;
    const tiers = [...new Set(targets.map((target) => target.tier))].sort((a, b) => a - b);
    this.#tiers = tiers.map((tier) => targets.filter((target) => target.tier === tier));
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  /**
   * The targets that a request tries, in this order, at most `MAXIMUM_TRIES`; empty where none is usable. Tiers in
   * order; within one, by its balancing. A target of weight 0 comes after all others. Unhealthy targets are left out;
   * a target of unknown health is as good as a healthy one, because somebody has to be the first to try it. Where
   * nothing else is left, targets that were ejected but whose checks do not fail are used: an ejection prefers others,
   * it never takes a resource down by itself. Targets that `isReachable` knows no way to do not count as something else.
   */
  candidates(nowMs: number, isReachable: (targetId: string) => boolean = () => true): readonly Target[] {
    const healthy = this.#ordered(({ id }) => this.healthOf(id, nowMs) !== 'unhealthy' && isReachable(id), nowMs);
    if (healthy.length > 0) return healthy;
    return this.#ordered(({ id }) => this.#health.get(id)?.checks.kind !== 'unhealthy' && isReachable(id), nowMs);
  }

  #ordered(isUsable: (target: Target) => boolean, nowMs: number): readonly Target[] {
    const found: Target[] = [];
    const lastResort: Target[] = [];
    for (const tier of this.#tiers) {
      const usable = tier.filter(isUsable);
      const weighted = usable.filter((target) => target.weight > 0);
      if (weighted.length > 0) found.push(...this.#balancer.order(weighted, nowMs));
      lastResort.push(...usable.filter((target) => target.weight <= 0));
      if (found.length >= MAXIMUM_TRIES) break;
    }
    return [...found, ...lastResort].slice(0, MAXIMUM_TRIES);
  }

  healthOf(targetId: string, nowMs: number): Health {
    const health = this.#health.get(targetId);
    return health === undefined ? 'unknown' : healthOf(health, nowMs);
  }

  /** The connector checked a target. */
  checked(targetId: string, succeeded: boolean): void {
    this.#change(targetId, (health) => afterCheck(health, succeeded));
  }

  /** A request to a target begins; every one is followed by `ended`. */
  started(targetId: string, nowMs: number): void {
    if (this.#knows(targetId)) this.#balancer.started(targetId, nowMs);
  }

  /** The first response byte came, or the request failed. */
  ended(targetId: string, latencyMs: number, succeeded: boolean, nowMs: number): void {
    if (!this.#knows(targetId)) return;
    this.#balancer.ended(targetId, latencyMs, succeeded, nowMs);
    this.#change(targetId, (health) => afterRequest(health, succeeded, nowMs));
  }

  #knows(targetId: string): boolean {
    return this.#targets.some((target) => target.id === targetId);
  }

  #change(targetId: string, next: (health: TargetHealth) => TargetHealth): void {
    if (!this.#knows(targetId)) return;
    this.#health.set(targetId, next(this.#health.get(targetId) ?? UNKNOWN_HEALTH));
  }
}
