import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often it is looked at: often enough for a mean over a second, seldom enough to cost nothing. */
const RESOLUTION_MS = 20;

/** How long what is ready to run waits for its turn in this process. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** The mean since it was asked last, in milliseconds; 0 where nothing was measured. Node leaves the first sample out. */
  read(): number {
    // A sample is the time between two looks, so it holds the time that was to pass between them.
    const meanMs = this.#histogram.mean / 1e6 - RESOLUTION_MS;
    this.#histogram.reset();
    return Number.isFinite(meanMs) ? Math.max(0, meanMs) : 0;
  }

  stop(): void {
    this.#histogram.disable();
  }
}
