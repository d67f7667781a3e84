import { assertNever } from '../../base/index.ts';
import {
  ASSUMED_SILENCE_MS,
  BUSY_FOR_MS,
  DOWN_AFTER_ASKS,
  DOWN_ASKS,
  DOWN_SILENCE_MS,
  HEARTBEAT_BUSY_MS,
  HEARTBEAT_DOUBT_MS,
  HEARTBEAT_DOWN_MS,
  HEARTBEAT_FIRST_MS,
  SUSPECT_AFTER_LATE_MS,
  SUSPECT_SILENCE_MS,
} from './constants.ts';
import type { Heartbeat } from './heartbeat.ts';
import { HeartbeatExchange, isProbe } from './heartbeat-exchange.ts';
import { Silence } from './silence.ts';
import { Turns } from './turns.ts';
import { Unanswered } from './unanswered.ts';

/** `unproven`: nothing was heard yet. */
export type PathState = 'unproven' | 'up' | 'suspect' | 'down';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * What one end knows of one path, from heartbeats and from silence after packets. Pull shape: `poll` says whether a
 * heartbeat is due, `heard` takes one in, `nextDeadlineMs` says when to ask again. Both ends run the same machine.
 *
 *     a packet goes out, or 500 ms pass -> heartbeat 1 asks; no answer in time: it is late
 *     then one every 100 ms; the first unanswered for 450 ms and the second late too: suspect; for 2 s: down
 */
export class PathHealth {
  #state: PathState = 'unproven';
  #changedAtMs: number;
  readonly #exchange = new HeartbeatExchange();
  readonly #asks = new Unanswered();
  /** Whether the oldest of them is late. */
  #isLate = false;
  /** When the last heartbeat that asks was sent. */
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  /** Heartbeats that asked since it is down. */
  #downAsks = 0;
  #nextSendMs: number;
  readonly #silence = new Silence();
  readonly #turns: Turns;
  readonly #isAssumed: boolean;

  /** `isAssumed`: it is used before anything was heard, so it is suspect when nothing is. `yields`: at one end of the two. */
  constructor(nowMs: number, { isAssumed = false, yields = false } = {}) {
    this.#isAssumed = isAssumed;
    this.#turns = new Turns(yields);
    this.#changedAtMs = nowMs;
    this.#nextSendMs = nowMs;
  }

  get state(): PathState {
    return this.#state;
  }

  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  /** Smoothed round-trip time in milliseconds. */
  get rttMs(): number | undefined {
    return this.#exchange.trips.smoothedMs;
  }

  /** Smoothed share of heartbeats that get lost on the way there or back, 0 to 1. */
  get loss(): number {
    return this.#exchange.losses.loss;
  }

  isBusy(nowMs: number): boolean {
    return nowMs < this.#busyUntilMs;
  }

  /** Whether it is up and every heartbeat so far was answered or has time left. */
  get isCalm(): boolean {
    return this.#state === 'up' && !this.#isLate;
  }

  get owesAnswer(): boolean {
    return this.#exchange.owesAnswer;
  }

  /** Call when a packet of the tunnel's users goes out. True where `nextDeadlineMs` may have come earlier. */
  sent(nowMs: number): boolean {
    this.#busyUntilMs = nowMs + BUSY_FOR_MS;
    return this.#silence.sent(nowMs);
  }

