import { HEARTBEAT_IDLE_MS, REMEMBERED_HEARTBEATS } from './constants.ts';
import { HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import { LossMeter } from './loss-meter.ts';
import { RoundTrips } from './round-trips.ts';

/** Heartbeats longer than usual by this much are probes of the MTU. */
const PADDING_BYTES = 16;

/** The heartbeats of one path there and back: their numbers, and what is measured by them. */
export class HeartbeatExchange {
  readonly trips = new RoundTrips();
  readonly losses = new LossMeter();
  /** Number of the last one that was made. */
  sequence = 0;
  owesAnswer = false;
  /** Plain numbers: a typed array is four times as much work to make, and measurements of PoPs make many. */
  readonly #sentAtMs: number[] = [];
  /** Highest own sequence that the other end echoed. */
  #acknowledged = 0;
  #heardSequence = 0;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #largestHeardBytes = 0;

  /** An answer asks for none in return, or two ends would talk for ever. */
  make(answerAtOnce: boolean, isProbe: boolean, nowMs: number): Heartbeat {
    this.owesAnswer = false;
    this.sequence++;
    this.#sentAtMs[this.sequence % REMEMBERED_HEARTBEATS] = nowMs;
    const largestHeardBytes = this.#largestHeardBytes;
    this.#largestHeardBytes = 0;
    const { sent, heard } = this.losses.counters(this.sequence, isProbe);
    return {
      hearsYou: nowMs - this.#heardAtMs < HEARTBEAT_IDLE_MS * 2,
      answerAtOnce,
      sequence: this.sequence,
      echo: this.#heardSequence,
      echoDelayUs: this.#heardSequence === 0 ? 0 : Math.max(0, Math.round((nowMs - this.#heardAtMs) * 1000)),
      largestHeardBytes,
      sent,
      heard,
    };
  }

  /** Takes in one of the other end's. Whether it proves that ours arrive: it echoes one that none before it did. */
  take(heartbeat: Heartbeat, sizeBytes: number, nowMs: number): boolean {
    this.#heardSequence = heartbeat.sequence;
    this.#heardAtMs = nowMs;
    this.#largestHeardBytes = Math.max(this.#largestHeardBytes, sizeBytes);
    this.losses.heard(isProbe(sizeBytes));
    return heartbeat.echo > this.#acknowledged && heartbeat.echo <= this.sequence;
  }

  /** Whether one of the other end's should have echoed a heartbeat of ours that was sent so long before. */
  misses({ echo }: Heartbeat, afterMs: number, nowMs: number): boolean {
    if (echo >= this.sequence || this.sequence - echo >= REMEMBERED_HEARTBEATS) return false;
    return nowMs - (this.#sentAtMs[(echo + 1) % REMEMBERED_HEARTBEATS] ?? Number.NaN) > afterMs;
  }

  /** Measures by one that proved that. */
  measure(heartbeat: Heartbeat, nowMs: number): void {
    this.#acknowledged = heartbeat.echo;
    if (this.sequence - heartbeat.echo >= REMEMBERED_HEARTBEATS) return;
    const sentAtMs = this.#sentAtMs[heartbeat.echo % REMEMBERED_HEARTBEATS] as number;
    this.losses.take(heartbeat);
    this.trips.sample(Math.max(0, nowMs - sentAtMs - heartbeat.echoDelayUs / 1000));
  }
}

export function isProbe(sizeBytes: number): boolean {
  return sizeBytes >= HEARTBEAT_BYTES + PADDING_BYTES;
}
