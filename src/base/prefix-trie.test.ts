import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IpAddress, ipAddress, parseIpAddress } from './address.ts';
import { formatPrefix, type Prefix, PrefixTrie, parsePrefix } from './prefix-trie.ts';

const written: [string, string | undefined][] = [
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.0.0.1', '10.0.0.1/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['::1', '::1/128'],
  ['10.0.0.1/8', undefined],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0/08', undefined],
  ['10.0.0.0/', undefined],
  ['2001:db8::1/64', undefined],
  ['::/129', undefined],
  ['x/8', undefined],
];
for (const [text, expected] of written) {
  test(`block ${text} is ${expected ?? 'refused'}`, () => {
    const prefix = parsePrefix(text);
    assert.equal(prefix && formatPrefix(prefix), expected);
  });
}

test('the longest block that holds an address wins, and families are apart', () => {
  const trie = new PrefixTrie<string>();
  for (const text of ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '::/0']) trie.set(parsePrefix(text) as Prefix, text);
  const match = (text: string): string | undefined => trie.match(parseIpAddress(text) as IpAddress);
  assert.equal(match('10.9.9.9'), '10.0.0.0/8');
  assert.equal(match('10.1.9.9'), '10.1.0.0/16');
  assert.equal(match('10.1.2.3'), '10.1.2.3');
  assert.equal(match('11.0.0.1'), undefined);
  assert.equal(match('2001:db8::1'), '::/0');
  assert.equal(trie.size, 4);
  trie.set(parsePrefix('10.0.0.0/8') as Prefix, 'other');
  assert.equal(trie.size, 4);
  assert.equal(match('10.9.9.9'), 'other');
});

test('the trie says what a list of blocks says, on random blocks', () => {
  const address = fc
    .tuple(fc.constantFrom(10, 11, 192), fc.nat(3), fc.nat(3), fc.nat(255))
    .map((bytes) => ipAddress(Uint8Array.from(bytes)));
  const prefix = fc.tuple(address, fc.nat(32)).map(([base, length]) => {
    const bytes = base.bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff);
    return { address: ipAddress(bytes), length };
  });
  const holds = (block: Prefix, candidate: IpAddress): boolean => {
    const bits = (one: IpAddress): string => [...one.bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    return bits(candidate).startsWith(bits(block.address).slice(0, block.length));
  };
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), fc.array(address, { maxLength: 20 }), (blocks, addresses) => {
      const trie = new PrefixTrie<number>();
      for (const block of blocks) trie.set(block, block.length);
      for (const candidate of addresses) {
        const lengths = blocks.filter((block) => holds(block, candidate)).map((block) => block.length);
        assert.equal(trie.match(candidate), lengths.length === 0 ? undefined : Math.max(...lengths));
      }
    }),
  );
});
