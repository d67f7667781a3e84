import { type Random, randomFraction } from '../base/index.ts';

/**
 * Which control node a PoP tries next: each that is known once, in an order of chance, so that the PoPs of a node that
 * is gone spread over those that are left. Places that the snapshot names come before those of the enrolment, which
 * may be years old.
 */
export class LinkRound {
  readonly #enrolled: readonly string[];
  readonly #published: () => readonly string[];
  readonly #random: Random;
  readonly #tried = new Set<string>();

  constructor(enrolled: readonly string[], published: () => readonly string[], random: Random) {
    this.#enrolled = enrolled;
    this.#published = published;
    this.#random = random;
  }

  /** Whether there is a node that has not been tried in this round. */
  get hasMore(): boolean {
    return this.#left().length > 0;
  }

  /** The next one; when all have been tried, a new round begins. */
  next(): string {
    if (!this.hasMore) this.#tried.clear();
    const left = this.#left();
    const url = left[Math.floor(randomFraction(this.#random) * left.length)] as string;
    this.#tried.add(url);
    return url;
  }

  /** A new round in which this one, which has just been left, comes last. */
  beginWithout(url: string): void {
    this.#tried.clear();
    this.#tried.add(url);
  }

  #left(): string[] {
    const isLeft = (url: string): boolean => !this.#tried.has(url);
    const published = this.#published().filter(isLeft);
    return published.length > 0 ? published : this.#enrolled.filter(isLeft);
  }
}
