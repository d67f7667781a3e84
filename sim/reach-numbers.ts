/**
 * What a PoP whose ways nobody looks at keeps of what others attach: how many. Tables of all PoPs of a large world are millions
 * of entries, each a copy of what others hold as well, and took most of its memory and a third of its time.
 */
import type { ReachChange, ReachRefusal, Relay } from '../src/core/reach/index.ts';

interface Neighbour {
  sequence: number | undefined;
  count: number;
}

export class ReachNumbers {
  readonly #neighbours = new Map<string, Neighbour>();

  follow(): void {}

  opened(id: string): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour) neighbour.sequence = undefined;
    else this.#neighbours.set(id, { sequence: undefined, count: 0 });
  }

  /** `total`: how many the neighbour has attached after it. */
  take(id: string, { whole, sequence, total }: ReachChange & { readonly total: number }): ReachRefusal | undefined {
    const neighbour = this.#neighbours.get(id);
    if (!neighbour || (neighbour.sequence === undefined && !whole)) return 'first-not-whole';
    if (neighbour.sequence !== undefined && sequence !== neighbour.sequence + 1) {
      this.forget(id);
      return 'out-of-sequence';
    }
    neighbour.sequence = sequence;
    neighbour.count = total;
    return undefined;
  }

  forget(id: string): void {
    this.#neighbours.delete(id);
  }

  countOf(id: string): number {
    return this.#neighbours.get(id)?.count ?? 0;
  }

  relaysTo(): Relay[] {
    return [];
  }

  takeChanged(): void {}
}
