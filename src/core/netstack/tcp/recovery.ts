import { isAtOrBefore } from '../sequence.ts';
import type { CongestionSnapshot, Cubic } from './cubic.ts';

/**
 * `open`: nothing known to be lost. `recovery`: repairing by PRR. `loss`: after a timeout, in slow start. `repair`:
 * sending again what a changed path lost, which says nothing about congestion, so the window works as usual.
 */
export type RecoveryPhase = 'open' | 'recovery' | 'loss' | 'repair';

/** Loss recovery: Proportional Rate Reduction (RFC 6937) and detection of needless recoveries (Eifel, RFC 3522, 4015). */
export class Recovery {
  phase: RecoveryPhase = 'open';
  /** snd.nxt when the loss was noticed; recovery ends when it is acknowledged. */
  point = 0;
  #prrDelivered = 0;
  #prrOut = 0;
  #flightAtStart = 1;
  #undo: CongestionSnapshot | undefined;
  /** TSval of the first retransmission (Eifel); meaningful while `#awaitsEcho`. */
  #retransmitTsVal = 0;
  #awaitsEcho = false;
  #echoArmed = false;

  /** Fast recovery begins (RFC 6937 section 3). */
  enterRecovery(congestion: Cubic, sndNxt: number, flightBytes: number): void {
    this.#undo = congestion.snapshot();
    congestion.lossDetected();
    this.phase = 'recovery';
    this.point = sndNxt;
    this.#prrDelivered = 0;
    this.#prrOut = 0;
    this.#flightAtStart = Math.max(1, flightBytes);
    this.#echoArmed = true;
    this.#awaitsEcho = false;
  }

  /** The retransmission timer expired. Repeated timeouts reduce ssthresh once (RFC 5681 section 3.1). */
  enterLoss(congestion: Cubic, sndNxt: number): void {
    if (this.phase === 'loss') {
      congestion.collapse();
      return;
    }
    if (this.phase === 'open') this.#undo = congestion.snapshot();
    congestion.timedOut();
    this.phase = 'loss';
    this.point = sndNxt;
    this.#echoArmed = true;
    this.#awaitsEcho = false;
  }

  /** The path changed or its MTU shrank: what is resent is no sign of congestion. */
  enterRepair(sndNxt: number): void {
    this.reset();
    this.phase = 'repair';
    this.point = sndNxt;
  }

  /** A segment of `bytes` was retransmitted or sent while recovering. */
  sent(bytes: number, isRetransmission: boolean, tsVal: number): void {
    if (this.phase === 'recovery') this.#prrOut += bytes;
    if (isRetransmission && this.#echoArmed) {
      this.#retransmitTsVal = tsVal;
      this.#awaitsEcho = true;
      this.#echoArmed = false;
    }
  }

  /**
   * The first acknowledgement of new data after a retransmission echoes an older timestamp: the original had arrived.
   * Returns what to restore, once.
   */
  spurious(tsEcr: number): CongestionSnapshot | undefined {
    if (!this.#awaitsEcho) return undefined;
    this.#awaitsEcho = false;
    if (isAtOrBefore(this.#retransmitTsVal, tsEcr)) return undefined;
    const undo = this.#undo;
    this.#undo = undefined;
    return undo;
  }

  /** PRR: sets cwnd after an acknowledgement in fast recovery (section 3.1, with the slow start bound). */
  acknowledged(congestion: Cubic, deliveredBytes: number, pipeBytes: number, advanced: boolean, mss: number): void {
    this.#prrDelivered += deliveredBytes;
    let budget: number;
    if (pipeBytes > congestion.ssthreshBytes) {
      const share = Math.ceil((this.#prrDelivered * congestion.ssthreshBytes) / this.#flightAtStart);
      budget = share - this.#prrOut;
    } else {
      const owed = Math.max(this.#prrDelivered - this.#prrOut, deliveredBytes);
      budget = Math.min(congestion.ssthreshBytes - pipeBytes, advanced ? owed + mss : owed);
    }
    // The first retransmission is never held back.
    if (this.#prrOut === 0) budget = Math.max(budget, mss);
    congestion.cwndBytes = pipeBytes + Math.max(0, budget);
  }

  /** Everything sent before the loss was acknowledged. */
  leave(congestion: Cubic, mss: number): void {
    if (this.phase === 'recovery') congestion.cwndBytes = Math.max(congestion.ssthreshBytes, 2 * mss);
    this.reset();
  }

  reset(): void {
    this.phase = 'open';
    this.#undo = undefined;
    this.#awaitsEcho = false;
    this.#echoArmed = false;
  }
}
