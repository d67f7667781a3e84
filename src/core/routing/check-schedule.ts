import { DeadlineHeap, type Filed } from '../../base/index.ts';
import { type Random, randomFraction } from '../../base/ports.ts';
import type { TargetCheck } from './check.ts';
import { CHECK_JITTER, FIRST_CHECKS_SPREAD_MS, MAXIMUM_CHECKS_AT_ONCE } from './constants.ts';
import { afterCheck, type CheckState, type HealthReason, NOT_CHECKED, type WayState } from './health.ts';

/** A target as its connector knows it. */
export interface CheckableTarget {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly transport?: 'unix';
  readonly check?: TargetCheck;
}

/** A check to make now; its end is told to `finished`. */
export interface DueCheck {
  readonly target: CheckableTarget;
  readonly check: TargetCheck;
}

interface Checked extends Filed {
  readonly target: CheckableTarget;
  readonly check: TargetCheck;
  /** What the target and its check are, as text: another text is another target. */
  readonly identity: string;
  state: CheckState;
  reason: string;
  sinceUnixMs: number;
}

export type TargetState = WayState & { readonly targetId: string };

/**
 * Which target is to be checked when, and what the checks say. First checks are spread over a second, later ones over a
 * tenth of their interval, so that targets do not march in step; no more than `MAXIMUM_CHECKS_AT_ONCE` run at a time.
 * Pull `due` until it gives nothing, again at `nextDeadlineMs` and after each `finished`; then `takeChanges`.
 */
export class CheckSchedule {
  readonly #random: Random;
  readonly #checked = new Map<string, Checked>();
  readonly #due = new DeadlineHeap<Checked>();
  readonly #changed = new Map<string, TargetState>();
  #running = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes the targets of a new grant. Those that are as they were keep what is known of them. */
  follow(targets: readonly CheckableTarget[], nowMs: number, unixMs: number): void {
    const wanted = new Map(targets.map((target) => [target.id, target]));
    for (const [id, checked] of this.#checked) {
      const target = wanted.get(id);
      if (target && identityOf(target) === checked.identity) continue;
      this.#forget(checked);
      // A target that is gone needs no word; one whose check is, or is another, must not stay what it was.
      if (target) this.#changed.set(id, notChecked(id, unixMs));
    }
    for (const target of targets) {
      const { check } = target;
      if (!check || this.#checked.has(target.id)) continue;
      const spreadMs = Math.min(check.intervalMs, FIRST_CHECKS_SPREAD_MS);
      this.#add(target, check, nowMs + randomFraction(this.#random) * spreadMs, unixMs);
    }
  }

  /** The next check that is due and has room to run. */
  due(nowMs: number): DueCheck | undefined {
    if (this.#running >= MAXIMUM_CHECKS_AT_ONCE) return undefined;
    const checked = this.#due.takeDue(nowMs);
    if (!checked) return undefined;
    this.#running++;
    return checked;
  }

  /** A check ended: `ok`, or why it failed. Undefined: it could not be made, which says nothing of the target. */
  finished(run: DueCheck, reason: HealthReason | undefined, nowMs: number, unixMs: number): void {
    const checked = run as Checked;
    this.#running--;
    // A grant may have come while it ran.
    if (this.#checked.get(checked.target.id) !== checked) return;
    const { check } = checked;
    if (reason === undefined) {
      this.#due.file(checked, nowMs + this.#jittered(check.unhealthyIntervalMs));
      return;
    }
    const thresholds = { healthy: check.healthyThreshold, unhealthy: check.unhealthyThreshold };
    const before = checked.state;
    checked.state = afterCheck(before, reason === 'ok', thresholds);
    this.#note(checked, before.kind, reason, unixMs);
    const isWell = checked.state.kind === 'healthy' && checked.state.failures === 0;
    this.#due.file(checked, nowMs + this.#jittered(isWell ? check.intervalMs : check.unhealthyIntervalMs));
  }

  /** When `due` has something next; undefined while it has nothing, or no room. */
  get nextDeadlineMs(): number | undefined {
    return this.#running < MAXIMUM_CHECKS_AT_ONCE && this.#due.size > 0 ? this.#due.earliestMs : undefined;
  }

  /** Every target that is checked. */
  states(): TargetState[] {
    return [...this.#checked.values()].map(stateOf);
  }

  /** What changed since the last call. */
  takeChanges(): TargetState[] {
    const changes = [...this.#changed.values()];
    this.#changed.clear();
    return changes;
  }

  #add(target: CheckableTarget, check: TargetCheck, atMs: number, unixMs: number): void {
    const known = { state: NOT_CHECKED, reason: 'not-checked', sinceUnixMs: unixMs };
    const identity = identityOf(target);
    const checked: Checked = { target, check, identity, ...known, heapIndex: -1, heapMs: Number.POSITIVE_INFINITY };
    this.#checked.set(target.id, checked);
    this.#due.file(checked, atMs);
  }

  #forget(checked: Checked): void {
    this.#checked.delete(checked.target.id);
    this.#changed.delete(checked.target.id);
    this.#due.remove(checked);
  }

  /** A reason counts when the state changes, or while the target is unhealthy for another one. */
  #note(checked: Checked, before: CheckState['kind'], reason: HealthReason, unixMs: number): void {
    const { kind } = checked.state;
    const isNew = kind !== before || (kind === 'unhealthy' && reason !== 'ok' && reason !== checked.reason);
    if (!isNew) return;
    if (kind !== before) checked.sinceUnixMs = unixMs;
    checked.reason = reason;
    this.#changed.set(checked.target.id, stateOf(checked));
  }

  #jittered(intervalMs: number): number {
    return intervalMs * (1 - CHECK_JITTER / 2 + randomFraction(this.#random) * CHECK_JITTER);
  }
}

function stateOf({ target, state, reason, sinceUnixMs }: Checked): TargetState {
  return { targetId: target.id, state: state.kind, reason, sinceUnixMs };
}

function notChecked(targetId: string, unixMs: number): TargetState {
  return { targetId, state: 'unknown', reason: 'not-checked', sinceUnixMs: unixMs };
}

function identityOf({ host, port, transport, check }: CheckableTarget): string {
  return JSON.stringify([host, port, transport, check]);
}
