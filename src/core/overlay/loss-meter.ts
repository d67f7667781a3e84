import { LOSS_WEIGHT, REMEMBERED_HEARTBEATS } from './constants.ts';
import type { Heartbeat } from './heartbeat.ts';

/** More heartbeats at once than this are none of this life: the other end began anew. */
const CREDIBLE_STEP = 64;

/**
 * What share of heartbeats gets lost in either direction, from the counters that both ends carry in them (as RTCP's
 * receivers report, RFC 3550 section 6.4). Answers that are missing because the other end was busy, and answered the last of
 * several, are no loss.
 */
export class LossMeter {
  #sent = 0;
  #sequence = 0;
  /** Echoes of heartbeats before this one reach back into an outage. */
  #countsFrom = 0;
  #heard = 0;
  /** How many were sent up to a heartbeat, by its sequence. */
  readonly #sentUpTo: number[] = [];
  #before: { sent: number; theyHeard: number; theySent: number; heard: number } | undefined;
  #lostThere = 0;
  #lostHere = 0;

  /** Share lost on the way there or back, 0 to 1, smoothed. */
  get loss(): number {
    return 1 - (1 - this.#lostThere) * (1 - this.#lostHere);
  }

  /** A heartbeat of ours is made. Gives the counters that it carries. */
  counters(sequence: number, isProbe: boolean): { sent: number; heard: number } {
    this.#sequence = sequence;
    if (!isProbe) this.#sent++;
    this.#sentUpTo[sequence % REMEMBERED_HEARTBEATS] = this.#sent;
    return { sent: this.#sent >>> 0, heard: this.#heard >>> 0 };
  }

  /** The path is back after an outage, which is no measure of its loss. */
  resume(): void {
    this.#before = undefined;
    this.#countsFrom = this.#sequence + 1;
  }

  /** A heartbeat came in that echoes a recent one of ours. */
  take(heartbeat: Heartbeat): void {
    if (heartbeat.echo < this.#countsFrom) return;
    const sent = this.#sentUpTo[heartbeat.echo % REMEMBERED_HEARTBEATS] ?? 0;
    const now = { sent, theyHeard: heartbeat.heard, theySent: heartbeat.sent, heard: this.#heard };
    const before = this.#before;
    this.#before = now;
    if (!before) return;
    this.#lostThere = smoothed(this.#lostThere, now.sent - before.sent, now.theyHeard - before.theyHeard);
    this.#lostHere = smoothed(this.#lostHere, now.theySent - before.theySent, now.heard - before.heard);
  }

  /** Any heartbeat came in; probes do not count. */
  heard(isProbe: boolean): void {
    if (!isProbe) this.#heard++;
  }
}

function smoothed(loss: number, sent: number, heard: number): number {
  if (sent <= 0 || sent > CREDIBLE_STEP || heard < 0) return loss;
  const share = Math.max(0, sent - heard) / sent;
  return share + (loss - share) * (1 - LOSS_WEIGHT) ** sent;
}
