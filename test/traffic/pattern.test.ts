import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { patternBytes, wrongBytes } from './pattern.ts';

describe('the pattern', () => {
  test('is the same however it is cut', () => {
    const whole = patternBytes(7, 0, 1_000);
    for (const [from, length] of [
      [0, 1],
      [1, 3],
      [3, 5],
      [4, 4],
      [997, 3],
      [13, 900],
    ] as const)
      assert.deepEqual(patternBytes(7, from, length), whole.subarray(from, from + length), `${from}+${length}`);
  });

  test('differs by seed and by offset, so that bytes of another stream or place are seen', () => {
    const bytes = patternBytes(1, 0, 4_096);
    assert.equal(wrongBytes(1, 0, bytes), 0);
    assert.ok(wrongBytes(2, 0, bytes) > 4_000);
    assert.ok(wrongBytes(1, 4, bytes) > 4_000);
  });

  test('counts each wrong byte', () => {
    const bytes = patternBytes(3, 100, 50);
    for (const i of [0, 17, 49]) bytes[i] = (bytes[i] ?? 0) ^ 1;
    assert.equal(wrongBytes(3, 100, bytes), 3);
  });
});
