import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as packet from 'dns-packet';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { type AnswerContext, type DnsState, respond } from './answer.ts';
import type { ClientSubnet } from './query.ts';
import { Zone, type ZoneFacts, Zones } from './zone.ts';

const address = (text: string) => parseIpAddress(text) as IpAddress;

const FACTS: ZoneFacts = {
  origin: 'apps.example.com',
  serial: 42,
  nameservers: [
    { label: 'ns1', addresses: [address('192.0.2.1'), address('2001:db8::1')] },
    { label: 'ns2', addresses: [address('192.0.2.2')] },
  ],
  hosts: [
    'apps.example.com',
    'wiki.apps.example.com',
    '*.dev.apps.example.com',
    'a.deep.apps.example.com',
    'other.org',
  ],
  caa: [{ isCritical: false, tag: 'issue', value: 'letsencrypt.org' }],
  texts: new Map([['_acme-challenge.apps.example.com', ['proof', 'x'.repeat(300)]]]),
};
const SERVING: DnsState = { kind: 'serving', zones: new Zones([new Zone(FACTS)]) };

interface Options {
  readonly state?: DnsState;
  readonly transport?: 'udp' | 'tcp';
  readonly mustTruncate?: boolean;
  readonly steer?: AnswerContext['steer'];
}

const steerHere: AnswerContext['steer'] = (version) => ({
  addresses: [address(version === 4 ? '198.51.100.7' : '2001:db8:7::7')],
  ttlSeconds: 20,
  scopeBits: 24,
});

function ask(name: string, type: string, fields: Partial<packet.Packet> = {}, options: Options = {}) {
  const questions = [{ name, type: type as packet.RecordType }];
  return send(packet.encode({ type: 'query', id: 7, questions, ...fields }), options);
}

function send(bytes: Uint8Array, options: Options = {}) {
  const context = { state: SERVING, transport: 'udp', mustTruncate: false, steer: steerHere, ...options } as const;
  const outcome = respond(bytes, context);
  const reply =
    outcome.bytes && (packet.decode(Buffer.from(outcome.bytes)) as packet.DecodedPacket & { rcode: string });
  return { outcome, reply: reply as NonNullable<typeof reply> };
}

const opt = (fields: object = {}, options: object[] = []) =>
  ({ type: 'OPT', name: '.', udpPayloadSize: 1400, flags: 0, options, ...fields }) as unknown as packet.OptAnswer;
const subnet = (ip: string, sourcePrefixLength: number) => ({ code: 8, ip, sourcePrefixLength, scopePrefixLength: 0 });

/** `wiki.apps.example.com A 198.51.100.7` of each record, in order. */
function shortly(records: readonly packet.Answer[] | undefined): string[] {
  return (records ?? []).map((record) => {
    if (record.type === 'OPT') return 'OPT';
    const { data } = record as { data: unknown };
    const text =
      record.type === 'SOA'
        ? `${record.data.mname} ${record.data.rname} ${record.data.serial}`
        : record.type === 'CAA'
          ? `${record.data.flags} ${record.data.tag} ${record.data.value}`
          : Array.isArray(data)
            ? data.join('')
            : typeof data === 'object'
              ? JSON.stringify(data)
              : String(data);
    return `${record.name} ${record.type} ${text}`;
  });
}

const SOA = 'apps.example.com SOA ns1.apps.example.com hostmaster.apps.example.com 42';

