import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64Url, utf8 } from '../../base/index.ts';
import { formatJoinToken, type JoinToken, parseJoinToken } from './join-token.ts';

const TOKEN: JoinToken = {
  secret: 'mnp_abc-DEF_1',
  urls: ['https://control.example.com:8446', 'https://manis.example.com'],
  caSha256: toBase64Url(new Uint8Array(32).fill(7)),
  rootKey: toBase64Url(new Uint8Array(32).fill(8)),
  publicPort: 443,
};
const withFacts = (facts: unknown): string => `mnp_a.${toBase64Url(utf8(JSON.stringify(facts)))}`;

test('what is written is read', () => {
  assert.deepEqual(parseJoinToken(formatJoinToken(TOKEN)), TOKEN);
  assert.deepEqual(parseJoinToken(`  ${formatJoinToken(TOKEN)}\n`), TOKEN, 'as it comes out of a file');
});

test('a bare secret is a token without a place to spend it', () => {
  assert.deepEqual(parseJoinToken('mnc_abc'), {
    secret: 'mnc_abc',
    urls: [],
    caSha256: undefined,
    rootKey: undefined,
    publicPort: undefined,
  });
});

test('it is one word for any shell', () => assert.match(formatJoinToken(TOKEN), /^[\w.-]+$/));

const REFUSED: readonly [string, string][] = [
  ['nothing', ''],
  ['another secret', 'mna_abc'],
  ['a word', 'hello'],
  ['half of it', formatJoinToken(TOKEN).slice(0, -9)],
  ['two dots', `${formatJoinToken(TOKEN)}.x`],
  ['no base64url', 'mnp_a.!!'],
  ['no JSON', `mnp_a.${toBase64Url(utf8('{'))}`],
  ['no object', withFacts([1])],
  ['no places', withFacts({})],
  ['a place without TLS', withFacts({ urls: ['http://a'] })],
  ['a place with a path', withFacts({ urls: ['https://a/b'] })],
  ['too many places', withFacts({ urls: new Array(17).fill('https://a') })],
  ['a fingerprint that is too short', withFacts({ urls: ['https://a'], caSha256: 'abc' })],
  ['a root key that is too short', withFacts({ urls: ['https://a'], rootKey: 'abc' })],
  ['far too much', withFacts({ urls: ['https://a'], more: 'x'.repeat(5_000) })],
];
for (const [what, text] of REFUSED) test(`${what} is no token`, () => assert.equal(parseJoinToken(text), undefined));
