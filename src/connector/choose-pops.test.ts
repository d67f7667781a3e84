import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrantedPop } from '../core/link/index.ts';
import { choosePops } from './choose-pops.ts';

/** `a@x` is the PoP `a` in the location `x`. */
function pop(text: string): GrantedPop {
  const [id = '', place = ''] = text.split('@');
  return {
    id,
    name: id,
    location: { name: place, latitude: 0, longitude: 0 },
    wireguardKey: '',
    overlayAddress: '',
    udpEndpoints: [],
    httpsEndpoints: [],
  };
}

const cases: { pops: string; count: number; chosen: string; because: string }[] = [
  { pops: '', count: 2, chosen: '', because: 'there is none' },
  { pops: 'a@x', count: 2, chosen: 'a', because: 'there is one' },
  { pops: 'a@x b@y c@z', count: 2, chosen: 'a b', because: "the grant's order counts" },
  { pops: 'a@x b@x c@y', count: 2, chosen: 'a c', because: 'a second location is worth more than the order' },
  { pops: 'a@x b@x c@x', count: 2, chosen: 'a b', because: 'one location is all there is' },
  { pops: 'a@x b@x c@y', count: 3, chosen: 'a c b', because: 'what is left fills up' },
  { pops: 'a@x b@y', count: 0, chosen: '', because: 'none is wanted' },
];
for (const { pops, count, chosen, because } of cases) {
  test(`${count} of "${pops}" are "${chosen}": ${because}`, () => {
    const ids = choosePops(pops.split(' ').filter(Boolean).map(pop), count).map(({ id }) => id);
    assert.equal(ids.join(' '), chosen);
  });
}
