import { FOUND, isWithin, SPLIT, States, TAKE } from './states.ts';
import type { PatternTree } from './tree.ts';

/**
 * Many patterns as one nondeterministic automaton: a text is read once for all of them, each character moving a set of
 * states. The cost is counted in steps, so that it can be bounded: at most the number of states per character.
 */
export class Automaton {
  readonly #states = new States({ savesGroups: false });
  readonly #kinds = this.#states.kinds;
  readonly #ranges = this.#states.ranges;
  readonly #next = this.#states.first;
  readonly #other = this.#states.second;
  readonly #starts: number[] = [];
  #current = new StateSet(0);
  #following = new StateSet(0);
  readonly #stack: number[] = [];
  /** Steps of the last `read`. */
  steps = 0;

  get size(): number {
    return this.#states.size;
  }

  /** Takes a pattern; gives its number. */
  add(tree: PatternTree): number {
    const pattern = this.#starts.length;
    this.#starts.push(this.#states.build(tree, this.#states.found(pattern)));
    return pattern;
  }

  /** Puts the numbers of the patterns that match the whole text into `found`; false where it would take too many steps. */
  read(text: string, maximumSteps: number, found: Set<number>): boolean {
    if (this.#current.capacity < this.size) {
      this.#current = new StateSet(this.size);
      this.#following = new StateSet(this.size);
    }
    this.steps = 0;
    this.#current.clear();
    for (const start of this.#starts) this.#enter(this.#current, start);
    for (let i = 0; i < text.length; i++) {
      if (this.#current.size === 0) return true;
      if (this.steps > maximumSteps) return false;
      this.#move(text.charCodeAt(i));
    }
    for (let i = 0; i < this.#current.size; i++) {
      const state = this.#current.at(i);
      if (this.#kinds[state] === FOUND) found.add(this.#other[state] as number);
    }
    return true;
  }

  #move(unit: number): void {
    const { size } = this.#current;
    this.#following.clear();
    for (let i = 0; i < size; i++) {
      const state = this.#current.at(i);
      if (this.#kinds[state] !== TAKE) continue;
      if (isWithin(this.#ranges[state] as readonly number[], unit))
        this.#enter(this.#following, this.#next[state] as number);
    }
    this.steps += size;
    [this.#current, this.#following] = [this.#following, this.#current];
  }

  /** Adds a state and all that can be reached from it without a character. */
  #enter(set: StateSet, first: number): void {
    const stack = this.#stack;
    stack.push(first);
    while (stack.length > 0) {
      const state = stack.pop() as number;
      if (!set.add(state)) continue;
      if (this.#kinds[state] === SPLIT) stack.push(this.#next[state] as number, this.#other[state] as number);
    }
  }
}

/** How many states a tree becomes; what bounds the patterns that are accepted. */
export function statesOf(tree: PatternTree): number {
  switch (tree.kind) {
    case 'one':
      return 1;
    case 'all':
      return tree.parts.reduce((sum, part) => sum + statesOf(part), 0);
    case 'either':
      return tree.parts.reduce((sum, part) => sum + 1 + statesOf(part), 0);
    case 'repeat': {
      const inner = statesOf(tree.part);
      const optional = tree.most === Number.POSITIVE_INFINITY ? 1 : tree.most - tree.least;
      return (inner + 1) * (tree.least + optional);
    }
    case 'group':
      return statesOf(tree.part);
  }
}

/** A set of small numbers that is emptied at no cost (Briggs and Torczon, 1993). */
class StateSet {
  readonly #dense: Int32Array;
  readonly #sparse: Int32Array;
  size = 0;

  constructor(capacity: number) {
    this.#dense = new Int32Array(capacity);
    this.#sparse = new Int32Array(capacity);
  }

  get capacity(): number {
    return this.#dense.length;
  }

  at(index: number): number {
    return this.#dense[index] as number;
  }

  add(state: number): boolean {
    const place = this.#sparse[state] as number;
    if (place < this.size && this.#dense[place] === state) return false;
    this.#dense[this.size] = state;
    this.#sparse[state] = this.size++;
    return true;
  }

  clear(): void {
    this.size = 0;
  }
}
