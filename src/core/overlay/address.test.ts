import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parseIpAddress } from '../../base/index.ts';
import { isOverlayAddress, overlayAddress } from './address.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

test('the address is the prefix and 80 bits of the hash of the key', () => {
  const key = new Uint8Array(32).fill(7);
  const digest = createHash('sha256').update('manis overlay v1').update(key).digest('hex').slice(0, 20);
  const expected = `fd6d616e6973${digest}`;
  const address = overlayAddress(key, sha256);
  assert.equal(Buffer.from(address.bytes).toString('hex'), expected);
  assert.equal(address.text, parseIpAddress(expected.replace(/(.{4})(?=.)/g, '$1:'))?.text);
  assert.ok(isOverlayAddress(address));
});

test('another key has another address', () => {
  const a = overlayAddress(new Uint8Array(32).fill(1), sha256);
  const b = overlayAddress(new Uint8Array(32).fill(2), sha256);
  assert.notEqual(a.text, b.text);
});

test('a key of another length is a programming error', () => {
  for (const length of [0, 31, 33]) assert.throws(() => overlayAddress(new Uint8Array(length), sha256), RangeError);
});

test('what is in the overlay', () => {
  const cases: [text: string, inside: boolean][] = [
    ['fd6d:616e:6973::', true],
    ['fd6d:616e:6973:ffff:ffff:ffff:ffff:ffff', true],
    ['fd6d:616e:6974::', false],
    ['::1', false],
    ['127.0.0.1', false],
  ];
  for (const [text, inside] of cases) {
    const address = parseIpAddress(text);
    assert.equal(address && isOverlayAddress(address), inside, text);
  }
});
