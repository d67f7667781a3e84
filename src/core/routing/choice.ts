import type { Random } from '../../base/ports.ts';
import { type Balancer, balancerFor } from './balancer.ts';
import { MAXIMUM_TRIES } from './constants.ts';
import type { WayState } from './health.ts';
import { byRendezvous, type Hint, marksConnector, marksTarget, NO_HINT } from './sticky.ts';
import type { BalanceSettings, Target, Way } from './target.ts';
import { type Group, type Member, type PanicWarning, planTiers } from './tiers.ts';
import { FAILING, GOOD, type Grade, WayKnowledge } from './way-knowledge.ts';

/** A way to try. Of two ways the one of lower rank belongs to a preferred tier. */
export interface RankedWay<W extends Way> {
  readonly way: W;
  readonly rank: number;
}

/** The ways that a request may take, best first; empty where there is none. */
export interface Choice<W extends Way> {
  readonly ways: readonly RankedWay<W>[];
  /** Health was disbelieved to find them. */
  readonly warning: PanicWarning | undefined;
}

/** What became of a request over a way. `abandoned`: nobody can tell. */
export type WayOutcome = 'succeeded' | 'failed' | 'abandoned';

/**
 * The targets of one resource: what is known of them and who is next. Owns health and balancing state of the resource;
 * a new snapshot updates it in place, so what was learnt of a target outlives it.
 */
export class TargetPool {
  #tiers: readonly (readonly Target[])[] = [];
  /** Targets of weight 0. */
  #lastResort: readonly Target[] = [];
  #targetIds: ReadonlySet<string> = new Set();
  #settings: BalanceSettings;
  #balancer: Balancer;
  readonly #known = new WayKnowledge();
  readonly #random: Random;

  constructor(targets: readonly Target[], settings: BalanceSettings, random: Random) {
    this.#random = random;
    this.#settings = settings;
    this.#balancer = balancerFor(settings.balancing, random);
    this.update(targets, settings);
  }

