/** A PoP that answers DNS, from its snapshot to the bytes, with peers and control that say what the test wants. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as packet from 'dns-packet';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import type { LinkRecord } from '../../core/link/index.ts';
import { dnsOf, holder, tunnels, viewOf, ZONE } from '../../testing/dns-world.ts';
import type { PopDns } from './pop-dns.ts';

const address = (text: string) => parseIpAddress(text) as IpAddress;

interface Asked {
  readonly name?: string;
  readonly type?: packet.RecordType;
  readonly from?: string;
  readonly subnet?: string;
}

function ask(dns: PopDns, { name = ZONE, type = 'A', from = '192.0.2.9', subnet }: Asked = {}) {
  const [ip = '', bits = ''] = subnet?.split('/') ?? [];
  const options = subnet ? [{ code: 8, ip, sourcePrefixLength: Number(bits), scopePrefixLength: 0 }] : [];
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options } as unknown as packet.OptAnswer;
  const query = packet.encode({ type: 'query', id: 1, questions: [{ name, type }], additionals: [opt] });
  const bytes = dns.answer(query, address(from), 'tcp');
  const reply = packet.decode(Buffer.from(bytes ?? [])) as packet.DecodedPacket & { rcode: string };
  const found = reply.answers?.map((answer) => (answer as { data: string }).data) ?? [];
  const edns = reply.additionals?.find((record) => record.type === 'OPT');
  const [told] = (edns?.options ?? []) as unknown as { scopePrefixLength: number }[];
  return { rcode: reply.rcode, found, scope: told?.scopePrefixLength };
}

describe('a PoP that answers DNS', () => {
  for (const [name, asked, first] of [
    ['the resolver where it tells nothing of its client', { from: '11.1.1.1' }, '198.18.2.2'],
    ["the resolver's client where it tells", { from: '11.1.1.1', subnet: '12.1.1.0/24' }, '198.18.3.3'],
    [
      'the resolver where it tells of a client that is nowhere',
      { from: '11.1.1.1', subnet: '10.0.0.0/8' },
      '198.18.2.2',
    ],
  ] as const) {
    test(`leads to the PoP nearest to ${name}`, () => {
      const { found, scope } = ask(dnsOf().dns, asked);
      assert.equal(found[0], first);
      assert.equal(scope, 'subnet' in asked ? (asked.subnet.startsWith('10.') ? 0 : 24) : undefined);
    });
  }

  describe('for domains', () => {
    const domain = (id: string, change: object): LinkRecord => ({
      ...{ kind: 'domain', id, organisationId: 'org-1', name: 'example.org', token: `tok${id}` },
      ...change,
    });
    const wiki = { ...[...viewOf().state.ofKind('resource')][0], id: 'wiki', host: 'wiki.example.org' } as LinkRecord;
    const serving = (...more: readonly LinkRecord[]) =>
      dnsOf({ holder: holder(viewOf(1, undefined, [wiki, ...more])) }).dns;

    test('answers for a delegated zone beside its own, by names that are this domain’s alone', () => {
      const dns = serving(domain('1', { isZone: true, isVerified: true }));
      assert.equal(ask(dns, { name: 'wiki.example.org' }).found.length, 3);
      assert.equal(ask(dns, { name: 'other.example.org' }).rcode, 'NXDOMAIN');
      assert.equal(ask(dns, { name: `app.${ZONE}` }).rcode, 'NOERROR');
      assert.deepEqual(ask(dns, { name: 'example.org', type: 'NS' }).found, [
        ...['ns1-tok1.example.org', 'ns2-tok1.example.org', 'ns3-tok1.example.org'],
      ]);
      assert.deepEqual(ask(dns, { name: 'ns1-tok1.example.org' }).found, ['198.18.1.1']);
    });
    test('says of one that is not proved where it is, and no more', () => {
      const dns = serving(domain('1', { isZone: true }), domain('2', { isZone: true }));
      assert.equal(ask(dns, { name: 'wiki.example.org' }).rcode, 'NXDOMAIN');
      assert.equal(ask(dns, { name: 'example.org', type: 'NS' }).found.length, 6);
    });
    test('has no word of others where one has proved it', () => {
      const dns = serving(domain('1', { isZone: true, isVerified: true }), domain('2', { isZone: true }));
      assert.ok(ask(dns, { name: 'example.org', type: 'NS' }).found.every((name) => name.includes('-tok1.')));
    });
    test('gives addresses to the name that aliases of a domain lead to', () => {
      const dns = serving(domain('1', {}));
      assert.equal(ask(dns, { name: `to-tok1.${ZONE}` }).found.length, 3);
      assert.equal(ask(dns, { name: `to-tok2.${ZONE}` }).rcode, 'NXDOMAIN');
      assert.equal(ask(dns, { name: 'wiki.example.org' }).rcode, 'REFUSED', 'aliases are elsewhere');
    });
  });

  test('names the resources of the zone, and nothing else', () => {
    const { dns } = dnsOf();
    assert.equal(ask(dns, { name: `app.${ZONE}` }).rcode, 'NOERROR');
    assert.equal(ask(dns, { name: `nope.${ZONE}` }).rcode, 'NXDOMAIN');
    assert.equal(ask(dns, { name: `off.${ZONE}` }).rcode, 'NXDOMAIN');
    assert.equal(ask(dns, { name: 'example.com' }).rcode, 'REFUSED');
    assert.deepEqual(ask(dns, { type: 'AAAA', from: '13.1.1.1' }).found, ['2001:db8::3'], 'the only one with IPv6');
    assert.deepEqual(ask(dns, { name: `ns2.${ZONE}` }).found, ['198.18.2.2'], 'at the port of URLs alone');
    assert.equal(ask(dns, { type: 'NS' }).found.length, 3);
    assert.equal(ask(dns, { type: 'CAA' }).found.length, 1);
  });

  test('says SERVFAIL without a snapshot and with a stale one', () => {
    const nothing = { view: undefined, unservable: () => 'snapshot-missing' as const };
    assert.equal(ask(dnsOf({ holder: nothing }).dns).rcode, 'SERVFAIL');
    const { dns, counters } = dnsOf({ holder: holder(viewOf(), 'snapshot-stale') });
    assert.equal(ask(dns).rcode, 'SERVFAIL');
    assert.equal(counters.of('dns', 'dns-servfail'), 1);
  });

  test('leaves out a PoP that the others and control do not hear', () => {
    const { dns } = dnsOf({ peers: tunnels({ 'pop-2': 'down', 'pop-3': 'up' }, ['pop-1']) });
    dns.controlHears(['pop-1', 'pop-3']);
    dns.update();
    assert.ok(!ask(dns, { from: '11.1.1.1' }).found.includes('198.18.2.2'));
  });

  test('keeps one that it does not hear itself while the others do', () => {
    const { dns } = dnsOf({ peers: tunnels({ 'pop-2': 'down', 'pop-3': 'up' }, ['pop-1', 'pop-2']) });
    dns.update();
    assert.equal(ask(dns, { from: '11.1.1.1' }).found[0], '198.18.2.2');
  });

  test('goes on with itself first when it hears nobody', () => {
    const { dns } = dnsOf({ peers: tunnels({ 'pop-2': 'down', 'pop-3': 'down' }) });
    dns.update();
    assert.deepEqual(ask(dns, { from: '11.1.1.1' }).found.slice(0, 2), ['198.18.1.1', '198.18.2.2']);
  });

  test("forgets control's word when it is old", () => {
    const { dns, clock } = dnsOf({ peers: tunnels({ 'pop-2': 'down', 'pop-3': 'down' }) });
    dns.controlHears(['pop-1']);
    dns.update();
    assert.deepEqual(ask(dns, { from: '11.1.1.1' }).found, ['198.18.1.1']);
    clock.advance(60_000);
    dns.update();
    assert.deepEqual(
      ask(dns, { from: '11.1.1.1' }).found,
      ['198.18.1.1'],
      'what was down stays down until it is heard',
    );
  });

  test('leads away from a PoP that drains, by its own word or by an administrator', () => {
    const drained = dnsOf({ own: () => ({ draining: true, load: { connections: 0, capacity: 1, cpu: 0 } }) }).dns;
    assert.ok(!ask(drained, { from: '13.1.1.1' }).found.includes('198.18.1.1'));
    const asked = (record: LinkRecord) =>
      (record.id === 'pop-2' ? { ...record, draining: true } : record) as LinkRecord;
    const { dns } = dnsOf({ holder: holder(viewOf(1, asked)) });
    assert.ok(!ask(dns, { from: '11.1.1.1' }).found.includes('198.18.2.2'));
  });

  test('limits answers to one block of addresses, and keeps few bytes of it', () => {
    const { dns, counters } = dnsOf();
    const query = packet.encode({ type: 'query', id: 1, questions: [{ name: ZONE, type: 'A' }] });
    for (let i = 0; i < 5_000; i++) dns.answer(query, address('192.0.2.1'), 'udp');
    assert.ok(counters.of('dns', 'dns-rate-limited') > 1_500);
    assert.ok(counters.of('dns', 'dns-truncated') > 1_500);
    assert.ok(dns.answer(query, address('192.0.2.1'), 'tcp'), 'who proved its address is answered');
  });

  test('limits answers over TCP as well, and sends nobody from there to TCP', () => {
    const { dns, counters } = dnsOf();
    const query = packet.encode({ type: 'query', id: 1, questions: [{ name: ZONE, type: 'A' }] });
    const answers = Array.from({ length: 5_000 }, () => dns.answer(query, address('192.0.2.1'), 'tcp'));
    const answered = answers.filter((answer) => answer !== undefined).length;
    assert.ok(answered >= 1_000 && answered < 5_000, String(answered));
    assert.equal(counters.of('dns', 'dns-rate-limited'), 5_000 - answered);
    assert.equal(counters.of('dns', 'dns-truncated'), 0);
    assert.ok(dns.answer(query, address('192.0.2.1'), 'udp'), 'one has no part in the limit of the other');
  });

  test('its serial grows with the snapshot', () => {
    const serialOf = (revision: number) => {
      const { dns } = dnsOf({ holder: holder(viewOf(revision)) });
      return (ask(dns, { type: 'SOA' }).found[0] as unknown as { serial: number }).serial;
    };
    assert.equal(serialOf(8), serialOf(7) + 1);
  });

  test('takes up a new snapshot at once, and knows no zone when there is none', () => {
    const held = { view: viewOf(), unservable: () => undefined };
    const { dns } = dnsOf({ holder: held });
    assert.equal(ask(dns, { name: `app.${ZONE}` }).rcode, 'NOERROR');
    held.view = viewOf(2, (record) => (record.id === 'app' ? ({ ...record, enabled: false } as LinkRecord) : record));
    assert.equal(ask(dns, { name: `app.${ZONE}` }).rcode, 'NXDOMAIN');
    held.view = viewOf(3, (record) => {
      if (record.kind !== 'installation') return record;
      const { dnsZone: _, ...others } = record;
      return others;
    });
    assert.equal(ask(dns, { name: `app.${ZONE}` }).rcode, 'REFUSED');
  });
});
