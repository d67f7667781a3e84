import type { Target, Way } from './target.ts';
import { EJECTED, FAILING, GOOD, type Grade } from './way-knowledge.ts';

/** A target that can be reached now. */
export interface Member<W extends Way = Way> extends Target {
  /** The ways to it, best first: by grade, those of a suspect path after the others of a grade. */
  readonly ways: readonly W[];
  /** Grade of each way. */
  readonly grades: readonly Grade[];
  /** Grade of the best way. */
  readonly grade: Grade;
}

/** What had to be disbelieved so that requests have somewhere to go. */
export type PanicWarning = 'ejections-ignored' | 'checks-ignored';

/** Members among which requests are spread, and the worst grade that is used. */
export interface Group<W extends Way> {
  readonly members: readonly Member<W>[];
  readonly level: Grade;
}

export interface TierPlan<W extends Way> {
  /** In the order to try them. */
  readonly groups: readonly Group<W>[];
  readonly warning: PanicWarning | undefined;
}

/**
 * Which tiers serve, in which order, and how much of what is known is believed. A tier *holds* at a level when at least
 * `threshold` of the weight that can be reached is no worse than that level.
 *
 * 1. Tiers that hold with their good members, in their order: a tier that lost too much gives way to the next.
 * 2. Then those that hold when ejections are ignored: at most the rest of a tier's weight is ever out for failed requests.
 * 3. Where no tier holds, checks are ignored too: likelier they are wrong, or the few that are left would fall under the
 *    load of all, than that trying does harm. Whoever refuses connections stays last. Not with a threshold of 0: there a
 *    failed check is believed whatever the cost.
 *
 * Good members of a tier that did not hold come last, for retries.
 */
export function planTiers<W extends Way>(tiers: readonly (readonly Member<W>[])[], threshold: number): TierPlan<W> {
  const groups: Group<W>[] = [];
  const left = [...tiers];
  for (const level of [GOOD, EJECTED] as const)
    for (let i = 0; i < left.length; ) {
      const members = membersAt(left[i] ?? [], level, threshold);
      if (members) {
        groups.push({ members, level });
        left.splice(i, 1);
      } else i++;
    }
  const isPanic = groups.length === 0 && threshold > 0;
  for (const tier of left) {
    const members = isPanic ? tier : tier.filter(({ grade }) => grade === GOOD);
    if (members.length > 0) groups.push({ members, level: isPanic ? FAILING : GOOD });
  }
  return { groups, warning: warningOf(groups[0]?.level) };
}

/** The members of a tier that are no worse than a level; undefined where it does not hold with them. */
function membersAt<W extends Way>(
  tier: readonly Member<W>[],
  level: Grade,
  threshold: number,
): readonly Member<W>[] | undefined {
  let all = 0;
  let usable = 0;
  let count = 0;
  for (const { weight, grade } of tier) {
    all += weight;
    if (grade > level) continue;
    usable += weight;
    count++;
  }
  if (usable <= 0 || usable < threshold * all) return undefined;
  return count === tier.length ? tier : tier.filter(({ grade }) => grade <= level);
}

function warningOf(level: Grade | undefined): PanicWarning | undefined {
  if (level === undefined || level === GOOD) return undefined;
  return level === EJECTED ? 'ejections-ignored' : 'checks-ignored';
}