  /** Call when a packet of the tunnel's users comes in. True where `nextDeadlineMs` may have come earlier. */
  received(nowMs: number): boolean {
    this.#silence.end();
    this.#busyUntilMs = nowMs + BUSY_FOR_MS;
    if (this.#nextSendMs <= nowMs + HEARTBEAT_BUSY_MS) return false;
    this.#nextSendMs = nowMs + HEARTBEAT_BUSY_MS;
    return true;
  }

  /** Call when the tunnel got new keys: ask at once. */
  keysRenewed(nowMs: number): void {
    this.#downAsks = 0;
    this.#nextSendMs = nowMs;
  }

  /** Whether it was down for so many heartbeats that only the other end can bring it up again. */
  get isGivenUp(): boolean {
    return this.#state === 'down' && this.#downAsks >= DOWN_ASKS;
  }

  /** The other end said goodbye. Returns whether the state changed. */
  ended(nowMs: number): boolean {
    this.#exchange.owesAnswer = false;
    const hasChanged = this.#enter('down', nowMs);
    this.#downAsks = DOWN_ASKS;
    return hasChanged;
  }

  /** Asks at once, unless an answer is awaited already. */
  ask(nowMs: number): void {
    if (this.#asks.count === 0) this.#nextSendMs = Math.min(this.#nextSendMs, nowMs);
  }

  /** Takes in a heartbeat of `sizeBytes` from the other end. Returns whether the state changed. */
  heard(heartbeat: Heartbeat, sizeBytes: number, nowMs: number): boolean {
    const exchange = this.#exchange;
    const isProof = exchange.take(heartbeat, sizeBytes, nowMs);
    if (this.isGivenUp) this.keysRenewed(nowMs);
    if (heartbeat.answerAtOnce) this.#asked(heartbeat, sizeBytes, nowMs);
    if (!isProof) return false;
    if (this.#state !== 'up') exchange.losses.resume();
    exchange.measure(heartbeat, nowMs);
    this.#answered(heartbeat.echo);
    return this.#enter('up', nowMs);
  }

  /** Notes answers that are missing. Returns whether the state changed. */
  expire(nowMs: number): boolean {
    const { oldestMs } = this.#asks;
    if (oldestMs === undefined || nowMs < oldestMs + this.#exchange.trips.lateAfterMs) return false;
    this.#isLate = true;
    this.#nextSendMs = Math.min(this.#nextSendMs, this.#askedAtMs + this.#intervalMs(nowMs));
    if (nowMs >= this.#downAtMs()) return this.#enter('down', nowMs);
    if (this.#mayBeSuspect && nowMs >= this.#suspectAtMs()) return this.#enter('suspect', nowMs);
    return false;
  }

  /** The heartbeat to send now, if one is due. */
  poll(nowMs: number): Heartbeat | undefined {
    if (nowMs >= this.#silenceAtMs()) {
      this.#silence.ask();
      this.#nextSendMs = nowMs;
    }
    const asks = nowMs >= this.#nextSendMs;
    if (!asks && !this.#exchange.owesAnswer) return undefined;
    const heartbeat = this.#exchange.make(asks, false, nowMs);
    if (asks) {
      this.#asks.add(this.#exchange.sequence, nowMs);
      if (this.#state === 'down') this.#downAsks++;
      this.#askedAtMs = nowMs;
      this.#nextSendMs = nowMs + this.#intervalMs(nowMs);
    }
    return heartbeat;
  }

  /** Whether `poll` asked because packets went out and none came in; says so once. */
  foundSilence(): boolean {
    return this.#silence.takeFound();
  }

  /** The answer that is owed, if one is: for paths that send no heartbeats of their own. */
  pollAnswer(nowMs: number): Heartbeat | undefined {
    return this.#exchange.owesAnswer ? this.#exchange.make(false, false, nowMs) : undefined;
  }

  /** Number of the heartbeat that is made next. */
  get nextSequence(): number {
    return this.#exchange.sequence + 1;
  }

  /** A heartbeat whose loss says nothing of the path: a probe of its MTU. An ordinary one follows at once. */
  probe(nowMs: number): Heartbeat {
    this.#nextSendMs = nowMs;
    return this.#exchange.make(true, true, nowMs);
  }

  /** The last heartbeat: it wants no answer. */
  last(nowMs: number): Heartbeat {
    return this.#exchange.make(false, false, nowMs);
  }

  nextDeadlineMs(): number {
    if (this.#exchange.owesAnswer) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#nextSendMs, this.#silenceAtMs(), this.#judgementAtMs());
  }

  /** When `expire` has something new to say. */
  #judgementAtMs(): number {
    const { oldestMs } = this.#asks;
    if (oldestMs === undefined || this.#state === 'down') return NEVER;
    if (!this.#isLate) return oldestMs + this.#exchange.trips.lateAfterMs;
    return this.#mayBeSuspect ? this.#suspectAtMs() : this.#downAtMs();
  }

  get #mayBeSuspect(): boolean {
    return this.#state === 'up' || (this.#isAssumed && this.#state === 'unproven');
  }

  #silenceAtMs(): number {
    return this.#silence.dueMs(this.#exchange.trips.lateAfterMs);
  }

  #suspectAtMs(): number {
    const { oldestMs, secondMs } = this.#asks;
    if (oldestMs === undefined || secondMs === undefined) return NEVER;
    const lateAfterMs = this.#exchange.trips.lateAfterMs;
    const leastMs = this.#state === 'up' ? SUSPECT_SILENCE_MS : ASSUMED_SILENCE_MS;
    const patienceMs = Math.max(leastMs, lateAfterMs + SUSPECT_AFTER_LATE_MS);
    return Math.max(oldestMs + patienceMs, secondMs + lateAfterMs);
  }

  #downAtMs(): number {
    const { oldestMs, count } = this.#asks;
    if (oldestMs === undefined || count < DOWN_AFTER_ASKS) return NEVER;
    return oldestMs + Math.max(DOWN_SILENCE_MS, 2 * this.#exchange.trips.lateAfterMs);
  }

  #intervalMs(nowMs: number): number {
    switch (this.#state) {
      case 'unproven':
        return HEARTBEAT_FIRST_MS;
      case 'suspect':
        return HEARTBEAT_DOUBT_MS;
      case 'down':
        return HEARTBEAT_DOWN_MS;
      case 'up':
        if (this.#isLate) return HEARTBEAT_DOUBT_MS;
        return this.isBusy(nowMs) ? HEARTBEAT_BUSY_MS : this.#turns.asked(this.#exchange.trips.lateAfterMs);
      default:
        return assertNever(this.#state);
    }
  }

  /** They want an answer, and on an idle path that is well it is our turn next. */
  #asked(heartbeat: Heartbeat, sizeBytes: number, nowMs: number): void {
    this.#exchange.owesAnswer = true;
    if (!this.isCalm || this.isBusy(nowMs) || isProbe(sizeBytes)) return;
    const { trips, sequence } = this.#exchange;
    if (this.#exchange.misses(heartbeat, trips.lateAfterMs, nowMs)) this.ask(nowMs);
    else this.#nextSendMs = this.#turns.theyAsked(heartbeat.echo === sequence, this.#nextSendMs, nowMs);
  }

  #answered(echo: number): void {
    this.#asks.answered(echo);
    this.#isLate = false;
    this.#silence.end();
  }

  #enter(state: PathState, nowMs: number): boolean {
    if (this.#state === state) return false;
    this.#state = state;
    this.#changedAtMs = nowMs;
    this.#downAsks = 0;
    return true;
  }
}
