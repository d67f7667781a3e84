import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IMPORTANCES, Shedding } from './shedding.ts';

/** Delay and share of the processor of each second, and the level after it. */
type Seconds = readonly (readonly [delayMs: number, cpuShare: number, level: number])[];

const CASES: readonly (readonly [string, Seconds])[] = [
  [
    'nothing is shed while it is calm',
    [
      [1, 0.1, 0],
      [5, 0.9, 0],
      [39, 1, 0],
    ],
  ],
  [
    'one long second sheds nothing',
    [
      [900, 1, 0],
      [5, 0.9, 0],
      [900, 1, 0],
      [5, 0.9, 0],
    ],
  ],
  [
    'two in a row shed strangers, four public requests, six machines, and never sessions',
    [
      [200, 1, 0],
      [200, 1, 1],
      [200, 1, 1],
      [200, 1, 2],
      [200, 1, 2],
      [200, 1, 3],
      [200, 1, 3],
      [200, 1, 3],
      [200, 1, 3],
    ],
  ],
  [
    'three calm seconds let a level go',
    [
      [200, 1, 0],
      [200, 1, 1],
      [10, 0.9, 1],
      [10, 0.9, 1],
      [10, 0.9, 0],
      [10, 0.9, 0],
    ],
  ],
  [
    'between calm and overload it stays',
    [
      [200, 1, 0],
      [200, 1, 1],
      [80, 0.9, 1],
      [80, 0.9, 1],
      [80, 0.9, 1],
      [80, 0.9, 1],
    ],
  ],
  [
    'who waits for a processor that others use sheds nothing',
    [
      [500, 0.2, 0],
      [500, 0.3, 0],
      [500, 0.59, 0],
    ],
  ],
];

describe('shedding', () => {
  for (const [name, seconds] of CASES)
    test(name, () => {
      const shedding = new Shedding();
      for (const [index, [delayMs, share, level]] of seconds.entries())
        assert.equal(shedding.observe(delayMs, share), level, `second ${index + 1}`);
    });

  test('goes from what matters least to what matters most', () => {
    const shedding = new Shedding();
    const shed = () => IMPORTANCES.filter((importance) => shedding.sheds(importance));
    assert.deepEqual(shed(), []);
    for (let i = 0; i < 2; i++) shedding.observe(500, 1);
    assert.deepEqual(shed(), ['stranger']);
    for (let i = 0; i < 20; i++) shedding.observe(500, 1);
    assert.deepEqual(shed(), ['stranger', 'public', 'machine']);
  });
});
