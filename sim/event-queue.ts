/** What is to happen, by virtual time; what is due at the same moment happens in the order in which it was asked for. */
export class EventQueue {
  readonly #atMs: number[] = [];
  readonly #order: number[] = [];
  readonly #runs: (() => void)[] = [];
  #count = 0;
  nowMs = 0;

  get nextMs(): number {
    return this.#atMs[0] ?? Number.POSITIVE_INFINITY;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  at(atMs: number, run: () => void): void {
    let index = this.#atMs.length;
    const order = this.#count++;
    this.#set(index, atMs, order, run);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(atMs, order, parent)) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#set(index, atMs, order, run);
  }

  /** Again and again until `run` says false. */
  every(intervalMs: number, firstMs: number, run: () => boolean): void {
    this.at(firstMs, () => {
      if (run()) this.every(intervalMs, this.nowMs + intervalMs, run);
    });
  }

  /** Does what is due first. */
  step(): void {
    const run = this.#runs[0] as () => void;
    this.nowMs = Math.max(this.nowMs, this.#atMs[0] as number);
    this.#removeFirst();
    run();
  }

  #removeFirst(): void {
    const atMs = this.#atMs.pop() as number;
    const order = this.#order.pop() as number;
    const run = this.#runs.pop() as () => void;
    const count = this.#atMs.length;
    if (count === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#isBefore(this.#atMs[child + 1] as number, this.#order[child + 1] as number, child)) {
        child++;
      }
      if (this.#isBefore(atMs, order, child)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#set(index, atMs, order, run);
  }

  #isBefore(atMs: number, order: number, index: number): boolean {
    const otherMs = this.#atMs[index] as number;
    return atMs < otherMs || (atMs === otherMs && order < (this.#order[index] as number));
  }

  #copy(from: number, to: number): void {
    this.#set(to, this.#atMs[from] as number, this.#order[from] as number, this.#runs[from] as () => void);
  }

  #set(index: number, atMs: number, order: number, run: () => void): void {
    this.#atMs[index] = atMs;
    this.#order[index] = order;
    this.#runs[index] = run;
  }
}
