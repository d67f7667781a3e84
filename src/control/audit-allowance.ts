import { AUDIT_BURST_PER_POP, AUDIT_EVENTS_PER_SECOND_PER_POP } from './constants.ts';

/** How many audit events of requests one PoP may have stored: a bucket that fills evenly and is full at first. */
export class AuditAllowance {
  #left = AUDIT_BURST_PER_POP;
  readonly #perSecond: number;
  #atMs: number;

  constructor(nowMs: number, perSecond = AUDIT_EVENTS_PER_SECOND_PER_POP) {
    this.#perSecond = perSecond;
    this.#atMs = nowMs;
  }

  /** Takes up to `count` from the bucket; gives how many of them may be stored. */
  take(count: number, nowMs: number): number {
    const earned = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#left = Math.min(AUDIT_BURST_PER_POP, this.#left + earned);
    this.#atMs = nowMs;
    const taken = Math.min(count, Math.floor(this.#left));
    this.#left -= taken;
    return taken;
  }
}
