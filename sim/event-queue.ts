/**
 * What is to happen, by virtual time, to the millisecond; what is due in the same one happens in the order in which it was
 * asked for. A wheel of milliseconds, because most is due soon: packets on their way.
 */
const SOON_MS = 1_024;

type Run = () => void;

export class EventQueue {
  readonly #soon: Run[][] = Array.from({ length: SOON_MS }, () => []);
  /** Later than that, by the turn of the wheel in which it is due. */
  readonly #later = new Map<number, { readonly atMs: number; readonly run: Run }[]>();
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: Run): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** No sooner than in the next millisecond. */
  at(time: number, run: Run): void {
    const atMs = Math.max(this.#nowMs + 1, Math.ceil(time));
    if (atMs - this.#nowMs < SOON_MS) {
      this.#slot(atMs).push(run);
      return;
    }
    const turn = Math.floor(atMs / SOON_MS);
    const due = this.#later.get(turn);
    if (due) due.push({ atMs, run });
    else this.#later.set(turn, [{ atMs, run }]);
  }

  /** Again and again until `run` says false. */
  every(intervalMs: number, firstMs: number, run: () => boolean): void {
    this.at(firstMs, () => {
      if (run()) this.every(intervalMs, this.#nowMs + intervalMs, run);
    });
  }

  /** Goes on by one millisecond and does what is due in it. */
  step(): void {
    this.#nowMs++;
    if (this.#nowMs % SOON_MS === 0) this.#turn();
    const due = this.#slot(this.#nowMs);
    // Nothing is added to it meanwhile: whatever is asked for is due later.
    for (const run of due) run();
    due.length = 0;
  }

  #turn(): void {
    const turn = this.#nowMs / SOON_MS;
    const due = this.#later.get(turn) ?? [];
    this.#later.delete(turn);
    for (const { atMs, run } of due) this.#slot(atMs).push(run);
  }

  #slot(atMs: number): Run[] {
    return this.#soon[atMs % SOON_MS] as Run[];
  }
}
