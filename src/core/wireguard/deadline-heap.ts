/**
 * A binary heap of peers by time, each knowing its place. A peer is filed under a time that is never later than its
 * earliest timer but may be earlier: a timer that moves back, which happens with every packet, costs nothing here, and
 * the difference is settled when the peer comes to the top.
 */
export interface Filed {
  heapIndex: number;
  heapMs: number;
}

export class DeadlineHeap<Item extends Filed> {
  readonly #items: Item[] = [];

  get top(): Item | undefined {
    return this.#items[0];
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
