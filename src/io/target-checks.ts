import type { Clock, Random } from '../base/index.ts';
import type { TargetStatus } from '../core/link/index.ts';
import { type CheckableTarget, CheckSchedule, type DueCheck } from '../core/routing/index.ts';
import { type CheckDial, checkTarget } from './check-target.ts';
import type { Log } from './log.ts';

export interface TargetChecksOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How a target is reached; left out: from this machine. */
  readonly dial?: CheckDial;
  /** The states of targets changed. */
  readonly onChange: (changes: readonly TargetStatus[]) => void;
}

/** Makes the checks that the grant asks for, and nothing but those: its targets are all that is ever dialled. */
export class TargetChecks {
  readonly #options: TargetChecksOptions;
  readonly #schedule: CheckSchedule;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TargetChecksOptions) {
    this.#options = options;
    this.#schedule = new CheckSchedule(options.random);
  }

  /** Takes the targets of a new grant. */
  follow(targets: readonly CheckableTarget[]): void {
    const { clock } = this.#options;
    this.#schedule.follow(targets, clock.nowMs(), Math.round(clock.unixMs()));
    this.#pump();
  }

  /** Every target that is checked, as it is now. */
  states(): TargetStatus[] {
    return this.#schedule.states();
  }

  close(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  #pump(): void {
    if (this.#stopping.signal.aborted) return;
    const { clock, onChange, log } = this.#options;
    for (let due = this.#next(); due; due = this.#next()) void this.#run(due);
    clearTimeout(this.#timer);
    const { nextDeadlineMs } = this.#schedule;
    if (nextDeadlineMs !== undefined)
      this.#timer = setTimeout(() => this.#pump(), Math.max(0, nextDeadlineMs - clock.nowMs()));
    const changes = this.#schedule.takeChanges();
    if (changes.length === 0) return;
    for (const { targetId, state, reason } of changes) log.info('target checked', { targetId, state, reason });
    onChange(changes);
  }

  #next(): DueCheck | undefined {
    return this.#schedule.due(this.#options.clock.nowMs());
  }

  async #run(due: DueCheck): Promise<void> {
    const { clock, dial } = this.#options;
    const reason = await checkTarget(due.target, due.check, this.#stopping.signal, dial);
    if (this.#stopping.signal.aborted) return;
    this.#schedule.finished(due, reason, clock.nowMs(), Math.round(clock.unixMs()));
    this.#pump();
  }
}
