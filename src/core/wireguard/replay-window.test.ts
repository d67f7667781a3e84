import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomUint32 } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { ReplayWindow, WINDOW_COUNTERS } from './replay-window.ts';

/** The same, said plainly: every counter ever seen is kept. */
class NaiveWindow {
  readonly #seen = new Set<number>();
  #newest = -1;

  isFresh(counter: number): boolean {
    return this.#newest - counter <= WINDOW_COUNTERS && !this.#seen.has(counter);
  }

  mark(counter: number): void {
    this.#seen.add(counter);
    this.#newest = Math.max(this.#newest, counter);
  }
}

describe('the replay window', () => {
  const STEPS: readonly (readonly [counter: number, isFresh: boolean])[] = [
    [0, true],
    [0, false],
    [1, true],
    [9, true],
    [8, true],
    [8, false],
    [WINDOW_COUNTERS, true],
    [0, false],
    [WINDOW_COUNTERS + 2, true],
    [1, false],
    [2, true],
    [2, false],
    [2 ** 31 + 5, true],
    [2 ** 31 + 4, true],
    [2 ** 32 + 5, true],
    [2 ** 32 - 1, true],
    [2 ** 32 - 1, false],
    [2 ** 53 - 2 ** 13, true],
    [2 ** 53 - 2 ** 13, false],
    [2 ** 32 + 6, false],
  ];

  test('tells fresh counters from seen and old ones, step by step', () => {
    const window = new ReplayWindow();
    for (const [counter, isFresh] of STEPS) {
      assert.equal(window.isFresh(counter), isFresh, `counter ${counter}`);
      if (isFresh) window.mark(counter);
    }
  });

  test('begins anywhere', () => {
    for (const first of [0, 1, 31, 32, 8191, 8192, 2 ** 40]) {
      const window = new ReplayWindow();
      assert.equal(window.isFresh(first), true);
      window.mark(first);
      assert.equal(window.isFresh(first), false);
      assert.equal(window.isFresh(first + 1), true);
    }
  });

  for (const [seed, start] of [
    [1, 0],
    [2, 2 ** 31 - 5000],
    [3, 2 ** 32 - 5000],
    [4, 2 ** 45],
  ] as const)
    test(`agrees with its naive twin on 30,000 random counters from ${start} (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const window = new ReplayWindow();
      const naive = new NaiveWindow();
      let centre = start;
      for (let i = 0; i < 30_000; i++) {
        const dice = randomUint32(random) % 100;
        if (dice < 70) centre += 1;
        else if (dice < 71) centre += randomUint32(random) % 20_000;
        const back = dice % 3 === 0 ? randomUint32(random) % 9_000 : 0;
        const counter = Math.max(0, centre - back);
        const expected = naive.isFresh(counter);
        assert.equal(window.isFresh(counter), expected, `seed ${seed}, step ${i}, counter ${counter}`);
        if (!expected) continue;
        window.mark(counter);
        naive.mark(counter);
      }
    });
});
