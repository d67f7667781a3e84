/** Receiver indices of this device: what each one names, and new ones that nobody can guess. */
import { type Random, randomUint32 } from '../../base/index.ts';

export class IndexTable<Owner extends { readonly localIndex: number }> {
  readonly #owners = new Map<number, Owner>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#owners.size;
  }

  get(index: number): Owner | undefined {
    return this.#owners.get(index);
  }

  /** An index that names nothing yet. */
  free(): number {
    for (;;) {
      const index = randomUint32(this.#random) | 0;
      if (!this.#owners.has(index)) return index;
    }
  }

  /** Names `owner` by its `localIndex`; a session takes over the index of the handshake that made it. */
  set(owner: Owner): void {
    this.#owners.set(owner.localIndex, owner);
  }

  /** Forgets an owner, unless its index names another by now. */
  delete(owner: Owner | undefined): void {
    if (owner && this.#owners.get(owner.localIndex) === owner) this.#owners.delete(owner.localIndex);
  }
}
