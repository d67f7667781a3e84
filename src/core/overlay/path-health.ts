import { assertNever } from '../../base/index.ts';
import {
  ASSUMED_SILENCE_MS,
  BUSY_FOR_MS,
  DOWN_AFTER_ASKS,
  DOWN_SILENCE_MS,
  HEARTBEAT_BUSY_MS,
  HEARTBEAT_DOUBT_MS,
  HEARTBEAT_DOWN_MS,
  HEARTBEAT_FIRST_MS,
  HEARTBEAT_IDLE_MS,
  REMEMBERED_HEARTBEATS,
  SUSPECT_AFTER_LATE_MS,
  SUSPECT_SILENCE_MS,
} from './constants.ts';
import { HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import { LossMeter } from './loss-meter.ts';
import { RoundTrips } from './round-trips.ts';

/** Heartbeats longer than usual by this much are probes of the MTU. */
const PADDING_BYTES = 16;

/** `unproven`: nothing was heard yet. */
export type PathState = 'unproven' | 'up' | 'suspect' | 'down';

const NEVER = Number.POSITIVE_INFINITY;

interface Ask {
  readonly sequence: number;
  readonly atMs: number;
}

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
  #sequence = 0;
  readonly #sentAtMs = new Float64Array(REMEMBERED_HEARTBEATS).fill(Number.NaN);
  /** Highest own sequence that the other end echoed. */
  #acknowledged = 0;
  /** Heartbeats that ask and are unanswered, oldest first. */
  readonly #asks: Ask[] = [];
  /** Whether the oldest of them is late. */
  #isLate = false;
  /** When the last heartbeat that asks was sent. */
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #heardSequence = 0;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #largestHeardBytes = 0;
  #owesAnswer = false;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  /** When the first packet since the last one received was sent; NEVER where the silence was asked about. */
  #silentSinceMs = NEVER;
  #isSilent = false;
  #foundSilence = false;
  #nextSendMs: number;
  readonly #trips = new RoundTrips();
  readonly #losses = new LossMeter();
  readonly #isAssumed: boolean;

  /** `isAssumed`: it is used before anything was heard, so it is suspect when nothing is. */
  constructor(nowMs: number, isAssumed = false) {
    this.#isAssumed = isAssumed;
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
    return this.#trips.smoothedMs;
  }

  /** Smoothed share of heartbeats that get lost on the way there or back, 0 to 1. */
  get loss(): number {
    return this.#losses.loss;
  }

  isBusy(nowMs: number): boolean {
    return nowMs < this.#busyUntilMs;
  }

  /** Whether it is up and every heartbeat so far was answered or has time left. */
  get isCalm(): boolean {
    return this.#state === 'up' && !this.#isLate;
  }

  get owesAnswer(): boolean {
    return this.#owesAnswer;
  }

  /** Call when a packet of the tunnel's users goes out. True where `nextDeadlineMs` may have come earlier. */
  sent(nowMs: number): boolean {
    this.#busyUntilMs = nowMs + BUSY_FOR_MS;
    const isFirst = !this.#isSilent;
    if (isFirst) {
      this.#isSilent = true;
      this.#silentSinceMs = nowMs;
    }
    return isFirst;
  }

  /** Call when a packet of the tunnel's users comes in. True where `nextDeadlineMs` may have come earlier. */
  received(nowMs: number): boolean {
    this.#isSilent = false;
    this.#silentSinceMs = NEVER;
    this.#busyUntilMs = nowMs + BUSY_FOR_MS;
    if (this.#nextSendMs <= nowMs + HEARTBEAT_BUSY_MS) return false;
    this.#nextSendMs = nowMs + HEARTBEAT_BUSY_MS;
    return true;
  }

  /** Call when the tunnel got new keys: ask at once. */
  keysRenewed(nowMs: number): void {
    this.#nextSendMs = nowMs;
  }

  /** Asks at once, unless an answer is awaited already. */
  ask(nowMs: number): void {
    if (this.#asks.length === 0) this.#nextSendMs = Math.min(this.#nextSendMs, nowMs);
  }

  /** Takes in a heartbeat of `sizeBytes` from the other end. Returns whether the state changed. */
  heard(heartbeat: Heartbeat, sizeBytes: number, nowMs: number): boolean {
    this.#heardSequence = heartbeat.sequence;
    this.#heardAtMs = nowMs;
    this.#largestHeardBytes = Math.max(this.#largestHeardBytes, sizeBytes);
    this.#losses.heard(sizeBytes >= HEARTBEAT_BYTES + PADDING_BYTES);
    if (heartbeat.answerAtOnce) this.#owesAnswer = true;
    if (heartbeat.echo <= this.#acknowledged || heartbeat.echo > this.#sequence) return false;
    if (this.#state !== 'up') this.#losses.resume();
    this.#measure(heartbeat, nowMs);
    this.#acknowledged = heartbeat.echo;
    this.#answered(heartbeat.echo);
    return this.#enter('up', nowMs);
  }

  /** Notes answers that are missing. Returns whether the state changed. */
  expire(nowMs: number): boolean {
    const oldest = this.#asks[0];
    if (!oldest || nowMs < oldest.atMs + this.#trips.lateAfterMs) return false;
    this.#isLate = true;
    this.#nextSendMs = Math.min(this.#nextSendMs, this.#askedAtMs + this.#intervalMs(nowMs));
    if (nowMs >= this.#downAtMs()) return this.#enter('down', nowMs);
    if (this.#mayBeSuspect && nowMs >= this.#suspectAtMs()) return this.#enter('suspect', nowMs);
    return false;
  }

  /** The heartbeat to send now, if one is due. */
  poll(nowMs: number): Heartbeat | undefined {
    if (nowMs >= this.#silenceAtMs()) {
      this.#silentSinceMs = NEVER;
      this.#nextSendMs = nowMs;
      this.#foundSilence = true;
    }
    const asks = nowMs >= this.#nextSendMs;
    if (!asks && !this.#owesAnswer) return undefined;
    const heartbeat = this.#make(asks, false, nowMs);
    if (asks) {
      // The oldest says how long the silence is.
      if (this.#asks.length === REMEMBERED_HEARTBEATS) this.#asks.splice(1, 1);
      this.#asks.push({ sequence: this.#sequence, atMs: nowMs });
      this.#askedAtMs = nowMs;
      this.#nextSendMs = nowMs + this.#intervalMs(nowMs);
    }
    return heartbeat;
  }

  /** Whether `poll` asked because packets went out and none came in; says so once. */
  foundSilence(): boolean {
    const found = this.#foundSilence;
    this.#foundSilence = false;
    return found;
  }

  /** The answer that is owed, if one is: for paths that send no heartbeats of their own. */
  pollAnswer(nowMs: number): Heartbeat | undefined {
    return this.#owesAnswer ? this.#make(false, false, nowMs) : undefined;
  }

  /** Number of the heartbeat that is made next. */
  get nextSequence(): number {
    return this.#sequence + 1;
  }

  /** A heartbeat whose loss says nothing of the path: a probe of its MTU. An ordinary one follows at once. */
  probe(nowMs: number): Heartbeat {
    this.#nextSendMs = nowMs;
    return this.#make(true, true, nowMs);
  }

  nextDeadlineMs(): number {
    if (this.#owesAnswer) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#nextSendMs, this.#silenceAtMs(), this.#judgementAtMs());
  }

  /** When `expire` has something new to say. */
  #judgementAtMs(): number {
    const oldest = this.#asks[0];
    if (!oldest || this.#state === 'down') return NEVER;
    if (!this.#isLate) return oldest.atMs + this.#trips.lateAfterMs;
    return this.#mayBeSuspect ? this.#suspectAtMs() : this.#downAtMs();
  }

  get #mayBeSuspect(): boolean {
    return this.#state === 'up' || (this.#isAssumed && this.#state === 'unproven');
  }

  #silenceAtMs(): number {
    return this.#silentSinceMs === NEVER ? NEVER : this.#silentSinceMs + this.#trips.lateAfterMs;
  }

  #suspectAtMs(): number {
    const [oldest, second] = this.#asks;
    if (!oldest || !second) return NEVER;
    const lateAfterMs = this.#trips.lateAfterMs;
    const leastMs = this.#state === 'up' ? SUSPECT_SILENCE_MS : ASSUMED_SILENCE_MS;
    const patienceMs = Math.max(leastMs, lateAfterMs + SUSPECT_AFTER_LATE_MS);
    return Math.max(oldest.atMs + patienceMs, second.atMs + lateAfterMs);
  }

  #downAtMs(): number {
    const oldest = this.#asks[0];
    if (!oldest || this.#asks.length < DOWN_AFTER_ASKS) return NEVER;
    return oldest.atMs + Math.max(DOWN_SILENCE_MS, 2 * this.#trips.lateAfterMs);
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
        return nowMs < this.#busyUntilMs ? HEARTBEAT_BUSY_MS : HEARTBEAT_IDLE_MS;
      default:
        return assertNever(this.#state);
    }
  }

  /** An answer asks for none in return, or two ends would talk for ever. */
  #make(answerAtOnce: boolean, isProbe: boolean, nowMs: number): Heartbeat {
    this.#owesAnswer = false;
    this.#sequence++;
    this.#sentAtMs[this.#sequence % REMEMBERED_HEARTBEATS] = nowMs;
    const largestHeardBytes = this.#largestHeardBytes;
    this.#largestHeardBytes = 0;
    return {
      hearsYou: nowMs - this.#heardAtMs < HEARTBEAT_IDLE_MS * 2,
      answerAtOnce,
      sequence: this.#sequence,
      echo: this.#heardSequence,
      echoDelayUs: this.#heardSequence === 0 ? 0 : Math.max(0, Math.round((nowMs - this.#heardAtMs) * 1000)),
      largestHeardBytes,
      ...this.#losses.counters(this.#sequence, isProbe),
    };
  }

  /** The heartbeat `echo` was answered: whatever asked before it was not, and never will be. */
  #answered(echo: number): void {
    for (let ask = this.#asks[0]; ask && ask.sequence <= echo; ask = this.#asks[0]) {
      this.#asks.shift();
    }
    this.#isLate = false;
    this.#isSilent = false;
    this.#silentSinceMs = NEVER;
  }

  #measure(heartbeat: Heartbeat, nowMs: number): void {
    if (this.#sequence - heartbeat.echo >= REMEMBERED_HEARTBEATS) return;
    const sentAtMs = this.#sentAtMs[heartbeat.echo % REMEMBERED_HEARTBEATS] as number;
    this.#losses.take(heartbeat);
    this.#trips.sample(Math.max(0, nowMs - sentAtMs - heartbeat.echoDelayUs / 1000));
  }

  #enter(state: PathState, nowMs: number): boolean {
    if (this.#state === state) return false;
    this.#state = state;
    this.#changedAtMs = nowMs;
    return true;
  }
}
