import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { RATED_SOURCES_MAX } from './connection-constants.ts';
import { type ConnectionRates, RecentConnections } from './connection-rates.ts';

const RATES: ConnectionRates = {
  perAddress: { requests: 10, perMs: 1_000, burst: 20 },
  perNetwork: { requests: 40, perMs: 1_000, burst: 50 },
  exempts: ({ text }) => text === '192.0.2.9',
};

function counted() {
  const clock = new VirtualClock();
  const recent = new RecentConnections(RATES, clock);
  const come = (address: string, times: number): number =>
    Array.from({ length: times }, () => recent.count(address)).filter((reason) => reason === undefined).length;
  return { clock, recent, come };
}

test('a client comes so many times at once, and then so many times a second', () => {
  const { clock, recent, come } = counted();
  assert.equal(come('192.0.2.1', 100), 20);
  assert.equal(recent.count('192.0.2.1'), 'connection-rate-per-address');
  clock.advance(1_000);
  assert.equal(come('192.0.2.1', 100), 10);
});

test('all clients of one network together come no more often than that', () => {
  const { clock, recent, come } = counted();
  const all = (): number => Array.from({ length: 200 }, (_, i) => come(`192.0.2.${i + 10}`, 1)).reduce((a, b) => a + b);
  assert.equal(all(), 50);
  assert.equal(recent.count('192.0.2.255'), 'connection-rate-per-network');
  assert.equal(come('192.0.3.1', 1), 1, 'another network');
  clock.advance(1_000);
  assert.equal(all(), 40);
});

const ONE: readonly (readonly [string, string, string])[] = [
  ['an IPv6 subscriber is one client, whatever the address', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
  ['an IPv4 client is the same by a socket of IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
];
for (const [name, one, other] of ONE)
  test(name, () => {
    const { come } = counted();
    assert.equal(come(one, 15) + come(other, 15), 20);
  });

test('who is exempt comes as often as it likes, and takes nothing from its network', () => {
  const { come } = counted();
  assert.equal(come('192.0.2.9', 1_000), 1_000);
  assert.equal(come('192.0.2.1', 20), 20);
});

test('however many come, those that are remembered are bounded', () => {
  const { come } = counted();
  const address = (i: number): string => `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1`;
  for (let i = 0; i < RATED_SOURCES_MAX + 1_000; i++) assert.equal(come(address(i), 1), 1);
});
