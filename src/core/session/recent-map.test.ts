import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentMap } from './recent-map.ts';

test('what is in use stays, what is not goes', () => {
  const map = new RecentMap<number>(4);
  map.set('used', 0);
  for (let i = 1; i <= 100; i++) {
    map.set(`new${i}`, i);
    assert.equal(map.get('used'), 0);
  }
  assert.equal(map.get('new1'), undefined);
  map.delete('used');
  assert.equal(map.get('used'), undefined);
  map.clear();
  assert.equal(map.size, 0);
});

test('it never holds more than its capacity, nor anything but the last value set', () => {
  const step = fc.record({ kind: fc.constantFrom('set', 'get', 'delete'), key: fc.constantFrom(...'abcdefgh') });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const map = new RecentMap<number>(capacity);
      const twin = new Map<string, number>();
      steps.forEach(({ kind, key }, at) => {
        if (kind === 'delete') {
          map.delete(key);
          twin.delete(key);
        } else if (kind === 'set') {
          map.set(key, at);
          twin.set(key, at);
          assert.equal(map.get(key), at);
        } else {
          const value = map.get(key);
          if (value !== undefined) assert.equal(value, twin.get(key));
        }
        assert.ok(map.size <= capacity, `${map.size} of ${capacity}`);
      });
    }),
  );
});
