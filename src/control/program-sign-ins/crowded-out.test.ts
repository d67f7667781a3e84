import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowdedOut } from './crowded-out.ts';

let made = 0;
const from = (...addresses: readonly string[]) =>
  addresses.map((client_address) => ({ id: `p${made++}`, client_address }));
const addressesOut = (waiting: ReturnType<typeof from>, count: number): string[] => {
  const out = new Set(crowdedOut(waiting, count));
  return waiting.filter(({ id }) => out.has(id)).map(({ client_address }) => client_address);
};

test('whoever has most makes room, and who is alone stays', () => {
  const flood = Array.from({ length: 200 }, (_, i) => `2001:db8:${i.toString(16)}::1`);
  const office = Array.from({ length: 10 }, (_, i) => `192.0.2.${i}`);
  const alone = ['198.51.100.7', '2a00:1450::1', '203.0.113.9'];
  const waiting = from(...alone, ...office, ...flood);
  const out = addressesOut(waiting, 150);
  assert.equal(out.length, 150);
  assert.ok(
    out.every((address) => address.startsWith('2001:db8:')),
    'a /48 each, of one /32',
  );
  const most = addressesOut(waiting, 200);
  assert.ok(
    most.some((address) => office.includes(address)),
    'then those who have most of what is left',
  );
  assert.ok(!most.some((address) => alone.includes(address)));
});

test('within a region the network that has most, its oldest first', () => {
  const waiting = from('10.1.1.1', '10.1.2.1', '10.1.2.2', '10.1.2.3');
  assert.deepEqual(addressesOut(waiting, 2), ['10.1.2.1', '10.1.2.2']);
});

test('no more than there are', () => {
  assert.deepEqual(crowdedOut([], 5), []);
  assert.equal(crowdedOut(from('192.0.2.1', 'unknown'), 5).length, 2);
});
