import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat, type Endpoint, formatEndpoint, ipAddress, unmapIpv4, utf8 } from '../../base/index.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { crc32c } from './crc32c.ts';
import {
  PROXY_HEADER_FAULTS,
  type ProxyHeader,
  type ProxyHeaderRead,
  readProxyHeader,
  VERSION_1_MAX_BYTES,
  VERSION_2_MAX_BYTES,
  writeProxyHeader,
} from './index.ts';

const SEED = testSeed(29);
const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];

/** In short: what was read, or the fault, or how many bytes are needed. */
function read(bytes: Uint8Array): string {
  return told(readProxyHeader(bytes));
}

function told(found: ProxyHeaderRead): string {
  switch (found.kind) {
    case 'incomplete':
      return `needs ${found.atLeastBytes}`;
    case 'refused':
      return found.fault;
    case 'header': {
      const { header, length } = found;
      if (header.kind !== 'proxied') return `${header.kind}, ${length}`;
      return `${header.transport} ${formatEndpoint(header.source)} > ${formatEndpoint(header.destination)}, ${length}`;
    }
  }
}

const lines: [line: string, expected: string][] = [
  ['PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n', 'stream 192.0.2.1:56324 > 198.51.100.2:443, 45'],
  [
    'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
    'stream 255.255.255.255:65535 > 255.255.255.255:65535, 56',
  ],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 0\r\nGET / HTTP/1.1', 'stream 1.2.3.4:1 > 5.6.7.8:0, 32'],
  ['PROXY TCP6 2001:db8::1 ::1 1 2\r\n', 'stream [2001:db8::1]:1 > [::1]:2, 32'],
  ['PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n', 'stream 192.0.2.1:1 > [::1]:2, 37'],
  ['PROXY UNKNOWN\r\n', 'unknown, 15'],
  ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n', 'unknown, 59'],
  ['', 'needs 1'],
  ['P', 'needs 6'],
  ['PROXY', 'needs 6'],
  ['PROXY ', 'needs 7'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2', 'needs 31'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r', 'needs 32'],
  ['GET / HTTP/1.1\r\n', 'proxy-header-absent'],
  ['PROXIES', 'proxy-header-absent'],
  ['proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'proxy-header-absent'],
  ['\u0016\u0003\u0001', 'proxy-header-absent'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rX', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP4 ::1 ::1 1 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n', 'proxy-header-malformed-line'],
  ['PROXY UNKNOWNS\r\n', 'proxy-header-malformed-line'],
  [`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`, `unknown, ${VERSION_1_MAX_BYTES}`],
  [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, 'proxy-header-too-long'],
  [`PROXY ${'x'.repeat(101)}`, 'proxy-header-too-long'],
];
for (const [line, expected] of lines) {
  test(`${JSON.stringify(line.slice(0, 70))} is read as ${expected}`, () => assert.equal(read(utf8(line)), expected));
}

const IPV4 = [192, 0, 2, 1, 198, 51, 100, 2, 0xdc, 0x04, 0x01, 0xbb];
const IPV6 = [...new Array<number>(15).fill(0), 1, 0x20, 1, 13, 0xb8, ...new Array<number>(12).fill(0), 0, 1, 0, 2];
const head = (command: number, family: number, length: number) => [
  ...SIGNATURE,
  command,
  family,
  length >> 8,
  length & 255,
];

const binary: [name: string, bytes: number[], expected: string][] = [
  ['TCP over IPv4', [...head(0x21, 0x11, 12), ...IPV4, 9], 'stream 192.0.2.1:56324 > 198.51.100.2:443, 28'],
  ['UDP over IPv4', [...head(0x21, 0x12, 12), ...IPV4], 'datagram 192.0.2.1:56324 > 198.51.100.2:443, 28'],
  ['TCP over IPv6', [...head(0x21, 0x21, 36), ...IPV6], 'stream [::1]:1 > [2001:db8::]:2, 52'],
  ['UNIX', [...head(0x21, 0x31, 216), ...new Array<number>(216).fill(0)], 'unknown, 232'],
  ['UNSPEC', [...head(0x21, 0, 0)], 'unknown, 16'],
  ['UNSPEC with whatever', [...head(0x21, 0, 2), 1, 2], 'unknown, 18'],
  ['LOCAL', [...head(0x20, 0, 0)], 'local, 16'],
  ['LOCAL with addresses', [...head(0x20, 0x11, 12), ...IPV4], 'local, 28'],
  ['a TLV', [...head(0x21, 0x11, 17), ...IPV4, 2, 0, 2, 104, 50], 'stream 192.0.2.1:56324 > 198.51.100.2:443, 33'],
  ['an empty TLV', [...head(0x21, 0x11, 15), ...IPV4, 4, 0, 0], 'stream 192.0.2.1:56324 > 198.51.100.2:443, 31'],
  ['half a signature', SIGNATURE.slice(0, 6), 'needs 16'],
  ['the head alone', head(0x21, 0x11, 12), 'needs 28'],
  ['another signature', [...SIGNATURE.slice(0, 11), 11], 'proxy-header-absent'],
  ['version 1', [...head(0x11, 0x11, 12), ...IPV4], 'proxy-header-unknown-command'],
  ['command 2', [...head(0x22, 0x11, 12), ...IPV4], 'proxy-header-unknown-command'],
  ['family 4', [...head(0x21, 0x41, 12), ...IPV4], 'proxy-header-unknown-family'],
  ['transport 0', [...head(0x21, 0x10, 12), ...IPV4], 'proxy-header-unknown-family'],
  ['transport 3', [...head(0x21, 0x13, 12), ...IPV4], 'proxy-header-unknown-family'],
  ['too few bytes for its addresses', [...head(0x21, 0x11, 11), ...IPV4], 'proxy-header-cut-short'],
  ['half the head of a TLV', [...head(0x21, 0x11, 14), ...IPV4, 4, 0], 'proxy-header-cut-short'],
  ['a TLV that is longer than the header', [...head(0x21, 0x11, 15), ...IPV4, 4, 0, 1], 'proxy-header-cut-short'],
  ['a checksum of two bytes', [...head(0x21, 0x11, 17), ...IPV4, 3, 0, 2, 0, 0], 'proxy-header-wrong-checksum'],
  ['a wrong checksum', [...head(0x21, 0x11, 19), ...IPV4, 3, 0, 4, 1, 2, 3, 4], 'proxy-header-wrong-checksum'],
  ['a length beyond what is taken', head(0x21, 0x11, VERSION_2_MAX_BYTES - 15), 'proxy-header-too-long'],
];
for (const [name, bytes, expected] of binary) {
  test(`version 2 with ${name} is read as ${expected}`, () => assert.equal(read(new Uint8Array(bytes)), expected));
}

test('CRC32c gives what RFC 3720 appendix B.4 says', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

test('a header with a right checksum is taken, and with any bit of it turned over never read otherwise', () => {
  const bytes = new Uint8Array([...head(0x21, 0x11, 22), ...IPV4, 3, 0, 4, 0, 0, 0, 0, 4, 0, 0]);
  new DataView(bytes.buffer).setUint32(31, crc32c(bytes));
  assert.equal(read(bytes), 'stream 192.0.2.1:56324 > 198.51.100.2:443, 38');
  for (let bit = 8 * 16; bit < 8 * bytes.length; bit++) {
    const turned = bytes.slice();
    turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
    // The type of the TLV turned into another: no checksum any more, and the addresses as they were.
    if (bit >> 3 === 28) assert.equal(read(turned), read(bytes));
    else assert.notEqual(readProxyHeader(turned).kind, 'header', `bit ${bit}`);
  }
});

const PLAIN = { noNullPrototype: true };
const endpoints = (size: 4 | 16): fc.Arbitrary<Endpoint> =>
  fc.record(
    {
      address: fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => unmapIpv4(ipAddress(bytes))),
      port: fc.integer({ min: 0, max: 65_535 }),
    },
    PLAIN,
  );
const anyEndpoint = fc.oneof(endpoints(4), endpoints(16));
const headers: fc.Arbitrary<ProxyHeader> = fc.oneof(
  fc.constant<ProxyHeader>({ kind: 'local' }),
  fc.constant<ProxyHeader>({ kind: 'unknown' }),
  fc.record(
    {
      kind: fc.constant<'proxied'>('proxied'),
      transport: fc.constantFrom<'stream' | 'datagram'>('stream', 'datagram'),
      source: anyEndpoint,
      destination: anyEndpoint,
    },
    PLAIN,
  ),
);

test('what version 2 writes is read, whatever follows, and every beginning of it is incomplete', () => {
  const check = (header: ProxyHeader, rest: Uint8Array) => {
    const bytes = writeProxyHeader(2, header);
    assert.deepEqual(readProxyHeader(concat(bytes, rest)), { kind: 'header', header, length: bytes.length });
    for (let length = 0; length < bytes.length; length++) checkIncomplete(bytes, length);
  };
  fc.assert(fc.property(headers, fc.uint8Array({ maxLength: 8 }), check), { seed: SEED });
});

test('what version 1 writes is read, as unknown where the version has no word for it', () => {
  const check = (header: ProxyHeader, rest: Uint8Array) => {
    const bytes = writeProxyHeader(1, header);
    assert.ok(bytes.length <= VERSION_1_MAX_BYTES);
    const isSaid = header.kind === 'proxied' && header.transport === 'stream';
    const expected = isSaid ? header : { kind: 'unknown' };
    assert.deepEqual(readProxyHeader(concat(bytes, rest)), { kind: 'header', header: expected, length: bytes.length });
    for (let length = 0; length < bytes.length; length++) checkIncomplete(bytes, length);
  };
  fc.assert(fc.property(headers, fc.uint8Array({ maxLength: 8 }), check), { seed: SEED });
});

function checkIncomplete(bytes: Uint8Array, length: number): void {
  const found = readProxyHeader(bytes.subarray(0, length));
  assert.equal(found.kind, 'incomplete');
  if (found.kind === 'incomplete') assert.ok(found.atLeastBytes > length && found.atLeastBytes <= bytes.length);
}

test('whatever the bytes, it never throws, asks for more than there are or names a fault', () => {
  const random = new SeededRandom(SEED);
  const faults: readonly string[] = PROXY_HEADER_FAULTS;
  for (let round = 0; round < 50_000; round++) {
    const good = writeProxyHeader(random.pick([1, 2]), {
      kind: 'proxied',
      transport: 'stream',
      source: { address: ipAddress(random.bytes(random.pick([4, 16]))), port: random.integer(0, 65_535) },
      destination: { address: ipAddress(random.bytes(random.pick([4, 16]))), port: 1 },
    });
    const bytes = concat(good, random.bytes(random.integer(0, 20)));
    for (let turns = random.integer(0, 4); turns > 0; turns--) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    }
    const found = readProxyHeader(bytes);
    if (found.kind === 'incomplete') assert.ok(found.atLeastBytes > bytes.length, `seed ${SEED}`);
    else if (found.kind === 'header') assert.ok(found.length <= bytes.length, `seed ${SEED}`);
    else assert.ok(faults.includes(found.fault));
  }
});
