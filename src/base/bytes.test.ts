import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat, equalBytes, fromBase64, fromBase64Url, fromHex, toBase64, toBase64Url, toHex } from './bytes.ts';
import { fromUtf8, utf8 } from './text.ts';

test('hex, base64 and base64url agree with Node on every byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const node = Buffer.from(bytes);
      assert.equal(toHex(bytes), node.toString('hex'));
      assert.equal(toBase64(bytes), node.toString('base64'));
      assert.equal(toBase64Url(bytes), node.toString('base64url'));
      for (const back of [fromHex(toHex(bytes)), fromBase64(toBase64(bytes)), fromBase64Url(toBase64Url(bytes))]) {
        assert.deepEqual(back && Buffer.from(back), node);
      }
    }),
  );
});

const notBase64: [string, string][] = [
  ['a length that no bytes have', 'AAAAA'],
  ['missing padding', 'AA'],
  ['padding in the middle', 'A=AA'],
  ['too much padding', 'A==='],
  ['the other alphabet', 'AA-_'],
  ['left-over bits that are not zero', 'AB=='],
  ['white space', 'AA A'],
];
for (const [what, text] of notBase64) {
  test(`base64 with ${what} is refused`, () => assert.equal(fromBase64(text), undefined));
}

test('base64url with padding, the other alphabet or left-over bits is refused', () => {
  for (const text of ['AA==', 'AA+/', 'AB', 'A']) assert.equal(fromBase64Url(text), undefined, text);
});

test('hex of odd length or with other characters is refused', () => {
  for (const text of ['0', '0g', ' 00', '0x00']) assert.equal(fromHex(text), undefined, text);
});

test('concat joins in order and equalBytes compares', () => {
  const joined = concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
  assert.deepEqual(joined, Uint8Array.of(1, 2, 3));
  assert.ok(equalBytes(joined, Uint8Array.of(1, 2, 3)));
  assert.ok(!equalBytes(joined, Uint8Array.of(1, 2, 4)));
  assert.ok(!equalBytes(joined, Uint8Array.of(1, 2)));
});

test('text goes to UTF-8 and back; invalid UTF-8 is no text', () => {
  assert.equal(fromUtf8(utf8('Grüße, 世界')), 'Grüße, 世界');
  for (const bytes of [[0xc0, 0xaf], [0xff], [0xed, 0xa0, 0x80], [0xe4, 0xb8]]) {
    assert.equal(fromUtf8(Uint8Array.from(bytes)), undefined);
  }
});
