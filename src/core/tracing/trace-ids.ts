import type { Random } from '../../base/index.ts';

/** Ids need to be unique, not secret, and are made for every request: xoshiro128++ (Blackman and Vigna), seeded once. */
export class TraceIds {
  readonly #state: Uint32Array;

  constructor(random: Random) {
    const bytes = random.bytes(16);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    // A state of zeros would stay that.
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at) || 1);
  }

  traceId(): string {
    return digits(this.#next()) + digits(this.#next()) + digits(this.#next()) + digits(this.#next() || 1);
  }

  spanId(): string {
    return digits(this.#next()) + digits(this.#next() || 1);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  #next(): number {
    const state = this.#state;
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    const result = (rotated((a + d) | 0, 7) + a) >>> 0;
    const third = c ^ a;
    const fourth = d ^ b;
    state[1] = b ^ third;
    state[0] = a ^ fourth;
    state[2] = third ^ (b << 9);
    state[3] = rotated(fourth, 11);
    return result;
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function digits(value: number): string {
  return value.toString(16).padStart(8, '0');
}
