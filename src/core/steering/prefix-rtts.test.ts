import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PREFIXES_PER_REPORT } from './constants.ts';
import { PeerPrefixRtts, PrefixRtts } from './prefix-rtts.ts';

const prefixOf = (index: number) => `10.${index >> 8}.${index & 255}.0/24`;

describe('measured round trips', () => {
  test('the first one counts as it is', () => {
    const rtts = new PrefixRtts();
    rtts.observe('192.0.2.0/24', 40);
    assert.equal(rtts.of('192.0.2.0/24')?.rttMs, 40);
  });

  test('a short one is believed at once, long ones little by little', () => {
    const rtts = new PrefixRtts();
    for (const ms of [80, 20, 20]) rtts.observe('192.0.2.0/24', ms);
    assert.ok((rtts.of('192.0.2.0/24')?.rttMs as number) < 26);
    rtts.observe('192.0.2.0/24', 200);
    assert.ok((rtts.of('192.0.2.0/24')?.rttMs as number) < 40);
    for (let i = 0; i < 100; i++) rtts.observe('192.0.2.0/24', 60);
    assert.ok((rtts.of('192.0.2.0/24')?.rttMs as number) > 55, 'a new route is learnt');
  });

  for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 60_000])
    test(`${ms} ms is no measurement`, () => {
      const rtts = new PrefixRtts();
      rtts.observe('192.0.2.0/24', ms);
      assert.equal(rtts.size, 0);
    });

  test('the least recently used prefix is forgotten', () => {
    const rtts = new PrefixRtts(3);
    for (const index of [1, 2, 3, 1, 4]) rtts.observe(prefixOf(index), 10);
    assert.deepEqual(
      [1, 2, 3, 4].map((index) => rtts.of(prefixOf(index))?.rttMs),
      [10, undefined, 10, 10],
    );
  });

  test('reports are small, begin with the most recent, and tell everything in the end', () => {
    const rtts = new PrefixRtts();
    for (let index = 0; index < 100; index++) rtts.observe(prefixOf(index), 10 + index);
    const first = rtts.nextReport();
    assert.equal(first.length, PREFIXES_PER_REPORT);
    assert.deepEqual(first[0], { prefix: prefixOf(99), rttMs: 109, samples: 1 });
    const told = new Set(first.map(({ prefix }) => prefix));
    for (let i = 0; i < 3; i++) for (const { prefix } of rtts.nextReport()) told.add(prefix);
    assert.equal(told.size, 100);
    assert.equal(rtts.nextReport()[0]?.prefix, prefixOf(99), 'and begin again');
  });
});

describe('round trips that peers claim', () => {
  test('are kept by PoP', () => {
    const claims = new PeerPrefixRtts();
    claims.take('a', [{ prefix: '192.0.2.0/24', rttMs: 10, samples: 1 }]);
    claims.take('b', [{ prefix: '192.0.2.0/24', rttMs: 30, samples: 1 }]);
    assert.deepEqual([claims.of('a', '192.0.2.0/24')?.rttMs, claims.of('b', '192.0.2.0/24')?.rttMs], [10, 30]);
    claims.retain(new Set(['b']));
    assert.equal(claims.of('a', '192.0.2.0/24')?.rttMs, undefined);
  });

  test('are bounded, whatever is claimed', () => {
    const claims = new PeerPrefixRtts(100);
    for (let index = 0; index < 10_000; index++) claims.take('a', [{ prefix: prefixOf(index), rttMs: 10, samples: 1 }]);
    assert.equal(claims.size, 100);
  });

  test('are ignored where they are nonsense', () => {
    const claims = new PeerPrefixRtts();
    for (const prefix of ['', '192.0.2.0/8', 'x'.repeat(64), '::/0'])
      claims.take('a', [{ prefix, rttMs: 10, samples: 1 }]);
    claims.take('a', [{ prefix: '192.0.2.0/24', rttMs: -5, samples: 1 }]);
    assert.equal(claims.size, 0);
  });
});
