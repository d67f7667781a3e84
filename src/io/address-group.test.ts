import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroup, addressNetwork, addressRegion } from './address-group.ts';

test('addresses of one client, network and region are one, in every spelling, and no others', () => {
  const alike = (one: string, other: string) =>
    [addressGroup, addressNetwork, addressRegion].map((of) => of(one) === of(other));
  for (const [one, other, expected] of [
    ['192.0.2.1', '192.0.2.1', [true, true, true]],
    ['192.0.2.1', '192.0.2.2', [false, true, true]],
    ['192.0.2.1', '192.0.3.1', [false, false, true]],
    ['192.0.2.1', '192.1.2.1', [false, false, false]],
    ['2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff', [true, true, true]],
    ['2001:db8::1', '2001:db8:0:1::1', [false, true, true]],
    ['2001:db8::1', '2001:db8:1::1', [false, false, true]],
    ['192.0.2.1', '::ffff:192.0.2.1', [true, true, true]],
    ['192.0.2.1', '64:ff9b::192.0.2.1', [true, true, true]],
    ['::ffff:192.0.2.1', '::ffff:198.51.100.1', [false, false, false]],
    ['64:ff9b::192.0.2.1', '64:ff9b::198.51.100.1', [false, false, false]],
    ['', 'unknown', [false, false, false]],
  ] as const)
    assert.deepEqual(alike(one, other), expected, `${one} and ${other}`);
});
