import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipAddress, type Prefix, parseIpAddress } from '../../base/index.ts';
import { AddressIndex } from './address-index.ts';

/** Blocks and addresses of few bits, so that they meet often. */
const octets = fc.array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 });
const block = fc.tuple(octets, fc.nat(32)).map(([bytes, length]): Prefix => {
  const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff);
  return { address: ipAddress(Uint8Array.from(masked)), length };
});

function covers(one: Prefix, bytes: readonly number[]): boolean {
  const bits = (list: Iterable<number>) => [...list].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits(bytes).startsWith(bits(one.address.bytes).slice(0, one.length));
}

test('every list covers what its own blocks cover, whatever other lists hold', () => {
  fc.assert(
    fc.property(fc.array(fc.array(block, { maxLength: 6 }), { maxLength: 5 }), fc.array(octets), (lists, asked) => {
      const index = new AddressIndex();
      const numbers = lists.map((list) => index.add(list));
      for (const bytes of asked) {
        const address = ipAddress(Uint8Array.from(bytes));
        lists.forEach((list, i) => {
          const expected = list.some((one) => covers(one, bytes));
          assert.equal(index.covers(numbers[i] as number, address), expected, `${address.text} in list ${i}`);
        });
      }
    }),
    { numRuns: 500 },
  );
});

test('a list that is added later is found too', () => {
  const index = new AddressIndex();
  const address = parseIpAddress('10.0.0.1') ?? assert.fail();
  const everything: Prefix = { address: ipAddress(new Uint8Array(4)), length: 0 };
  const empty = index.add([]);
  assert.equal(index.covers(empty, address), false);
  const all = index.add([everything]);
  assert.equal(index.covers(all, address), true);
  assert.equal(index.covers(empty, address), false);
});
