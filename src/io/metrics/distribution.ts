import { DURATION_BOUNDS_SECONDS } from './constants.ts';

/** Counts durations by bounds that never change: one addition each, whoever asks for it. */
export class Distribution {
  /** Those between a bound and the one before; the last has what is beyond every bound. */
  readonly counts: Float64Array;
  readonly boundsSeconds: readonly number[];
  sumSeconds = 0;

  constructor(boundsSeconds: readonly number[] = DURATION_BOUNDS_SECONDS) {
    this.boundsSeconds = boundsSeconds;
    this.counts = new Float64Array(boundsSeconds.length + 1);
  }

  observeMs(durationMs: number): void {
    const seconds = durationMs / 1_000;
    this.sumSeconds += seconds;
    let low = 0;
    let high = this.boundsSeconds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seconds <= (this.boundsSeconds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] as number) + 1;
  }
}
