import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '../../base/index.ts';
import { isNewer, nextTimestamp } from './tai64n.ts';

describe('a TAI64N timestamp', () => {
  const TIMES: readonly (readonly [unixMs: number, timestamp: string])[] = [
    [0, '400000000000000a00000000'],
    [1000, '400000000000000b00000000'],
    [1500, '400000000000000b1d000000'],
    [1_700_000_000_000, '400000006553f10a00000000'],
  ];
  for (const [unixMs, expected] of TIMES)
    test(`of ${unixMs} ms`, () => assert.equal(toHex(nextTimestamp(unixMs, undefined)), expected));

  test('is always newer than the one before: at the same time, at an earlier one, across a second', () => {
    let previous = nextTimestamp(1_700_000_000_000, undefined);
    for (let i = 0; i < 200; i++) {
      const next = nextTimestamp(1_700_000_000_000 - i * 1000, previous);
      assert.ok(isNewer(next, previous), toHex(next));
      assert.ok(!isNewer(previous, next));
      previous = next;
    }
    assert.equal(toHex(previous).slice(0, 16), '400000006553f10d');
  });

  test('is cut to grains of 2^24 ns, so that one grain shows one value', () => {
    assert.equal(toHex(nextTimestamp(5_000, undefined)), toHex(nextTimestamp(5_016, undefined)));
    assert.notEqual(toHex(nextTimestamp(5_000, undefined)), toHex(nextTimestamp(5_017, undefined)));
  });

  test('is not newer than itself', () => {
    const timestamp = nextTimestamp(5, undefined);
    assert.equal(isNewer(timestamp, Uint8Array.from(timestamp)), false);
  });
});
