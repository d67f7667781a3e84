/** Work that goes on when its request has been answered: so that the time of the answer tells nothing. */
export class Afterwards {
  readonly #working = new Set<Promise<void>>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  do(work: () => Promise<void>): void {
    const working = work()
      .catch(this.#failed)
      .finally(() => void this.#working.delete(working));
    this.#working.add(working);
  }

  /** Waits until nothing goes on any more. */
  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }
}
