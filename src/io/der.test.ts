import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../base/index.ts';
import { DER_TAG, der, derBits, derOid, derSequence, derTime, derValues } from './der.ts';

const cases: readonly [name: string, value: Uint8Array, hex: string][] = [
  ['an empty sequence', derSequence(), '3000'],
  // X.690 section 8.19.5 and RFC 5280's own.
  ['an object identifier with a part above 127', derOid('2.999.3'), '0603883703'],
  ['ecdsa-with-SHA256', derOid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
  ['bits', derBits(new Uint8Array([0xff, 1])), '030300ff01'],
  ['a time of this century', derTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), '170d3236303130323033303430355a'],
  ['a time that two digits cannot say', derTime(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
];

for (const [name, value, hex] of cases)
  test(`DER: ${name}`, () => {
    assert.equal(toHex(value), hex);
  });

test('DER: lengths are of as many bytes as they need, and are read again', () => {
  for (const [size, head] of [
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ] as const) {
    const value = der(DER_TAG.octetString, new Uint8Array(size).fill(7));
    assert.equal(toHex(value.subarray(0, head.length / 2)), head);
    const [first, second, ...rest] = derValues(der(DER_TAG.sequence, value, value)).flatMap(({ content }) =>
      derValues(content),
    );
    assert.equal(first?.content.length, size);
    assert.deepEqual(second?.whole, value);
    assert.equal(rest.length, 0);
  }
});
