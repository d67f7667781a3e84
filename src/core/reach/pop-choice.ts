import { type Random, randomFraction } from '../../base/index.ts';
import type { HeardPop } from '../link/index.ts';
import {
  backoffMs,
  type Candidate,
  type ChoicePop,
  distrust,
  isDraining,
  isSilent,
  type Kept,
  mayBeTaken,
  newCandidate,
  observeTunnel,
  probeSoon,
  type TunnelNow,
} from './candidate.ts';
import {
  BETTER_TIMES,
  CONFIRM_INTERVAL_MS,
  EARLY_ROUNDS_MS,
  JITTER_SHARE,
  KEPT_FAILURE,
  LEAVING_MAX_MS,
  LEAVING_QUIET_MS,
  MAXIMUM_LONELY_BACKOFF_MS,
  NEWS_SPREAD_MS,
  PROBE_STAGGER_MS,
  PROBE_UP_MS,
  PROBES_AT_ONCE,
  ROUND_INTERVAL_MS,
  SETTLING_MS,
} from './constants.ts';
import { bestOf, isBetter, lot, worstOf } from './ranking.ts';
import { sampleToMeasure } from './sample.ts';

export interface PopChoiceOptions {
  /** Tunnels to keep; Infinity for one to every PoP. */
  readonly count: number;
  /** Whose choice it is, so that connectors spread over PoPs that are equally good. */
  readonly connectorId: string;
  readonly random: Random;
}

/** What changed, for the log. */
export type ChoiceNews =
  | { readonly kind: 'chosen'; readonly popId: string; readonly insteadOf: string | undefined }
  | { readonly kind: 'given-up'; readonly popId: string; readonly because: 'silent' | 'draining' | 'replaced' };

/**
 * Which PoPs a connector keeps tunnels to. It is told the PoPs of the grant, what PoPs say of one another, and the state of
 * every tunnel; it says which PoPs to have a tunnel to now: those it keeps, those it measures for a moment, and those
 * it leaves once nothing runs over them. A replacement is up, its link open, before the PoP that it replaces goes.
 *
 * Call `observe` and then `poll` every half second or so, and at once when a tunnel changed.
 */
export class PopChoice {
  readonly #options: PopChoiceOptions;
  readonly #candidates = new Map<string, Candidate>();
  readonly #news: ChoiceNews[] = [];
  #startedMs: number | undefined;
  #rounds = 0;
  #nextRoundMs = Number.NEGATIVE_INFINITY;
  #isLonely = true;

  constructor(options: PopChoiceOptions) {
    this.#options = options;
  }

