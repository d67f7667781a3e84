import {
  CONGESTION_WINDOW_MAX_BYTES,
  CUBIC_BETA,
  CUBIC_C,
  INITIAL_WINDOW_SEGMENTS,
  LOSS_WINDOW_SEGMENTS,
} from '../constants.ts';
import { HyStart } from './hystart.ts';

/** Reno's increase that gives CUBIC's average window with its beta (RFC 9438 section 4.3). */
const CUBIC_ALPHA = (3 * (1 - CUBIC_BETA)) / (1 + CUBIC_BETA);

export interface CongestionSnapshot {
  readonly cwndBytes: number;
  readonly ssthreshBytes: number;
  readonly wMaxBytes: number;
  readonly epochStartMs: number;
}

/** CUBIC congestion control (RFC 9438) with HyStart++ slow start. Windows are in bytes. */
export class Cubic {
  cwndBytes = 0;
  ssthreshBytes = Number.POSITIVE_INFINITY;
  readonly hystart = new HyStart();
  #mss = 1;
  #wMaxBytes = 0;
  /** -1: an epoch begins with the next acknowledgement in congestion avoidance. */
  #epochStartMs = -1;
  #kSeconds = 0;
  #originBytes = 0;
  #wEstBytes = 0;
  #cwndPriorBytes = 0;

  start(mss: number, sndNxt: number): void {
    this.#mss = mss;
    this.cwndBytes = INITIAL_WINDOW_SEGMENTS * mss;
    this.hystart.start(sndNxt);
  }

  /** The segment size changed; the window keeps its count of bytes but never falls below one segment. */
  setMss(mss: number): void {
    this.#mss = mss;
    this.cwndBytes = Math.max(this.cwndBytes, mss);
  }

  get isInSlowStart(): boolean {
    return this.cwndBytes < this.ssthreshBytes;
  }

  /** `ackedBytes` were delivered while the window was in full use and no recovery ran (appropriate byte counting). */
  acknowledged(ackedBytes: number, nowMs: number, srttMs: number): void {
    let left = ackedBytes;
    if (this.isInSlowStart) {
      const room = this.ssthreshBytes - this.cwndBytes;
      const growth = Math.min(left * this.hystart.growth, room);
      this.#setWindow(this.cwndBytes + growth);
      left -= growth / this.hystart.growth;
    }
    if (left > 0 && !this.isInSlowStart) this.#avoid(left, nowMs, srttMs);
  }

  /** HyStart++ says that slow start is over (RFC 9406 section 4.2). */
  leaveSlowStart(): void {
    this.ssthreshBytes = this.cwndBytes;
    this.#epochStartMs = -1;
  }

  /** A loss: sets ssthresh; recovery moves cwnd towards it (section 4.6). */
  lossDetected(): void {
    this.#epochStartMs = -1;
    // Fast convergence: a flow whose window shrinks leaves room for a new one (section 4.7).
    this.#wMaxBytes = this.cwndBytes < this.#wMaxBytes ? (this.cwndBytes * (1 + CUBIC_BETA)) / 2 : this.cwndBytes;
    this.#cwndPriorBytes = this.cwndBytes;
    this.ssthreshBytes = Math.max(Math.floor(this.cwndBytes * CUBIC_BETA), 2 * this.#mss);
  }

  /** The retransmission timer expired (section 4.8). */
  timedOut(): void {
    this.lossDetected();
    this.collapse();
  }

  /** A further timeout for the same loss: ssthresh stays (RFC 5681 section 3.1). */
  collapse(): void {
    this.cwndBytes = LOSS_WINDOW_SEGMENTS * this.#mss;
  }

  /** Nothing was sent for `idleMs`: the window decays by half per RTO to the initial window (RFC 5681 section 4.1). */
  idled(idleMs: number, rtoMs: number): void {
    const floor = INITIAL_WINDOW_SEGMENTS * this.#mss;
    if (this.cwndBytes <= floor) return;
    this.ssthreshBytes = Math.max(this.ssthreshBytes, (this.cwndBytes * 3) / 4);
    const halvings = Math.min(30, Math.floor(idleMs / rtoMs));
    this.cwndBytes = Math.max(floor, this.cwndBytes / 2 ** halvings);
    this.#epochStartMs = -1;
  }

  /** A new path: start again from the initial window, and be quick up to half of what the old path carried. */
  restart(sndNxt: number): void {
    const floor = INITIAL_WINDOW_SEGMENTS * this.#mss;
    this.ssthreshBytes = Math.max(this.cwndBytes / 2, 2 * floor);
    this.cwndBytes = Math.min(this.cwndBytes, floor);
    this.#epochStartMs = -1;
    this.hystart.start(sndNxt);
  }

  snapshot(): CongestionSnapshot {
    return {
      cwndBytes: this.cwndBytes,
      ssthreshBytes: this.ssthreshBytes,
      wMaxBytes: this.#wMaxBytes,
      epochStartMs: this.#epochStartMs,
    };
  }

  /** The loss was none (RFC 9438 section 4.9). */
  restore(snapshot: CongestionSnapshot): void {
    this.cwndBytes = Math.max(this.cwndBytes, snapshot.cwndBytes);
    this.ssthreshBytes = snapshot.ssthreshBytes;
    this.#wMaxBytes = snapshot.wMaxBytes;
    this.#epochStartMs = -1;
  }

  #avoid(ackedBytes: number, nowMs: number, srttMs: number): void {
    if (this.#epochStartMs < 0) this.#beginEpoch(nowMs);
    const mss = this.#mss;
    const seconds = (nowMs - this.#epochStartMs + Math.max(0, srttMs)) / 1000;
    const cube = CUBIC_C * (seconds - this.#kSeconds) ** 3 * mss;
    const target = Math.min(Math.max(this.#originBytes + cube, this.cwndBytes), 1.5 * this.cwndBytes);
    const alpha = this.#wEstBytes >= this.#cwndPriorBytes ? 1 : CUBIC_ALPHA;
    this.#wEstBytes += (alpha * ackedBytes * mss) / this.cwndBytes;
    const increase = ((target - this.cwndBytes) * ackedBytes) / this.cwndBytes;
    this.#setWindow(Math.max(this.cwndBytes + increase, this.#wEstBytes));
  }

  #beginEpoch(nowMs: number): void {
    this.#epochStartMs = nowMs;
    this.#wEstBytes = this.cwndBytes;
    if (this.cwndBytes < this.#wMaxBytes) {
      this.#kSeconds = Math.cbrt((this.#wMaxBytes - this.cwndBytes) / this.#mss / CUBIC_C);
      this.#originBytes = this.#wMaxBytes;
    } else {
      this.#kSeconds = 0;
      this.#originBytes = this.cwndBytes;
    }
  }

  #setWindow(bytes: number): void {
    this.cwndBytes = Math.min(bytes, CONGESTION_WINDOW_MAX_BYTES);
  }
}
