/** So many at once, and so many more with every look. */
export interface AllowanceSize {
  readonly burst: number;
  readonly perLook: number;
}

/** What a connection may still ask for of one kind: a bucket of tokens that is filled up at every look. */
export class FrameAllowance {
  readonly #size: AllowanceSize;
  #left: number;

  constructor(size: AllowanceSize) {
    this.#size = size;
    this.#left = size.burst;
  }

  /** False: there is no more. */
  spend(count = 1): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }

  look(): void {
    this.earn(this.#size.perLook);
  }

  /** What it did for it lets it ask for more. */
  earn(count: number): void {
    this.#left = Math.min(this.#size.burst, this.#left + count);
  }
}
