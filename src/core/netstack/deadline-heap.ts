export interface DeadlineEntry {
  /** Position in the heap, -1 when it is not there. */
  heapIndex: number;
  /** When the entry wants to be looked at. */
  heapKeyMs: number;
}

/**
 * A binary heap of deadlines. Deadlines mostly move later (every acknowledgement re-arms a timer), so an entry keeps
 * its early key and whoever takes it from the top looks at the true deadline and puts it back: per packet nothing moves.
 */
export class DeadlineHeap<T extends DeadlineEntry> {
  readonly #entries: T[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The earliest key, Infinity when empty. It may be earlier than any true deadline, never later. */
  get earliestMs(): number {
    const top = this.#entries[0];
    return top ? top.heapKeyMs : Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the entry comes up at `atMs` or before. Infinity asks for nothing. */
  ensure(entry: T, atMs: number): void {
    if (entry.heapIndex < 0) {
      if (atMs === Number.POSITIVE_INFINITY) return;
      entry.heapIndex = this.#entries.length;
      entry.heapKeyMs = atMs;
      this.#entries.push(entry);
      this.#siftUp(entry);
    } else if (atMs < entry.heapKeyMs) {
      entry.heapKeyMs = atMs;
      this.#siftUp(entry);
    }
  }

  /** Takes out the entry with the earliest key if that is not after `nowMs`. */
  takeDue(nowMs: number): T | undefined {
    const top = this.#entries[0];
    if (!top || top.heapKeyMs > nowMs) return undefined;
    this.remove(top);
    return top;
  }

  remove(entry: T): void {
    const index = entry.heapIndex;
    if (index < 0) return;
    entry.heapIndex = -1;
    const last = this.#entries.pop() as T;
    if (last === entry) return;
    this.#entries[index] = last;
    last.heapIndex = index;
    this.#siftUp(last);
    this.#siftDown(last);
  }

  #siftUp(entry: T): void {
    let index = entry.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex] as T;
      if (parent.heapKeyMs <= entry.heapKeyMs) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #siftDown(entry: T): void {
    let index = entry.heapIndex;
    const count = this.#entries.length;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= count) break;
      let child = this.#entries[childIndex] as T;
      const right = this.#entries[childIndex + 1];
      if (right && right.heapKeyMs < child.heapKeyMs) {
        child = right;
        childIndex++;
      }
      if (child.heapKeyMs >= entry.heapKeyMs) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(entry, index);
  }

  #place(entry: T, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}