  /** Takes the targets of a new snapshot. */
  update(targets: readonly Target[], settings: BalanceSettings): void {
    if (settings.balancing !== this.#settings.balancing) this.#balancer = balancerFor(settings.balancing, this.#random);
    this.#settings = settings;
    this.#targetIds = new Set(targets.map((target) => target.id));
    this.#known.retain(this.#targetIds);
    this.#balancer.retain(this.#targetIds);
    const weighted = targets.filter(({ weight }) => weight > 0);
    const tiers = [...new Set(weighted.map(({ tier }) => tier))].sort((a, b) => a - b);
    this.#tiers = tiers.map((tier) => weighted.filter((target) => target.tier === tier));
    this.#lastResort = targets.filter(({ weight }) => weight <= 0);
  }

  get settings(): BalanceSettings {
    return this.#settings;
  }

  /** Forgets connectors that are no longer there. */
  retainConnectors(hasConnector: (connectorId: string) => boolean): void {
    this.#known.retain(this.#targetIds, hasConnector);
  }

  /**
   * The ways that a request may take. `waysTo` gives those that lead to a target now, the preferred ones first; a target
   * without any is as good as gone. Tiers after `planTiers`; within one the hint decides, else the balancing. Targets of
   * weight 0 come after all others.
   */
  choose<W extends Way>(nowMs: number, waysTo: (targetId: string) => readonly W[], hint: Hint = NO_HINT): Choice<W> {
    const reach = (targets: readonly Target[]): Member<W>[] => this.#reachable(targets, waysTo, nowMs);
    const threshold = this.#settings.panicThreshold;
    const plan = planTiers(
      this.#tiers.map(reach).filter((tier) => tier.length > 0),
      threshold,
    );
    const resort = this.#lastResort.length > 0 ? planTiers(reach(this.#lastResort).map(alone), threshold) : undefined;
    const groups = resort ? [...plan.groups, ...resort.groups] : plan.groups;
    const ways: RankedWay<W>[] = [];
    let left = MAXIMUM_TRIES;
    for (let rank = 0; rank < groups.length && left > 0; rank++) {
      const group = groups[rank] as Group<W>;
      for (const member of this.#ordered(group, hint, nowMs).slice(0, left)) {
        left--;
        for (const way of waysOf(member, group.level, hint)) ways.push({ way, rank });
      }
    }
    return { ways, warning: plan.groups.length > 0 ? plan.warning : resort?.warning };
  }

  /** How a way is, as checks and requests have it. */
  stateOf(way: Pick<Way, 'targetId' | 'connectorId'>, nowMs: number): WayState | undefined {
    return this.#known.stateOf(way, nowMs);
  }

  /** What a connector says of a target that it checks. */
  checked(way: Pick<Way, 'targetId' | 'connectorId'>, state: WayState): void {
    if (this.#targetIds.has(way.targetId)) this.#known.checked(way, state);
  }

  /** A request over a way begins; every one is followed by `ended`. */
  started({ targetId }: Way, nowMs: number): void {
    if (this.#targetIds.has(targetId)) this.#balancer.started(targetId, nowMs);
  }

  /** The first response byte came, or the request failed, or nobody waits for it any more. */
  ended(way: Way, latencyMs: number, outcome: WayOutcome, nowMs: number, unixMs: number): void {
    if (!this.#targetIds.has(way.targetId)) return;
    this.#balancer.ended(way.targetId, latencyMs, outcome !== 'failed', nowMs);
    if (outcome !== 'abandoned') this.#known.ended(way, outcome === 'succeeded', nowMs, unixMs);
  }

  #reachable<W extends Way>(
    targets: readonly Target[],
    waysTo: (targetId: string) => readonly W[],
    nowMs: number,
  ): Member<W>[] {
    const members: Member<W>[] = [];
    for (const { id, tier, weight } of targets) {
      const found = waysTo(id);
      const grades = found.map((way) => this.#known.grade(way, nowMs));
      const [grade] = grades;
      if (grade === undefined) continue;
      const member = { id, tier, weight, ways: found, grades, grade };
      members.push(isInOrder(member) ? member : inOrder(member));
    }
    return members;
  }

  /** The members of a group in the order to try them. */
  #ordered<W extends Way>({ members, level }: Group<W>, hint: Hint, nowMs: number): readonly Member<W>[] {
    if (members.length === 1) return members;
    if (level < FAILING) return this.#spread(members, hint, nowMs);
    const some = members.filter(({ grade }) => grade <= level);
    const none = some.length === 0;
    const order = this.#spread(none ? members : some, hint, nowMs);
    // The first one is spread over all; a retry goes where it is likeliest to be served.
    const [first, ...rest] = order;
    const refusing = none ? [] : members.filter(({ grade }) => grade > level);
    return first ? [first, ...rest.sort((one, other) => one.grade - other.grade), ...refusing] : refusing;
  }

  #spread<W extends Way>(members: readonly Member<W>[], hint: Hint, nowMs: number): readonly Member<W>[] {
    if (hint.kind === 'hashed') return byRendezvous(members, hint.key, (member) => member);
    const marked = hint.kind === 'marked' ? members.find(({ id }) => marksTarget(hint.mark, id)) : undefined;
    if (!marked) return this.#balancer.order(members, nowMs);
    return [marked, ...members.filter((member) => member !== marked)];
  }
}

/** A weight of 0 has no share to measure: each stands for itself. */
function alone<W extends Way>(member: Member<W>): Member<W>[] {
  return [{ ...member, weight: 1 }];
}

/** Whether the ways of a member are sorted by grade, and those of a grade by doubt; mostly they are. */
function isInOrder({ ways, grades }: Member): boolean {
  for (let i = 1; i < ways.length; i++) if (compareWays(ways, grades, i - 1, i) > 0) return false;
  return true;
}

function inOrder<W extends Way>(member: Member<W>): Member<W> {
  const { ways, grades } = member;
  const order = ways.map((_way, i) => i).sort((one, other) => compareWays(ways, grades, one, other));
  const sorted = order.map((i) => grades[i] ?? GOOD);
  return { ...member, ways: order.flatMap((i) => ways[i] ?? []), grades: sorted, grade: sorted[0] ?? GOOD };
}

function compareWays(ways: readonly Way[], grades: readonly Grade[], one: number, other: number): number {
  const byGrade = (grades[one] ?? GOOD) - (grades[other] ?? GOOD);
  return byGrade || Number(ways[one]?.isSuspect) - Number(ways[other]?.isSuspect);
}

/** The ways to a member that a group uses: the one that a client had first, as long as none is of a better grade or path. */
function waysOf<W extends Way>({ ways, grades }: Member<W>, level: Grade, hint: Hint): readonly W[] {
  const isAllUsed = level >= FAILING || (grades.at(-1) ?? GOOD) <= level;
  const used = isAllUsed ? ways : ways.filter((_way, i) => (grades[i] ?? GOOD) <= level);
  if (used.length > 1 && hint.kind !== 'none') {
    const peers = used.filter((way, i) => grades[i] === grades[0] && way.isSuspect === used[0]?.isSuspect);
    const had =
      hint.kind === 'hashed'
        ? byRendezvous(peers, hint.key, (way) => ({ id: way.connectorId, weight: 1 }))[0]
        : peers.find(({ connectorId }) => marksConnector(hint.mark, connectorId));
    if (had) return [had, ...used.filter((way) => way !== had)].slice(0, MAXIMUM_TRIES);
  }
  return used.length > MAXIMUM_TRIES ? used.slice(0, MAXIMUM_TRIES) : used;
}
