import { RTO_INITIAL_MS, RTO_MAX_MS, RTO_MIN_MS } from '../constants.ts';

/** RTT estimation and the retransmission timeout (RFC 6298). */
export class RoundTripTime {
  /** -1 before the first sample. */
  srttMs = -1;
  #rttvarMs = 0;
  #baseRtoMs = RTO_INITIAL_MS;
  #backoff = 0;

  /** Takes a sample of a segment that was sent once (Karn), or of a timestamp echo. */
  sample(rttMs: number): void {
    if (this.srttMs < 0) {
      this.srttMs = rttMs;
      this.#rttvarMs = rttMs / 2;
    } else {
      this.#rttvarMs += (Math.abs(this.srttMs - rttMs) - this.#rttvarMs) / 4;
      this.srttMs += (rttMs - this.srttMs) / 8;
    }
    // The floor is on the distance from SRTT, so that a delayed acknowledgement never looks like a loss.
    this.#baseRtoMs = this.srttMs + Math.max(RTO_MIN_MS, 4 * this.#rttvarMs);
    this.#backoff = 0;
  }

  get rtoMs(): number {
    return Math.min(RTO_MAX_MS, this.#baseRtoMs * 2 ** this.#backoff);
  }

  /** How often the timeout was doubled since the last sample. */
  get backoff(): number {
    return this.#backoff;
  }

  /** The timer expired (section 5.5). */
  backOff(): void {
    if (this.#backoff < 16) this.#backoff++;
  }

  clearBackoff(): void {
    this.#backoff = 0;
  }

  /** The timeout until the first sample; section 5.7 asks for a longer one when the SYN had to be sent again. */
  setInitialRto(rtoMs: number): void {
    if (this.srttMs < 0) this.#baseRtoMs = rtoMs;
    this.#backoff = 0;
  }

  /** The path changed: what was learnt is void. */
  forget(): void {
    this.srttMs = -1;
    this.#rttvarMs = 0;
    this.#baseRtoMs = RTO_INITIAL_MS;
    this.#backoff = 0;
  }
}
