/** Which blocks of `src` have run, by V8's own counting. */
import { Session } from 'node:inspector/promises';

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    coverage.#session.connect();
    await coverage.#session.post('Profiler.enable');
    await coverage.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await coverage.grown();
    return coverage;
  }

  get blocks(): number {
    return this.#seen.size;
  }

  /** How many blocks have run for the first time since it was asked last. */
  async grown(): Promise<number> {
    const before = this.#seen.size;
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    for (const { scriptId, url, functions } of result) {
      if (!url.includes('/src/') || url.includes('/src/testing/')) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0) this.#seen.add(`${scriptId}:${startOffset}:${endOffset}`);
    }
    return this.#seen.size - before;
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }
}
