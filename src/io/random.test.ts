import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '../base/index.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';

describe("the machine's random", () => {
  for (const length of [0, 1, 32, 4095, 4096, 4097, 100_000])
    test(`gives ${length} bytes`, () => assert.equal(createRandom().bytes(length).length, length));

  test('never gives the same twice, nor bytes that a later draw changes', () => {
    const random = createRandom();
    const drawn = Array.from({ length: 1000 }, () => random.bytes(16));
    const texts = drawn.map(toHex);
    random.bytes(4096);
    assert.equal(new Set(texts).size, 1000);
    assert.deepEqual(drawn.map(toHex), texts);
  });

  test('spreads evenly over byte values', () => {
    const counts = new Uint32Array(256);
    for (const byte of createRandom().bytes(256 * 1000)) counts[byte] = (counts[byte] as number) + 1;
    // Each count is about 1000 with a standard deviation of 32: ten of them away happens to nobody.
    assert.ok(counts.every((count) => count > 680 && count < 1320));
  });
});

test("the machine's clock never goes back, and knows the year", () => {
  const clock = createClock();
  let last = clock.nowMs();
  for (let i = 0; i < 1000; i++) {
    const now = clock.nowMs();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(clock.unixMs() > 1_700_000_000_000);
});
