import { assertNever } from '../../base/index.ts';
import {
  ANSWER_GRACE_MS,
  BUSY_FOR_MS,
  DOWN_AFTER_MISSES,
  HEARTBEAT_BUSY_MS,
  HEARTBEAT_DOUBT_MS,
  HEARTBEAT_DOWN_MS,
  HEARTBEAT_IDLE_MS,
  LOSS_WEIGHT,
  REMEMBERED_HEARTBEATS,
  RTT_WEIGHT,
  SUSPECT_AFTER_MISSES,
} from './constants.ts';
import type { Heartbeat } from './heartbeat.ts';

/** `unproven`: nothing was heard yet. */
export type PathState = 'unproven' | 'up' | 'suspect' | 'down';

/**
 * What one end knows of one tunnel, from heartbeats alone. Pull shape: `poll` says whether a heartbeat is due,
 * `heard` takes one in, `nextDeadlineMs` says when to ask again. Both ends run the same machine.
 */
export class PathHealth {
  #state: PathState = 'unproven';
  #changedAtMs: number;
  #sequence = 0;
  readonly #sentAtMs = new Float64Array(REMEMBERED_HEARTBEATS).fill(Number.NaN);
  /** Highest own sequence that the other end echoed. */
  #acknowledged = 0;
  /** When the oldest heartbeat that still waits for an answer was sent. */
  #waitingSinceMs: number | undefined;
  #misses = 0;
  #heardSequence = 0;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #owesAnswer = false;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #nextSendMs: number;
  #srttMs: number | undefined;
  #loss = 0;

  constructor(nowMs: number) {
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
    return this.#srttMs;
  }

  /** Smoothed share of heartbeats without an answer, 0 to 1. */
  get loss(): number {
    return this.#loss;
  }

  /** Call when a packet of the tunnel's users goes out or comes in. */
  trafficSeen(nowMs: number): void {
    this.#busyUntilMs = nowMs + BUSY_FOR_MS;
    if (this.#nextSendMs > nowMs + HEARTBEAT_BUSY_MS) this.#nextSendMs = nowMs + HEARTBEAT_BUSY_MS;
  }

  /** Call when the tunnel got new keys: ask at once. */
  keysRenewed(nowMs: number): void {
    this.#nextSendMs = nowMs;
  }

  /** Takes in a heartbeat from the other end. Returns whether the state changed. */
  heard(heartbeat: Heartbeat, nowMs: number): boolean {
    this.#heardSequence = heartbeat.sequence;
    this.#heardAtMs = nowMs;
    if (heartbeat.answerAtOnce) this.#owesAnswer = true;
    if (heartbeat.echo > this.#acknowledged && heartbeat.echo <= this.#sequence) {
      this.#measure(heartbeat, nowMs);
      this.#acknowledged = heartbeat.echo;
      this.#waitingSinceMs = undefined;
      this.#misses = 0;
      this.#loss *= 1 - LOSS_WEIGHT;
      return this.#enter('up', nowMs);
    }
    return false;
  }

  /** Notes missed answers. Returns whether the state changed. */
  expire(nowMs: number): boolean {
    if (this.#waitingSinceMs === undefined || nowMs < this.#waitingSinceMs + this.#patienceMs()) return false;
    this.#waitingSinceMs = undefined;
    this.#misses++;
    this.#loss += LOSS_WEIGHT * (1 - this.#loss);
    if (this.#misses >= DOWN_AFTER_MISSES) return this.#enter('down', nowMs);
    this.#nextSendMs = Math.min(this.#nextSendMs, nowMs + HEARTBEAT_DOUBT_MS);
    if (this.#misses >= SUSPECT_AFTER_MISSES && this.#state === 'up') return this.#enter('suspect', nowMs);
    return false;
  }

  /** The heartbeat to send now, if one is due. */
  poll(nowMs: number): Heartbeat | undefined {
    const isAnswer = this.#owesAnswer;
    if (!isAnswer && nowMs < this.#nextSendMs) return undefined;
    this.#owesAnswer = false;
    this.#sequence++;
    this.#sentAtMs[this.#sequence % REMEMBERED_HEARTBEATS] = nowMs;
    // An answer asks for none in return, or two ends would talk for ever.
    if (!isAnswer) {
      this.#waitingSinceMs ??= nowMs;
      this.#nextSendMs = nowMs + this.#intervalMs(nowMs);
    }
    return {
      hearsYou: nowMs - this.#heardAtMs < HEARTBEAT_IDLE_MS * 2,
      answerAtOnce: !isAnswer,
      sequence: this.#sequence,
      echo: this.#heardSequence,
      echoDelayUs: this.#heardSequence === 0 ? 0 : Math.max(0, Math.round((nowMs - this.#heardAtMs) * 1000)),
    };
  }

  nextDeadlineMs(): number {
    if (this.#owesAnswer) return Number.NEGATIVE_INFINITY;
    const waiting =
      this.#waitingSinceMs === undefined ? Number.POSITIVE_INFINITY : this.#waitingSinceMs + this.#patienceMs();
    return Math.min(this.#nextSendMs, waiting);
  }

  #patienceMs(): number {
    return 4 * (this.#srttMs ?? 100) + ANSWER_GRACE_MS;
  }

  #intervalMs(nowMs: number): number {
    switch (this.#state) {
      case 'unproven':
      case 'suspect':
        return HEARTBEAT_DOUBT_MS;
      case 'down':
        return HEARTBEAT_DOWN_MS;
      case 'up':
        if (this.#misses > 0) return HEARTBEAT_DOUBT_MS;
        return nowMs < this.#busyUntilMs ? HEARTBEAT_BUSY_MS : HEARTBEAT_IDLE_MS;
      default:
        return assertNever(this.#state);
    }
  }

  #measure(heartbeat: Heartbeat, nowMs: number): void {
    if (this.#sequence - heartbeat.echo >= REMEMBERED_HEARTBEATS) return;
    const sentAtMs = this.#sentAtMs[heartbeat.echo % REMEMBERED_HEARTBEATS] as number;
    const sampleMs = Math.max(0, nowMs - sentAtMs - heartbeat.echoDelayUs / 1000);
    this.#srttMs = this.#srttMs === undefined ? sampleMs : this.#srttMs + RTT_WEIGHT * (sampleMs - this.#srttMs);
  }

  #enter(state: PathState, nowMs: number): boolean {
    if (this.#state === state) return false;
    this.#state = state;
    this.#changedAtMs = nowMs;
    return true;
  }
}
