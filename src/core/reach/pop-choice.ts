import { type Random, randomFraction } from '../../base/index.ts';
import type { HeardPop } from '../link/index.ts';
import {
  backoffMs,
  type Candidate,
  type ChoicePop,
  distrust,
  dueProbes,
  isDoubted,
  isDraining,
  isMeasured,
  isPromising,
  isSilent,
  type Kept,
  mayBeTaken,
  observeTunnel,
  probeSoon,
  type TunnelNow,
} from './candidate.ts';
import { Candidates } from './candidates.ts';
import {
  BETTER_TIMES,
  CONFIRM_INTERVAL_MS,
  KEPT_FAILURE,
  LEAVING_MAX_MS,
  LEAVING_QUIET_MS,
  MAXIMUM_LONELY_BACKOFF_MS,
  NEWS_SPREAD_MS,
  SETTLING_MS,
} from './constants.ts';
import { Evening } from './evening.ts';
import { bestOf, byCost, isBetter, lot, worstOf } from './ranking.ts';
import { Rounds } from './rounds.ts';

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
  readonly #candidates = new Candidates();
  readonly #rounds: Rounds;
  readonly #evening: Evening;
  readonly #news: ChoiceNews[] = [];
  /** Since when it settles: the start, or the last time that no tunnel worked. */
  #settlesSinceMs: number | undefined;
  /** No tunnel is known to work. */
  #isAlone = true;
  /** It was alone, and has not as many tunnels again as it wants. */
  #isAlarmed = false;

  constructor(options: PopChoiceOptions) {
    this.#options = options;
    this.#rounds = new Rounds(options.random);
    this.#evening = new Evening(options.random);
  }

  /** The PoPs of the grant. */
  follow(pops: readonly ChoicePop[], nowMs: number): void {
    if (this.#candidates.follow(pops)) this.#rounds.soon(nowMs);
    this.#settlesSinceMs ??= nowMs;
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
    for (const [id, candidate] of this.#candidates.entries()) {
      const word = heard.get(id);
      const isHeard = word !== undefined && !lonely.has(id);
      // Not everybody at once.
      if (isHeard && !candidate.isHeard) probeSoon(candidate, nowMs + this.#fraction() * NEWS_SPREAD_MS);
      if (!isHeard && candidate.isHeard && candidate.role.kind === 'idle') distrust(candidate, 1);
      if (!isHeard && candidate.isHeard && candidate.role.kind === 'kept') doubted.push(id);
      candidate.isHeard = isHeard;
      candidate.utilisation = word?.utilisation ?? undefined;
      candidate.tunnels = word?.tunnels;
      if (!word?.draining) candidate.drainsFromMs = undefined;
      else candidate.drainsFromMs ??= nowMs + this.#fraction() * NEWS_SPREAD_MS;
    }
    return doubted;
  }

  /** How the tunnels are, of everything that `poll` asked for and of others that are known. */
  observe(tunnels: ReadonlyMap<string, TunnelNow>, nowMs: number): void {
    for (const [id, candidate] of this.#candidates.entries()) observeTunnel(candidate, tunnels.get(id), nowMs);
    const members = this.#candidates.members(nowMs);
    const wasAlone = this.#isAlone;
    this.#isAlone = !members.some(({ isUp }) => isUp);
    const isLess = members.some((member) => isDoubted(member, nowMs));
    if ((this.#isAlone && !wasAlone) || (isLess && !this.#isAlarmed)) this.#alarm(nowMs);
  }

  /** The PoPs to have a tunnel to, from now on. */
  poll(nowMs: number): ReadonlySet<string> {
    this.#giveUpSilent(nowMs);
    this.#fillUp(nowMs);
    this.#leave(nowMs);
    this.#measure(nowMs);
    this.#even(nowMs);
    const wanted = new Set<string>();
    for (const [id, { role }] of this.#candidates.entries()) if (role.kind !== 'idle') wanted.add(id);
    return wanted;
  }

  /** Whether a PoP is one of those that new streams run through: its link is kept open. */
  isKept(popId: string): boolean {
    return this.#candidates.get(popId)?.role.kind === 'kept';
  }

  nextNews(): ChoiceNews | undefined {
    return this.#news.shift();
  }

  /**
   * A tunnel is in doubt: look around before it is certain. Where it is the last one, whoever was given up has another
   * chance soon, and what is found is settled as at the start.
   */
  #alarm(nowMs: number): void {
    this.#isAlarmed = true;
    this.#rounds.restart(nowMs);
    if (!this.#isAlone) return;
    this.#settlesSinceMs = nowMs;
    for (const one of this.#candidates.all()) probeSoon(one, nowMs + this.#fraction() * MAXIMUM_LONELY_BACKOFF_MS);
  }

  /** PoPs that do not answer. */
  #giveUpSilent(nowMs: number): void {
    const all = this.#candidates.all();
    const isReplaceable = all.some((one) => one.failures === 0 && one.rttMs !== undefined && mayBeTaken(one, nowMs));
    for (const candidate of all) {
      if (!isSilent(candidate, isReplaceable, nowMs)) continue;
      if (candidate.role.kind === 'kept')
        this.#news.push({ kind: 'given-up', popId: candidate.pop.id, because: 'silent' });
      this.#failed(candidate, nowMs);
    }
  }

  #failed(candidate: Candidate, nowMs: number): void {
    const waitMs = backoffMs(candidate.failures, this.#isAlone) * (0.5 + this.#fraction() / 2);
    distrust(candidate, candidate.role.kind === 'kept' && candidate.role.isReady ? KEPT_FAILURE : 1);
    candidate.role = { kind: 'idle', probeAtMs: nowMs + waitMs };
  }

  /**
   * Keeps as many as are asked for, not counting those in doubt. While too few of them work, whoever answers is taken
   * besides: after an alarm as many as are asked for, one otherwise.
   */
  #fillUp(nowMs: number): void {
    const { count, connectorId } = this.#options;
    for (;;) {
      const members = this.#candidates.members(nowMs);
      const promising = members.filter((member) => isPromising(member, nowMs)).length;
      if (members.filter(({ isUp }) => isUp).length >= count) this.#isAlarmed = false;
      const isFull = members.filter((one) => !this.#isBesides(one, nowMs)).length >= count;
      const lacks = promising < (this.#isAlarmed ? count : Math.min(1, count));
      if (isFull && !lacks) return;
      const free = this.#candidates.all().filter((candidate) => mayBeTaken(candidate, nowMs));
      const pool = isFull ? free.filter(({ isUp }) => isUp) : free;
      const best = bestOf(pool, members, (id) => lot(connectorId, id));
      if (!best) return;
      this.#keep(best, undefined, nowMs);
    }
  }

  /** Whether a member does not count: it is replaced in a moment, or may have to be. */
  #isBesides(member: Kept, nowMs: number): boolean {
    return this.#candidates.isExtra(member, nowMs) || isDoubted(member, nowMs);
  }

  #keep(candidate: Candidate, insteadOf: string | undefined, nowMs: number): void {
    // What is left or measured has its tunnel up already; it only lacks its link.
    candidate.role = {
      kind: 'kept',
      sinceMs: nowMs,
      isReady: false,
      downSinceMs: undefined,
      doubtedSinceMs: undefined,
      insteadOf,
    };
    candidate.timesBetter = 0;
    this.#news.push({ kind: 'chosen', popId: candidate.pop.id, insteadOf });
  }

  /** Those that were replaced go, once their replacement is ready, and no other as well; those that drain, once there are enough others. */
  #leave(nowMs: number): void {
    const ready = this.#candidates.members(nowMs).filter(({ role, isUp }) => role.isReady && isUp);
    for (const candidate of ready) {
      const { insteadOf } = candidate.role;
      if (insteadOf === undefined) continue;
      candidate.role = { ...candidate.role, insteadOf: undefined };
      this.#beginLeaving(this.#candidates.get(insteadOf), 'replaced', nowMs);
    }
    const left = ready.filter(({ pop }) => this.isKept(pop.id));
    const surplus = left.filter((member) => !this.#candidates.isExtra(member, nowMs)).length - this.#options.count;
    if (surplus > 0) this.#beginLeaving(worstOf(left), 'replaced', nowMs);
    for (const candidate of this.#candidates.all()) {
      const isToGo = candidate.role.kind === 'kept' && isDraining(candidate, nowMs);
      if (isToGo && ready.length >= Math.max(1, Math.min(this.#options.count, this.#candidates.countUsable(nowMs)))) {
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
    const all = this.#candidates.all();
    for (const candidate of byCost(all.filter((one) => isMeasured(one, nowMs)))) this.#measured(candidate, nowMs);
    const mood = this.#isAlone ? 'alone' : this.#isAlarmed ? 'alarmed' : 'calm';
    this.#rounds.plan(all, mood, nowMs);
    let room = this.#rounds.room(all, mood, nowMs);
    for (const candidate of dueProbes(all, nowMs)) {
      if (room <= 0) break;
      if (candidate.isUp) {
        this.#measured(candidate, nowMs);
        continue;
      }
      // What reaches us from it through others would have to find its way anew.
      if (candidate.isBusy) continue;
      candidate.role = { kind: 'probing', sinceMs: nowMs, upSinceMs: undefined };
      room--;
    }
  }

  /** A measurement succeeded: is it better than one that is kept, and was it often enough? */
  #measured(candidate: Candidate, nowMs: number): void {
    candidate.failures = Math.max(0, candidate.failures - 1);
    const member = candidate.failures === 0 ? this.#beatenBy(candidate, nowMs) : undefined;
    candidate.timesBetter = member ? candidate.timesBetter + 1 : 0;
    if (member && candidate.timesBetter >= (this.#settledForMs(nowMs) < SETTLING_MS ? 1 : BETTER_TIMES)) {
      this.#keep(candidate, member.pop.id, nowMs);
      return;
    }
    const again = member !== undefined || candidate.failures > 0;
    const probeAtMs = again ? nowMs + this.#rounds.jittered(CONFIRM_INTERVAL_MS) : Number.POSITIVE_INFINITY;
    candidate.role = { kind: 'idle', probeAtMs };
  }

  /** The worst member that the challenger is better than; those that are being replaced already do not count. */
  #beatenBy(challenger: Candidate, nowMs: number): Kept | undefined {
    if (isDraining(challenger, nowMs)) return undefined;
    const members = this.#candidates.members(nowMs);
    const replaced = new Set(members.map(({ role }) => role.insteadOf));
    const staying = members.filter(({ pop }) => !replaced.has(pop.id));
    const without = (member: Kept) => staying.filter((other) => other !== member);
    return worstOf(staying.filter((member) => isBetter(challenger, member, without(member))));
  }

  /** Once as many tunnels work as are wanted, and none is being replaced. */
  #even(nowMs: number): void {
    const members = this.#candidates.members(nowMs);
    const isCalm = members.every(({ role, isUp }) => isUp && role.isReady && role.insteadOf === undefined);
    if (this.#isAlarmed || !isCalm || members.length < this.#options.count) return;
    const move = this.#evening.move(members, this.#candidates.all(), this.#settledForMs(nowMs), nowMs);
    if (move) this.#keep(move.challenger, move.member.pop.id, nowMs);
  }

  #settledForMs(nowMs: number): number {
    return nowMs - (this.#settlesSinceMs ?? nowMs);
  }

  #fraction(): number {
    return randomFraction(this.#options.random);
  }
}
