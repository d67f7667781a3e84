import { type Random, randomFraction } from '../../base/index.ts';
import { type Candidate, isDraining, isOverdue } from './candidate.ts';
import {
  EARLY_ROUNDS_MS,
  JITTER_SHARE,
  PROBE_STAGGER_MS,
  PROBES_AT_ONCE,
  PROBES_IN_ALL,
  PROBES_WHEN_ALARMED,
  ROUND_INTERVAL_MS,
} from './constants.ts';
import { sampleToMeasure } from './sample.ts';

/** `alone`: no tunnel works. `alarmed`: too few do. */
export type Mood = 'alone' | 'alarmed' | 'calm';

/** When a connector measures PoPs, and which: in rounds, soon one after the other at first, seldom later. */
export class Rounds {
  readonly #random: Random;
  #count = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#random = random;
  }

  /** There is something new to measure. */
  soon(nowMs: number): void {
    this.#nextMs = Math.min(this.#nextMs, nowMs);
  }

  /** Begins anew with a round now. */
  restart(nowMs: number): void {
    this.#count = 0;
    this.#nextMs = nowMs;
  }

  /**
   * Plans a round if it is time for one. Where a tunnel failed the PoPs that answered last may have died with their
   * neighbours: it looks far and wide, as at the start, and at all at once.
   */
  plan(all: readonly Candidate[], mood: Mood, nowMs: number): void {
    if (mood !== 'calm' && areAllOverdue(all, nowMs)) this.soon(nowMs);
    if (nowMs < this.#nextMs) return;
    const waitMs = EARLY_ROUNDS_MS[this.#count++] ?? ROUND_INTERVAL_MS;
    this.#nextMs = nowMs + this.jittered(waitMs);
    const idle = all.filter((one) => one.role.kind === 'idle' && one.failures === 0 && !isDraining(one, nowMs));
    const sample = sampleToMeasure(idle, mood === 'alone' ? [] : all, this.#random);
    sample.forEach((candidate, i) => {
      const probeAtMs = nowMs + ((mood === 'calm' ? i : 0) + randomFraction(this.#random)) * PROBE_STAGGER_MS;
      if (candidate.role.kind === 'idle' && candidate.role.probeAtMs > probeAtMs)
        candidate.role = { kind: 'idle', probeAtMs };
    });
  }

  /** How many measurements may begin now. */
  room(all: readonly Candidate[], mood: Mood, nowMs: number): number {
    const asked = all.filter(({ role }) => role.kind === 'probing');
    if (mood === 'calm') return PROBES_AT_ONCE - asked.length;
    // Where a region died its PoPs would hold up those that live.
    const holding = asked.filter((one) => !isOverdue(one, nowMs));
    return Math.min(PROBES_WHEN_ALARMED - holding.length, PROBES_IN_ALL - asked.length);
  }

  /** About as long, and never in step with other connectors. */
  jittered(ms: number): number {
    return ms * (1 - JITTER_SHARE + 2 * JITTER_SHARE * randomFraction(this.#random));
  }
}

/** Nobody that was asked answers: there is nothing to wait for. */
function areAllOverdue(all: readonly Candidate[], nowMs: number): boolean {
  const asked = all.filter(({ role }) => role.kind === 'probing');
  return asked.length > 0 && asked.every((one) => isOverdue(one, nowMs));
}
