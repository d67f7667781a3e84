import { INITIAL_LATENCY_MS, LATENCY_DECAY_MS } from './constants.ts';

/**
 * Peak-sensitive moving average of latency: a slower sample counts at once, a faster one little by little (weights by
 * elapsed time, so the pace of samples does not matter). Multiplied by the requests under way it is the cost of a
 * target (the "peak EWMA" of Finagle).
 */
export class LatencyEstimate {
  #averageMs = INITIAL_LATENCY_MS;
  #updatedMs: number;
  /** Requests under way. */
  pending = 0;

  constructor(nowMs: number) {
    this.#updatedMs = nowMs;
  }

  /** The average as it has decayed by now. Without news it sinks, so a target that was slow is tried again. */
  averageMs(nowMs: number): number {
    return INITIAL_LATENCY_MS + (this.#averageMs - INITIAL_LATENCY_MS) * this.#keep(nowMs);
  }

  observe(latencyMs: number, nowMs: number): void {
    const keep = this.#keep(nowMs);
    this.#averageMs = latencyMs > this.#averageMs ? latencyMs : this.#averageMs * keep + latencyMs * (1 - keep);
    this.#updatedMs = Math.max(this.#updatedMs, nowMs);
  }

  /** What one more request would be charged. */
  cost(nowMs: number): number {
    return this.averageMs(nowMs) * (this.pending + 1);
  }

  #keep(nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.#updatedMs) / LATENCY_DECAY_MS);
  }
}
