import assert from 'node:assert/strict';
import { type IpAddress, parseIpAddress } from '../../../src/base/index.ts';
import { readLookup, respond, writeLookup, Zone, Zones } from '../../../src/core/dns/index.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

const address = (text: string): IpAddress => {
  const parsed = parseIpAddress(text);
  assert.ok(parsed);
  return parsed;
};

const zones = new Zones([
  new Zone({
    ...{ origin: 'example.com', serial: 1, caa: [], texts: new Map([['_acme-challenge.example.com', ['token']]]) },
    nameservers: [{ label: 'ns1', addresses: [address('192.0.2.1')] }],
    hosts: ['*.example.com'],
  }),
]);
const steer = () => ({ addresses: [address('192.0.2.7'), address('2001:db8::7')], ttlSeconds: 20, scopeBits: 24 });
const UDP_MOST_BYTES = 1_232;

const question = (name: string, type: 'A' | 'TXT' | 'NS' | 'SOA'): Uint8Array => {
  const bytes = writeLookup(7, name, type, { recursion: false });
  assert.ok(bytes);
  return bytes;
};

/** An answer is for who asked, no longer than allowed, and can be read; what is no answer is refused. */
export const dns: FuzzTarget = {
  name: 'DNS',
  seeds: [
    question('www.example.com', 'A'),
    question('example.com', 'SOA'),
    question('example.com', 'NS'),
    question('_acme-challenge.example.com', 'TXT'),
    question('www.example.org', 'A'),
    ...['www.example.com', 'example.com'].map((name) => {
      const asked = question(name, 'A');
      return (
        respond(asked, { state: { kind: 'serving', zones }, transport: 'udp', mustTruncate: false, steer }).bytes ??
        asked
      );
    }),
  ],
  words: [
    '\x03www\x07example\x03com\0',
    '\xc0\x0c',
    '\xc0\x00',
    '\x00\x29\x04\xd0',
    '\x00\x08\x00\x07\x00\x01\x18\x00',
    '\xff',
  ].map(latin1),
  run(input) {
    for (const transport of ['udp', 'tcp'] as const) {
      const context = { state: { kind: 'serving', zones }, transport, mustTruncate: false, steer } as const;
      const { bytes } = respond(input, context);
      if (!bytes) continue;
      assert.deepEqual([bytes[0], bytes[1]], [input[0], input[1]]);
      assert.ok(((bytes[2] as number) & 0x80) !== 0, 'it says that it is an answer');
      assert.ok(bytes.length <= (transport === 'udp' ? UDP_MOST_BYTES : 65_535));
    }
    const asked = question('www.example.com', 'A');
    const read = readLookup(input, asked);
    if (typeof read !== 'string') for (const { name } of read.answers) assert.ok(name.length <= 1024);
  },
};