interface Row {
  readonly asked: string;
  readonly rcode: string;
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

const ROWS: readonly Row[] = [
  { asked: 'wiki.apps.example.com A', rcode: 'NOERROR', answers: ['wiki.apps.example.com A 198.51.100.7'] },
  { asked: 'wiki.apps.example.com AAAA', rcode: 'NOERROR', answers: ['wiki.apps.example.com AAAA 2001:db8:7::7'] },
  { asked: 'apps.example.com A', rcode: 'NOERROR', answers: ['apps.example.com A 198.51.100.7'] },
  { asked: 'x.dev.apps.example.com A', rcode: 'NOERROR', answers: ['x.dev.apps.example.com A 198.51.100.7'] },
  { asked: 'apps.example.com SOA', rcode: 'NOERROR', answers: [SOA] },
  {
    asked: 'apps.example.com NS',
    rcode: 'NOERROR',
    answers: ['apps.example.com NS ns1.apps.example.com', 'apps.example.com NS ns2.apps.example.com'],
    additionals: [
      'ns1.apps.example.com A 192.0.2.1',
      'ns1.apps.example.com AAAA 2001:db8::1',
      'ns2.apps.example.com A 192.0.2.2',
    ],
  },
  { asked: 'ns1.apps.example.com A', rcode: 'NOERROR', answers: ['ns1.apps.example.com A 192.0.2.1'] },
  { asked: 'apps.example.com CAA', rcode: 'NOERROR', answers: ['apps.example.com CAA 0 issue letsencrypt.org'] },
  {
    asked: '_acme-challenge.apps.example.com TXT',
    rcode: 'NOERROR',
    answers: ['_acme-challenge.apps.example.com TXT proof', `_acme-challenge.apps.example.com TXT ${'x'.repeat(300)}`],
  },
  {
    asked: 'wiki.apps.example.com ANY',
    rcode: 'NOERROR',
    answers: ['wiki.apps.example.com HINFO {"cpu":"RFC8482","os":""}'],
  },
  // A name that is there without such a record (RFC 2308 section 2.2).
  { asked: 'wiki.apps.example.com TXT', rcode: 'NOERROR', authorities: [SOA] },
  { asked: 'wiki.apps.example.com MX', rcode: 'NOERROR', authorities: [SOA] },
  { asked: 'wiki.apps.example.com NS', rcode: 'NOERROR', authorities: [SOA] },
  { asked: 'ns2.apps.example.com AAAA', rcode: 'NOERROR', authorities: [SOA] },
  { asked: 'apps.example.com DS', rcode: 'NOERROR', authorities: [SOA] },
  // Empty non-terminals (RFC 4592 section 2.2.2).
  { asked: 'dev.apps.example.com A', rcode: 'NOERROR', authorities: [SOA] },
  { asked: 'deep.apps.example.com A', rcode: 'NOERROR', authorities: [SOA] },
  // No such name (RFC 2308 section 2.1).
  { asked: 'nope.apps.example.com A', rcode: 'NXDOMAIN', authorities: [SOA] },
  { asked: 'x.y.dev.apps.example.com A', rcode: 'NXDOMAIN', authorities: [SOA] },
  { asked: 'x.wiki.apps.example.com ANY', rcode: 'NXDOMAIN', authorities: [SOA] },
  // Not ours.
  { asked: 'example.com A', rcode: 'REFUSED' },
  { asked: 'xapps.example.com A', rcode: 'REFUSED' },
  { asked: 'other.org A', rcode: 'REFUSED' },
  { asked: 'com NS', rcode: 'REFUSED' },
  { asked: '. NS', rcode: 'REFUSED' },
  { asked: 'apps.example.com AXFR', rcode: 'REFUSED' },
  { asked: 'apps.example.com IXFR', rcode: 'REFUSED' },
];

describe('asked for', () => {
  for (const { asked, rcode, answers = [], authorities = [], additionals = [] } of ROWS) {
    test(`${asked}: ${rcode}${answers.length > 0 ? '' : ' without an answer'}`, () => {
      const [name = '', type = ''] = asked.split(' ');
      const { reply } = ask(name, type);
      assert.equal(reply.rcode, rcode);
      assert.equal(reply.id, 7);
      assert.equal(reply.flag_aa, rcode !== 'REFUSED');
      assert.equal(reply.flag_ra, false);
      assert.deepEqual(reply.questions, [{ name, type, class: 'IN' }]);
      assert.deepEqual(shortly(reply.answers), answers);
      assert.deepEqual(shortly(reply.authorities), authorities);
      assert.deepEqual(shortly(reply.additionals), additionals);
    });
  }

  test('a name in any mixture of cases: the answer repeats them (0x20)', () => {
    const { reply } = ask('WiKi.aPPs.ExamplE.com', 'A');
    assert.deepEqual(shortly(reply.answers), ['WiKi.aPPs.ExamplE.com A 198.51.100.7']);
  });

  test('anything while it knows no zone: REFUSED', () =>
    assert.equal(ask('wiki.apps.example.com', 'A', {}, { state: { kind: 'no-zone' } }).reply.rcode, 'REFUSED'));
  test('anything while it cannot decide: SERVFAIL', () =>
    assert.equal(ask('wiki.apps.example.com', 'A', {}, { state: { kind: 'unable' } }).reply.rcode, 'SERVFAIL'));
  test('another class: REFUSED', () => {
    const questions = [{ name: 'version.bind', type: 'TXT', class: 'CH' }] as packet.Question[];
    assert.equal(send(packet.encode({ type: 'query', id: 7, questions })).reply.rcode, 'REFUSED');
  });
  test('a host that has no such address: no answer, but the name is there', () => {
    const { reply } = ask(
      'wiki.apps.example.com',
      'AAAA',
      {},
      { steer: () => ({ addresses: [], ttlSeconds: 20, scopeBits: 0 }) },
    );
    assert.deepEqual([reply.rcode, shortly(reply.authorities)], ['NOERROR', [SOA]]);
  });
  test('recursion: the flag is repeated, the service is not', () => {
    const { reply } = ask('wiki.apps.example.com', 'A', { flags: packet.RECURSION_DESIRED });
    assert.deepEqual([reply.flag_rd, reply.flag_ra], [true, false]);
  });
});

describe('EDNS', () => {
  const optOf = (reply: packet.Packet) => reply.additionals?.find((record) => record.type === 'OPT');
  const subnetOf = (reply: packet.Packet) =>
    (optOf(reply)?.options ?? [])[0] as unknown as {
      sourcePrefixLength: number;
      scopePrefixLength: number;
      ip: string;
    };

  test('is answered where it is spoken, and only there', () => {
    assert.equal(optOf(ask('wiki.apps.example.com', 'A').reply), undefined);
    assert.equal(optOf(ask('wiki.apps.example.com', 'A', { additionals: [opt()] }).reply)?.udpPayloadSize, 1232);
  });
  test('of a version to come is refused with the version that is spoken here', () => {
    const { reply, outcome } = ask('wiki.apps.example.com', 'A', { additionals: [opt({ ednsVersion: 1 })] });
    const answered = optOf(reply);
    assert.deepEqual([answered?.extendedRcode, answered?.ednsVersion, outcome.name], [1, 0, 'dns-badvers']);
  });

  for (const [name, options, source, scope] of [
    ['IPv4', [subnet('198.51.100.0', 24)], 24, 24],
    ['IPv6', [subnet('2001:db8:1::', 48)], 48, 24],
    ['less than it could be', [subnet('198.48.0.0', 12)], 12, 24],
    ['nothing', [subnet('0.0.0.0', 0)], 0, 0],
  ] as const) {
    test(`client subnet: ${name} is repeated with the scope`, () => {
      const seen: (ClientSubnet | undefined)[] = [];
      const steer: AnswerContext['steer'] = (version, asked) => {
        seen.push(asked);
        return steerHere(version, asked);
      };
      const { reply } = ask('wiki.apps.example.com', 'A', { additionals: [opt({}, [...options])] }, { steer });
      const option = subnetOf(reply);
      assert.deepEqual([option.sourcePrefixLength, option.scopePrefixLength], [source, scope]);
      assert.equal(seen[0]?.sourceBits, source);
      assert.equal(seen[0]?.address?.text, source === 0 ? undefined : option.ip);
    });
  }

  test('client subnet: an answer that is the same for everybody has scope 0', () => {
    const { reply } = ask('apps.example.com', 'SOA', { additionals: [opt({}, [subnet('198.51.100.0', 24)])] });
    assert.equal(subnetOf(reply).scopePrefixLength, 0);
  });
});

describe('size', () => {
  const addresses = Array.from({ length: 60 }, (_, index) => address(`192.0.2.${index}`));
  const steer = () => ({ addresses, ttlSeconds: 20, scopeBits: 0 });

  test('512 bytes without EDNS, then TC', () => {
    const { reply, outcome } = ask('wiki.apps.example.com', 'A', {}, { steer });
    assert.deepEqual([reply.flag_tc, reply.answers?.length], [true, 0]);
    assert.ok((outcome.bytes?.length ?? 0) <= 512);
  });
  test('what the client takes with EDNS', () => {
    const { reply } = ask('wiki.apps.example.com', 'A', { additionals: [opt({ udpPayloadSize: 1100 })] }, { steer });
    assert.deepEqual([reply.flag_tc, reply.answers?.length], [false, 60]);
  });
  test('1232 bytes at the most, whatever the client says', () => {
    const many = () => ({ ...steer(), addresses: [...addresses, ...addresses] });
    const { reply } = ask(
      'wiki.apps.example.com',
      'A',
      { additionals: [opt({ udpPayloadSize: 65000 })] },
      { steer: many },
    );
    assert.equal(reply.flag_tc, true);
    const { reply: whole } = ask('wiki.apps.example.com', 'A', {}, { steer: many, transport: 'tcp' });
    assert.deepEqual([whole.flag_tc, whole.answers?.length], [false, 120]);
  });
  test('glue that does not fit is left out', () => {
    const nameservers = Array.from({ length: 8 }, (_, index) => ({
      label: `ns${index + 1}`,
      addresses: [address(`192.0.2.${index}`), address(`2001:db8::${index}`)],
    }));
    const state = { kind: 'serving', zones: new Zones([new Zone({ ...FACTS, nameservers })]) } as const;
    const { reply, outcome } = ask('apps.example.com', 'NS', {}, { state });
    assert.deepEqual([reply.flag_tc, reply.answers?.length], [false, 8]);
    assert.ok((reply.additionals?.length ?? 0) > 4 && (outcome.bytes?.length ?? 0) <= 512);
  });
  test('nothing but TC where the rate is too high', () => {
    const { reply, outcome } = ask('wiki.apps.example.com', 'A', {}, { mustTruncate: true });
    assert.deepEqual([reply.flag_tc, reply.answers?.length, outcome.name], [true, 0, 'dns-truncated']);
  });
});

describe('bytes that are no query', () => {
  const plain = packet.encode({ type: 'query', id: 7, questions: [{ name: 'wiki.apps.example.com', type: 'A' }] });
  const changed = (change: (bytes: Buffer) => void, from: Uint8Array = plain) => {
    const bytes = Buffer.from(from);
    change(bytes);
    return bytes;
  };
  const withSubnet = (data: number[]) =>
    packet.encode({
      type: 'query',
      id: 7,
      questions: [{ name: 'wiki.apps.example.com', type: 'A' }],
      additionals: [opt({}, [{ code: 8, data: Buffer.from(data) }])],
    });

  for (const [name, bytes, expected] of [
    ['nothing', new Uint8Array(), 'dns-too-short'],
    ['eleven bytes', plain.subarray(0, 11), 'dns-too-short'],
    ['a response', changed((b) => b.writeUInt16BE(0x8000, 2)), 'dns-response'],
    ['another opcode (UPDATE)', changed((b) => b.writeUInt16BE(5 << 11, 2)), 'dns-notimp'],
    ['no question', changed((b) => b.writeUInt16BE(0, 4)), 'dns-formerr'],
    ['two questions', changed((b) => b.writeUInt16BE(2, 4)), 'dns-formerr'],
    ['records that are not there', changed((b) => b.writeUInt16BE(1, 10)), 'dns-formerr'],
    ['65535 records', changed((b) => b.writeUInt16BE(65535, 6)), 'dns-formerr'],
    ['a question cut short', plain.subarray(0, plain.length - 1), 'dns-formerr'],
    ['bytes behind the end', Buffer.concat([plain, Buffer.from([0])]), 'dns-formerr'],
    ['a name that points at itself', changed((b) => b.writeUInt16BE(0xc00c, 12)), 'dns-formerr'],
    ['a label of 64 bytes', changed((b) => b.writeUInt8(64, 12)), 'dns-formerr'],
    ['a subnet without an address', withSubnet([0, 1, 24, 0]), 'dns-formerr'],
    ['a subnet with bits behind its end', withSubnet([0, 1, 23, 0, 198, 51, 101]), 'dns-formerr'],
    ['a subnet of 33 bits', withSubnet([0, 1, 33, 0, 1, 2, 3, 4, 128]), 'dns-formerr'],
    ['a subnet with a scope', withSubnet([0, 1, 24, 8, 198, 51, 100]), 'dns-formerr'],
    ['a subnet of a family that is none', withSubnet([0, 9, 24, 0, 198, 51, 100]), 'dns-formerr'],
  ] as const) {
    test(`${name}: ${expected}`, () =>
      assert.equal(
        respond(bytes, { state: SERVING, transport: 'udp', mustTruncate: false, steer: steerHere }).name,
        expected,
      ));
  }

  test('two OPT records: FORMERR', () => {
    assert.equal(ask('wiki.apps.example.com', 'A', { additionals: [opt(), opt()] }).reply.rcode, 'FORMERR');
  });
  test('a label with a dot in it is another name', () => {
    const bytes = changed((b) => b.write('.', 12 + 1 + 'wik'.length));
    const { outcome } = {
      outcome: respond(
        changed((b) => b.writeUInt8(0x2e, 14), bytes),
        { state: SERVING, transport: 'udp', mustTruncate: false, steer: steerHere },
      ),
    };
    assert.equal(outcome.name, 'dns-nxdomain');
  });
});