  /** The PoPs of the grant. */
  follow(pops: readonly ChoicePop[], nowMs: number): void {
    const ids = new Set(pops.map(({ id }) => id));
    for (const id of this.#candidates.keys()) if (!ids.has(id)) this.#candidates.delete(id);
    for (const pop of pops) {
      const known = this.#candidates.get(pop.id);
      if (known) this.#candidates.set(pop.id, { ...known, pop });
      else {
        this.#candidates.set(pop.id, newCandidate(pop));
        this.#nextRoundMs = Math.min(this.#nextRoundMs, nowMs);
      }
    }
    this.#startedMs ??= nowMs;
  }

  /**
   * What the PoPs that we are attached to say of PoPs, themselves included: one word for each. Where none says anything,
   * nothing is news. `lonely`: those that no other of them hears. Gives those that are kept and that nobody else hears any
   * more: ask their tunnels at once.
   */
  heard(pops: readonly HeardPop[], lonely: ReadonlySet<string>, nowMs: number): readonly string[] {
    if (pops.length === 0) return [];
    const doubted: string[] = [];
    const heard = new Map(pops.map((pop) => [pop.popId, pop]));
    for (const [id, candidate] of this.#candidates) {
      const word = heard.get(id);
      const isHeard = word !== undefined && !lonely.has(id);
      // Not everybody at once.
      if (isHeard && !candidate.isHeard) probeSoon(candidate, nowMs + this.#fraction() * NEWS_SPREAD_MS);
      if (!isHeard && candidate.isHeard && candidate.role.kind === 'idle') distrust(candidate, 1);
      if (!isHeard && candidate.isHeard && candidate.role.kind === 'kept') doubted.push(id);
      candidate.isHeard = isHeard;
      candidate.utilisation = word?.utilisation ?? undefined;
      if (!word?.draining) candidate.drainsFromMs = undefined;
      else candidate.drainsFromMs ??= nowMs + this.#fraction() * NEWS_SPREAD_MS;
    }
    return doubted;
  }

  /** How the tunnels are, of everything that `poll` asked for and of others that are known. */
  observe(tunnels: ReadonlyMap<string, TunnelNow>, nowMs: number): void {
    const isLonely = ![...tunnels.values()].some(({ state }) => state === 'up' || state === 'suspect');
    if (isLonely && !this.#isLonely) this.#hurry(nowMs);
    this.#isLonely = isLonely;
    for (const [id, candidate] of this.#candidates) observeTunnel(candidate, tunnels.get(id), nowMs);
  }

  /** The PoPs to have a tunnel to, from now on. */
  poll(nowMs: number): ReadonlySet<string> {
    this.#giveUpSilent(nowMs);
    this.#fillUp(nowMs);
    this.#leave(nowMs);
    this.#measure(nowMs);
    const wanted = [...this.#candidates.values()].filter(({ role }) => role.kind !== 'idle');
    return new Set(wanted.map(({ pop }) => pop.id));
  }

  /** Whether a PoP is one of those that new streams run through: its link is kept open. */
  isKept(popId: string): boolean {
    return this.#candidates.get(popId)?.role.kind === 'kept';
  }

  nextNews(): ChoiceNews | undefined {
    return this.#news.shift();
  }

  /** The last tunnel is gone: look around at once, and give whoever was given up another chance soon. */
  #hurry(nowMs: number): void {
    this.#nextRoundMs = nowMs;
    for (const one of this.#candidates.values()) probeSoon(one, nowMs + this.#fraction() * MAXIMUM_LONELY_BACKOFF_MS);
  }

  /** PoPs that do not answer. */
  #giveUpSilent(nowMs: number): void {
    const all = [...this.#candidates.values()];
    const isReplaceable = all.some((one) => one.failures === 0 && one.rttMs !== undefined && mayBeTaken(one, nowMs));
    for (const candidate of all) {
      if (!isSilent(candidate, isReplaceable, nowMs)) continue;
      if (candidate.role.kind === 'kept')
        this.#news.push({ kind: 'given-up', popId: candidate.pop.id, because: 'silent' });
      this.#failed(candidate, nowMs);
    }
  }

  #failed(candidate: Candidate, nowMs: number): void {
    const waitMs = backoffMs(candidate.failures, this.#isLonely) * (0.5 + this.#fraction() / 2);
    distrust(candidate, candidate.role.kind === 'kept' && candidate.role.isReady ? KEPT_FAILURE : 1);
    candidate.role = { kind: 'idle', probeAtMs: nowMs + waitMs };
  }

  /** Keeps as many as are asked for, and at once one that answers while none of those that are kept does. */
  #fillUp(nowMs: number): void {
    for (;;) {
      const members = this.#members(nowMs);
      const free = [...this.#candidates.values()].filter((candidate) => mayBeTaken(candidate, nowMs));
      const answering = members.some(({ isUp }) => isUp) ? [] : free.filter(({ isUp }) => isUp);
      const isFull = members.filter((member) => !this.#isExtra(member, nowMs)).length >= this.#options.count;
      if (isFull && (answering.length === 0 || this.#options.count === 0)) return;
      const best = bestOf(isFull ? answering : free, members, (id) => lot(this.#options.connectorId, id));
      if (!best) return;
      this.#keep(best, undefined, nowMs);
    }
  }

  #keep(candidate: Candidate, insteadOf: string | undefined, nowMs: number): void {
    // What is left or measured has its tunnel up already; it only lacks its link.
    candidate.role = { kind: 'kept', sinceMs: nowMs, isReady: false, downSinceMs: undefined, insteadOf };
    candidate.timesBetter = 0;
    this.#news.push({ kind: 'chosen', popId: candidate.pop.id, insteadOf });
  }

  /** Those that were replaced go, once their replacement is ready; those that drain, once there are enough others. */
  #leave(nowMs: number): void {
    const ready = this.#members(nowMs).filter(({ role }) => role.isReady && role.downSinceMs === undefined);
    for (const candidate of ready) {
      const { insteadOf } = candidate.role;
      if (insteadOf === undefined) continue;
      candidate.role = { ...candidate.role, insteadOf: undefined };
      this.#beginLeaving(this.#candidates.get(insteadOf), 'replaced', nowMs);
    }
    const surplus = ready.filter((member) => !this.#isExtra(member, nowMs)).length - this.#options.count;
    if (surplus > 0) this.#beginLeaving(worstOf(ready), 'replaced', nowMs);
    for (const candidate of this.#candidates.values()) {
      const isToGo = candidate.role.kind === 'kept' && isDraining(candidate, nowMs);
      if (isToGo && ready.length >= Math.max(1, Math.min(this.#options.count, this.#usable(nowMs)))) {
        this.#beginLeaving(candidate, 'draining', nowMs);
      }
      const { role } = candidate;
      if (role.kind !== 'leaving') continue;
      const isOver = nowMs - role.quietSinceMs >= LEAVING_QUIET_MS || nowMs - role.sinceMs >= LEAVING_MAX_MS;
      if (isOver) candidate.role = { kind: 'idle', probeAtMs: Number.POSITIVE_INFINITY };
    }
  }

  #beginLeaving(candidate: Candidate | undefined, because: 'replaced' | 'draining', nowMs: number): void {
    if (candidate?.role.kind !== 'kept') return;
    candidate.role = { kind: 'leaving', sinceMs: nowMs, quietSinceMs: nowMs };
    this.#news.push({ kind: 'given-up', popId: candidate.pop.id, because });
  }

  /** Ends measurements that are done, begins those whose time has come, and plans the next round. */
  #measure(nowMs: number): void {
    const all = [...this.#candidates.values()];
    for (const candidate of all) {
      const { role } = candidate;
      if (role.kind !== 'probing' || role.upSinceMs === undefined) continue;
      if (nowMs - role.upSinceMs >= PROBE_UP_MS && candidate.rttMs !== undefined) this.#measured(candidate, nowMs);
    }
    if (nowMs >= this.#nextRoundMs) this.#planRound(all, nowMs);
    let probing = all.filter(({ role }) => role.kind === 'probing').length;
    for (const candidate of all) {
      if (probing >= PROBES_AT_ONCE) break;
      if (candidate.role.kind !== 'idle' || candidate.role.probeAtMs > nowMs) continue;
      if (candidate.isUp) {
        this.#measured(candidate, nowMs);
        continue;
      }
      // What reaches us from it through others would have to find its way anew.
      if (candidate.isBusy) continue;
      candidate.role = { kind: 'probing', sinceMs: nowMs, upSinceMs: undefined };
      probing++;
    }
  }

  #planRound(all: readonly Candidate[], nowMs: number): void {
    const waitMs = EARLY_ROUNDS_MS[this.#rounds++] ?? ROUND_INTERVAL_MS;
    this.#nextRoundMs = nowMs + this.#jittered(waitMs);
    const idle = all.filter((one) => one.role.kind === 'idle' && one.failures === 0 && !isDraining(one, nowMs));
    // The last that answered may have died with their neighbours: then look far and wide, as at the start.
    const measured = this.#isLonely ? [] : all;
    sampleToMeasure(idle, measured, this.#options.random).forEach((candidate, i) => {
      const probeAtMs = nowMs + (i + this.#fraction()) * PROBE_STAGGER_MS;
      if (candidate.role.kind === 'idle' && candidate.role.probeAtMs > probeAtMs) {
        candidate.role = { kind: 'idle', probeAtMs };
      }
    });
  }

  /** A measurement succeeded: is it better than one that is kept, and was it often enough? */
  #measured(candidate: Candidate, nowMs: number): void {
    candidate.failures = Math.max(0, candidate.failures - 1);
    const member = candidate.failures === 0 ? this.#beatenBy(candidate, nowMs) : undefined;
    candidate.timesBetter = member ? candidate.timesBetter + 1 : 0;
    const isSettling = nowMs - (this.#startedMs ?? nowMs) < SETTLING_MS;
    if (member && candidate.timesBetter >= (isSettling ? 1 : BETTER_TIMES)) {
      this.#keep(candidate, member.pop.id, nowMs);
      return;
    }
    const again = member !== undefined || candidate.failures > 0;
    const probeAtMs = again ? nowMs + this.#jittered(CONFIRM_INTERVAL_MS) : Number.POSITIVE_INFINITY;
    candidate.role = { kind: 'idle', probeAtMs };
  }

  /** The worst member that the challenger is better than; those that are being replaced already do not count. */
  #beatenBy(challenger: Candidate, nowMs: number): Kept | undefined {
    if (isDraining(challenger, nowMs)) return undefined;
    const members = this.#members(nowMs);
    const replaced = new Set(members.map(({ role }) => role.insteadOf));
    const staying = members.filter(({ pop }) => !replaced.has(pop.id));
    return worstOf(
      staying.filter((member) => {
        const others = staying.filter((other) => other !== member);
        return isBetter(challenger, member, others);
      }),
    );
  }

  /** Whether a member is one too many until the one that it replaces goes. */
  #isExtra({ role }: Kept, nowMs: number): boolean {
    const replaced = role.insteadOf === undefined ? undefined : this.#candidates.get(role.insteadOf);
    return replaced?.role.kind === 'kept' && !isDraining(replaced, nowMs);
  }

  /** PoPs that are kept and do not drain. */
  #members(nowMs: number): Kept[] {
    return [...this.#candidates.values()].filter(
      (candidate): candidate is Kept => candidate.role.kind === 'kept' && !isDraining(candidate, nowMs),
    );
  }

  #usable(nowMs: number): number {
    return [...this.#candidates.values()].filter((one) => one.failures === 0 && !isDraining(one, nowMs)).length;
  }

  #jittered(ms: number): number {
    return ms * (1 - JITTER_SHARE + 2 * JITTER_SHARE * this.#fraction());
  }

  #fraction(): number {
    return randomFraction(this.#options.random);
  }
}
