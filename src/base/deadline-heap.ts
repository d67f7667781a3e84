/** What a heap must know of its items. Fresh items have index -1 and time Infinity. */
export interface Filed {
  /** Place in the heap, -1 when it is not there. */
  heapIndex: number;
  heapMs: number;
}

/**
 * A binary heap of items by time, each knowing its place. An item is filed under a time that is never later than its
 * true deadline but may be earlier: deadlines mostly move later (with every packet), and that costs nothing here. Whoever
 * takes an item from the top looks at its true deadline and files it again.
 */
export class DeadlineHeap<Item extends Filed> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  get top(): Item | undefined {
    return this.#items[0];
  }

  /** The earliest time filed, Infinity when there is none. It may be before any true deadline, never after. */
  get earliestMs(): number {
    return this.#items[0]?.heapMs ?? Number.POSITIVE_INFINITY;
  }

  /** Files an item under a time, whether or not it is in the heap already. */
  file(item: Item, atMs: number): void {
    item.heapMs = atMs;
    if (item.heapIndex < 0) {
      item.heapIndex = this.#items.length;
      this.#items.push(item);
    }
    this.#rise(item);
    this.#sink(item);
  }

  /** Makes sure that the item comes up at `atMs` or before. Infinity asks for nothing. */
  ensure(item: Item, atMs: number): void {
    const filedMs = item.heapIndex < 0 ? Number.POSITIVE_INFINITY : item.heapMs;
    if (atMs < filedMs) this.file(item, atMs);
  }

  /** Takes out the item filed earliest if that is not after `nowMs`. */
  takeDue(nowMs: number): Item | undefined {
    const item = this.#items[0];
    if (!item || item.heapMs > nowMs) return undefined;
    this.remove(item);
    return item;
  }

  remove(item: Item): void {
    if (item.heapIndex < 0) return;
    const last = this.#items.pop() as Item;
    if (last !== item) {
      this.#place(last, item.heapIndex);
      this.#rise(last);
      this.#sink(last);
    }
    item.heapIndex = -1;
    item.heapMs = Number.POSITIVE_INFINITY;
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }

  #rise(item: Item): void {
    while (item.heapIndex > 0) {
      const above = (item.heapIndex - 1) >> 1;
      const parent = this.#items[above] as Item;
      if (parent.heapMs <= item.heapMs) return;
      this.#place(parent, item.heapIndex);
      this.#place(item, above);
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const left = 2 * item.heapIndex + 1;
      let child = this.#items[left];
      if (!child) return;
      const right = this.#items[left + 1];
      if (right && right.heapMs < child.heapMs) child = right;
      if (item.heapMs <= child.heapMs) return;
      const below = child.heapIndex;
      this.#place(child, item.heapIndex);
      this.#place(item, below);
    }
  }
}
