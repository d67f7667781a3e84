import { RESERVED_PLACES_DIVISOR } from './constants.ts';

/**
 * Places of which there is a fixed number (sessions, connections, requests that wait), and owners who take them. As long as
 * enough are free anybody may have one. The last part is kept for those who hold less than an equal share, one share more
 * than there are owners: so nobody alone can take all, and whoever comes late finds something.
 */
export class Places {
  readonly #total: number;
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Whether the owner may have one more.
   * @param givenUp how many others give up theirs for it.
   */
  isFor(owner: string, givenUp = 0): boolean {
    const free = this.#total - this.#taken + givenUp;
    if (free <= 0) return false;
    if (free > Math.floor(this.#total / RESERVED_PLACES_DIVISOR)) return true;
    const held = this.#held.get(owner) ?? 0;
    const owners = this.#held.size + (held === 0 ? 1 : 0);
    return held < Math.floor(this.#total / (owners + 1));
  }

  /** Takes one, for which `isFor` was asked. */
  take(owner: string): void {
    this.#held.set(owner, (this.#held.get(owner) ?? 0) + 1);
    this.#taken++;
  }

  /** Gives one back that was taken. */
  give(owner: string): void {
    const held = this.#held.get(owner);
    if (held === undefined) return;
    if (held > 1) this.#held.set(owner, held - 1);
    else this.#held.delete(owner);
    this.#taken--;
  }
}
