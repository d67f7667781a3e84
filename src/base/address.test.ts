import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatEndpoint, ipAddress, parseEndpoint, parseIpAddress, sameEndpoint, unmapIpv4 } from './address.ts';

const canonical: [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1::', '1::'],
];
for (const [given, expected] of canonical) {
  test(`${given} is written ${expected} (RFC 5952)`, () => assert.equal(parseIpAddress(given)?.text, expected));
}

const refused = [
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.4 ',
  '+1.2.3.4',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8:9',
  'g::',
  '12345::',
  'fe80::1%eth0',
  '[::1]',
  '::1.2.3',
  '1.2.3.4::',
  '::1.2.3.4:5',
];
for (const text of refused) test(`"${text}" is not an address`, () => assert.equal(parseIpAddress(text), undefined));

test('every address survives being written and read', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      const address = ipAddress(raw);
      assert.deepEqual(parseIpAddress(address.text)?.bytes, Uint8Array.from(raw));
    }),
  );
});

test('an address of another length is a programming error', () => {
  assert.throws(() => ipAddress(new Uint8Array(5)), RangeError);
});

test('endpoints are written with brackets around IPv6 and read back', () => {
  for (const text of ['192.0.2.1:80', '[2001:db8::1]:51820', '[::]:0']) {
    const endpoint = parseEndpoint(text);
    assert.ok(endpoint);
    assert.equal(formatEndpoint(endpoint), text);
    assert.ok(sameEndpoint(endpoint, { ...endpoint }));
  }
  for (const text of ['192.0.2.1', '192.0.2.1:', '192.0.2.1:65536', '::1:80', '[192.0.2.1]:80', 'host:80', '[::1]80']) {
    assert.equal(parseEndpoint(text), undefined, text);
  }
});

test('a mapped address is the IPv4 address it stands for; others stay', () => {
  const unmapped = (text: string): string | undefined => {
    const address = parseIpAddress(text);
    return address && unmapIpv4(address).text;
  };
  assert.equal(unmapped('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(unmapped('::fffe:10.0.0.1'), '::fffe:a00:1');
  assert.equal(unmapped('1::ffff:10.0.0.1'), '1::ffff:a00:1');
  assert.equal(unmapped('10.0.0.1'), '10.0.0.1');
});
