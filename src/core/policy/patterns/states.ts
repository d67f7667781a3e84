import type { PatternTree } from './tree.ts';

/** Kinds of states of Thompson's automaton (Communications of the ACM 11, 1968), and the place where a group begins or ends. */
export const TAKE = 0;
export const SPLIT = 1;
export const FOUND = 2;
export const SAVE = 3;

/** The states that patterns become, whoever runs through them: sets of states, or threads that remember what groups took. */
export class States {
  readonly kinds: number[] = [];
  /** What a state takes; empty for the others. */
  readonly ranges: (readonly number[])[] = [];
  /** The way on; of a split, the one that is preferred. */
  readonly first: number[] = [];
  /** The other way out of a split; the number of the pattern that was found; the slot of a save. */
  readonly second: number[] = [];
  readonly #savesGroups: boolean;

  constructor({ savesGroups }: { readonly savesGroups: boolean }) {
    this.#savesGroups = savesGroups;
  }

  get size(): number {
    return this.kinds.length;
  }

  /** Where a match of a pattern ends. */
  found(pattern: number): number {
    return this.#state(FOUND, [], -1, pattern);
  }

  /** The first state of a tree that goes on at `after`; built from the end, so every way out is known. */
  build(tree: PatternTree, after: number): number {
    switch (tree.kind) {
      case 'one':
        return this.#state(TAKE, tree.ranges, after, -1);
      case 'all':
        return tree.parts.reduceRight((next, part) => this.build(part, next), after);
      case 'either':
        return tree.parts
          .map((part) => this.build(part, after))
          .reduceRight((other, start) => this.#state(SPLIT, [], start, other));
      case 'repeat':
        return this.#repeat(tree, after);
      case 'group': {
        if (!this.#savesGroups) return this.build(tree.part, after);
        const end = this.#state(SAVE, [], after, 2 * tree.index - 1);
        return this.#state(SAVE, [], this.build(tree.part, end), 2 * tree.index - 2);
      }
    }
  }

  #repeat({ part, least, most, lazy }: PatternTree & { kind: 'repeat' }, after: number): number {
    const split = (more: number, enough: number): number =>
      lazy ? this.#state(SPLIT, [], enough, more) : this.#state(SPLIT, [], more, enough);
    let start = after;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = split(-1, after);
      const body = this.build(part, loop);
      if (lazy) this.second[loop] = body;
      else this.first[loop] = body;
      start = loop;
    } else for (let i = least; i < most; i++) start = split(this.build(part, start), after);
    for (let i = 0; i < least; i++) start = this.build(part, start);
    return start;
  }

  #state(kind: number, ranges: readonly number[], first: number, second: number): number {
    this.kinds.push(kind);
    this.ranges.push(ranges);
    this.first.push(first);
    this.second.push(second);
    return this.kinds.length - 1;
  }
}

/** @param ranges first and last of each, one behind the other. */
export function isWithin(ranges: readonly number[], unit: number): boolean {
  for (let i = 0; i < ranges.length; i += 2)
    if (unit >= (ranges[i] as number) && unit <= (ranges[i + 1] as number)) return true;
  return false;
}
