import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as packet from 'dns-packet';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { respond } from './answer.ts';
import { ResponseRateLimiter } from './rate-limiter.ts';
import { Zone, Zones } from './zone.ts';

const random = new SeededRandom(testSeed(53));
const address = (text: string) => parseIpAddress(text) as IpAddress;
const nameservers = [{ label: 'ns1', addresses: [address('192.0.2.1')] }];
const zone = new Zone({
  ...{ origin: 'example.com', serial: 1, nameservers, caa: [], texts: new Map() },
  hosts: ['*.example.com'],
});
const context = {
  state: { kind: 'serving', zones: new Zones([zone]) },
  transport: 'udp',
  mustTruncate: false,
  steer: () => ({ addresses: [address('192.0.2.7')], ttlSeconds: 20, scopeBits: 24 }),
} as const;

function someQuery(): Buffer {
  const options = random.chance(0.5)
    ? [{ code: 8, ip: '198.51.100.0', sourcePrefixLength: 24, scopePrefixLength: 0 }]
    : [];
  const additionals = random.chance(0.6)
    ? [{ type: 'OPT', name: '.', udpPayloadSize: random.integer(0, 65535), flags: random.integer(0, 65535), options }]
    : [];
  const type = random.pick(['A', 'AAAA', 'NS', 'SOA', 'ANY', 'TXT', 'CAA']) as packet.RecordType;
  const name = random.pick(['example.com', 'www.example.com', 'a.b.example.com', 'example.org', '.']);
  return packet.encode({
    ...{ type: 'query', id: random.integer(0, 65535), questions: [{ name, type }] },
    additionals: additionals as unknown as packet.Answer[],
  });
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = random.integer(0, 4); i > 0; i--) copy[random.integer(0, copy.length - 1)] = random.integer(0, 255);
  const cut = random.chance(0.2) ? random.integer(0, copy.length) : copy.length;
  const more = random.chance(0.1) ? random.bytes(random.integer(1, 40)) : new Uint8Array();
  return Buffer.concat([copy.subarray(0, cut), more]);
}

test(`no bytes throw, every answer can be read by another implementation and is short (seed ${random.seed})`, () => {
  for (let round = 0; round < 50_000; round++) {
    const message = random.chance(0.1) ? Buffer.from(random.bytes(random.integer(0, 80))) : damaged(someQuery());
    const { bytes } = respond(message, context);
    if (!bytes) continue;
    assert.ok(bytes.length <= 1232 && bytes.length <= message.length + 150, 'never an amplifier');
    const reply = packet.decode(Buffer.from(bytes));
    assert.equal(reply.id, message.readUInt16BE(0));
    assert.equal(reply.type, 'response');
  }
});

test('a flood from one block gets few answers, others get theirs, and memory stays', () => {
  const limiter = new ResponseRateLimiter(random.uint32());
  const verdicts = { answer: 0, truncate: 0, drop: 0 };
  for (let i = 0; i < 100_000; i++) verdicts[limiter.take(address(`198.51.100.${i & 255}`), i / 100)]++;
  assert.ok(verdicts.answer <= 1000 + 500 + 1, JSON.stringify(verdicts));
  assert.ok(Math.abs(verdicts.truncate - verdicts.drop) <= 1, 'every second one may come again over TCP');
  assert.equal(limiter.take(address('203.0.113.1'), 1000), 'answer');
  assert.equal(limiter.take(address('198.51.100.1'), 60_000), 'answer', 'and it is forgotten soon');
});

test('a flood from everywhere leaves room for those who ask now and then', () => {
  const limiter = new ResponseRateLimiter(random.uint32());
  const forged = () => address(`${random.integer(1, 223)}.${random.integer(0, 255)}.${random.integer(0, 255)}.1`);
  let answered = 0;
  for (let i = 0; i < 200_000; i++) if (limiter.take(forged(), i / 200) === 'answer') answered++;
  assert.ok(answered > 199_000, String(answered));
});
