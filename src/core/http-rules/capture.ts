import { FOUND, isWithin, type PatternTree, SAVE, SPLIT, States, TAKE } from '../policy/index.ts';

/**
 * Matches a whole text and says what its groups took, in one pass: Thompson's automaton with a list of threads in the
 * order of preference, each with the bounds of its groups (Pike's virtual machine; Cox, "Regular Expression Matching: the
 * Virtual Machine Approach", 2009). Nothing is ever tried twice, so no expression makes it slow.
 */
export class CapturingPattern {
  readonly #states = new States({ savesGroups: true });
  readonly #kinds = this.#states.kinds;
  readonly #ranges = this.#states.ranges;
  readonly #first = this.#states.first;
  readonly #second = this.#states.second;
  readonly #start: number;
  readonly #groups: number;

  constructor(tree: PatternTree) {
    this.#groups = capturesOf(tree);
    this.#start = this.#states.build(tree, this.#states.found(0));
  }

  /**
   * What the groups took, the first one first; undefined where the text does not match, null where it takes too many steps.
   * `original`: where what they took is read, when the text is another spelling of the same length.
   */
  read(text: string, maximumSteps: number, original = text): readonly string[] | undefined | null {
    let threads = new ThreadList(this.#states.size);
    let following = new ThreadList(this.#states.size);
    let steps = 0;
    this.#enter(threads, this.#start, new Array<number>(2 * this.#groups).fill(-1), 0);
    for (let at = 0; at < text.length; at++) {
      if (threads.size === 0) return undefined;
      steps += threads.size;
      if (steps > maximumSteps) return null;
      const unit = text.charCodeAt(at);
      following.clear();
      for (let i = 0; i < threads.size; i++) {
        const state = threads.state(i);
        if (this.#kinds[state] === TAKE && isWithin(this.#ranges[state] as readonly number[], unit))
          this.#enter(following, this.#first[state] as number, threads.slots(i), at + 1);
      }
      [threads, following] = [following, threads];
    }
    for (let i = 0; i < threads.size; i++)
      if (this.#kinds[threads.state(i)] === FOUND) return this.#texts(original, threads.slots(i));
    return undefined;
  }

  #texts(text: string, slots: readonly number[]): string[] {
    return Array.from({ length: this.#groups }, (_, i) => {
      const [from, to] = [slots[2 * i] as number, slots[2 * i + 1] as number];
      return from < 0 || to < from ? '' : text.slice(from, to);
    });
  }

  /** Follows what takes no character, the preferred way first. */
  #enter(list: ThreadList, first: number, firstSlots: readonly number[], at: number): void {
    const stack: [number, readonly number[]][] = [[first, firstSlots]];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const [state, slots] = next;
      if (!list.visit(state)) continue;
      const kind = this.#kinds[state];
      if (kind === SPLIT) stack.push([this.#second[state] as number, slots], [this.#first[state] as number, slots]);
      else if (kind === SAVE) stack.push([this.#first[state] as number, slots.with(this.#second[state] as number, at)]);
      else list.add(state, slots);
    }
  }
}

/** How many groups a tree has. */
export function capturesOf(tree: PatternTree): number {
  switch (tree.kind) {
    case 'one':
      return 0;
    case 'all':
    case 'either':
      return tree.parts.reduce((most, part) => Math.max(most, capturesOf(part)), 0);
    case 'repeat':
      return capturesOf(tree.part);
    case 'group':
      return Math.max(tree.index, capturesOf(tree.part));
  }
}

/** Threads in the order of preference; a state is entered once, by the thread that is preferred. */
class ThreadList {
  readonly #states: number[] = [];
  readonly #slots: (readonly number[])[] = [];
  readonly #visited: Int32Array;
  #generation = 1;

  constructor(states: number) {
    this.#visited = new Int32Array(states);
  }

  get size(): number {
    return this.#states.length;
  }

  state(index: number): number {
    return this.#states[index] as number;
  }

  slots(index: number): readonly number[] {
    return this.#slots[index] as readonly number[];
  }

  visit(state: number): boolean {
    if (this.#visited[state] === this.#generation) return false;
    this.#visited[state] = this.#generation;
    return true;
  }

  add(state: number, slots: readonly number[]): void {
    this.#states.push(state);
    this.#slots.push(slots);
  }

  clear(): void {
    this.#states.length = 0;
    this.#slots.length = 0;
    this.#generation++;
  }
}
