import type { Random } from '../base/index.ts';

/** Chance that repeats: xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32. Print `seed` on failure. */
export class SeededRandom implements Random {
  readonly seed: number;
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    this.seed = seed >>> 0;
    let mixed = this.seed;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) | 0;
      let value = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
      this.#state[i] = value ^ (value >>> 15);
    }
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const s = this.#state;
    const product = Math.imul(s[1] as number, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = (s[1] as number) << 9;
    s[2] = (s[2] as number) ^ (s[0] as number);
    s[3] = (s[3] as number) ^ (s[1] as number);
    s[1] = (s[1] as number) ^ (s[2] as number);
    s[0] = (s[0] as number) ^ (s[3] as number);
    s[2] = (s[2] as number) ^ shifted;
    s[3] = ((s[3] as number) << 11) | ((s[3] as number) >>> 21);
    return result;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [low, high], both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('nothing to pick from');
    return values[this.integer(0, values.length - 1)] as T;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.uint32() >>> 24;
    return bytes;
  }
}

/** The seed of a test run: `TEST_SEED` when it is set, so that a failure can be repeated, else the given one. */
export function testSeed(usual: number): number {
  const given = process.env['TEST_SEED'];
  return given === undefined ? usual : Number(given);
}
