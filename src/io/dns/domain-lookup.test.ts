import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { StandInDns } from '../../testing/stand-in-dns.ts';
import { DomainLookup } from './domain-lookup.ts';

describe('looking a domain up', () => {
  let dns: StandInDns;
  before(async () => {
    dns = await StandInDns.start();
  });
  after(() => dns.stop());
  beforeEach(() => {
    dns.isLarge = false;
    dns.failure = undefined;
    dns.records.clear();
    dns.delegations.clear();
  });

  test('texts, aliases, and addresses of what a name is an alias of', async () => {
    dns.records.set('t.example.com TXT', ['one', 'two']);
    dns.records.set('a.example.com CNAME', ['pops.test']);
    dns.records.set('pops.test A', ['192.0.2.1']);
    const answers = await dns.lookup().answer([
      { name: 't.example.com', type: 'TXT' },
      { name: 'a.example.com', type: 'CNAME' },
      { name: 'a.example.com', type: 'A' },
      { name: 'none.example.com', type: 'A' },
    ]);
    assert.deepEqual(
      answers.map(({ found, problem }) => problem ?? found),
      [['one', 'two'], ['pops.test'], ['192.0.2.1'], []],
    );
  });

  test('over TCP where the answer is too large', async () => {
    dns.isLarge = true;
    dns.records.set('t.example.com TXT', ['a text']);
    const [answer] = await dns.lookup().answer([{ name: 't.example.com', type: 'TXT' }]);
    assert.deepEqual(answer?.found, ['a text']);
  });

  test('delegations and glue are what servers of the zone above hand out, not what the zone says of itself', async () => {
    dns.records.set('com NS', ['ns.registry.test']);
    dns.records.set('ns.registry.test A', ['127.0.0.1']);
    dns.records.set('example.com NS', ['what.it.says.test']);
    dns.delegations.set('example.com', {
      nameservers: ['ns1.example.com', 'ns2.example.com'],
      glue: { 'ns1.example.com': ['192.0.2.1', '2001:db8::1'] },
    });
    const above = 'example.com';
    const answers = await dns.lookup().answer([
      { name: 'example.com', type: 'NS', above },
      { name: 'ns1.example.com', type: 'A', above },
      { name: 'ns1.example.com', type: 'AAAA', above },
      { name: 'ns2.example.com', type: 'A', above },
    ]);
    assert.deepEqual(
      answers.map(({ found, problem }) => problem ?? found),
      [['ns1.example.com', 'ns2.example.com'], ['192.0.2.1'], ['2001:db8::1'], []],
    );
  });

  test('a server at a private address is not asked, whoever says that a zone is there', async () => {
    dns.records.set('com NS', ['ns.registry.test']);
    dns.records.set('ns.registry.test A', ['127.0.0.1', '169.254.169.254', '10.0.0.1']);
    const lookup = new DomainLookup({ resolvers: () => [`127.0.0.1:${dns.port}`], serverPort: dns.port });
    dns.asked.length = 0;
    const [answer] = await lookup.answer([{ name: 'example.com', type: 'NS', above: 'example.com' }]);
    assert.equal(answer?.problem, 'no server of com can be asked');
    assert.ok(!dns.asked.includes('example.com NS'));
  });

  test('a resolver that fails is no word that there is nothing', async () => {
    dns.failure = 'SERVFAIL';
    const [answer] = await dns.lookup().answer([{ name: 't.example.com', type: 'TXT' }]);
    assert.equal(answer?.problem, 'the resolver says SERVFAIL to t.example.com TXT');
  });

  test('without a resolver the answer says so', async () => {
    const [answer] = await new DomainLookup({ resolvers: () => [] }).answer([{ name: 'example.com', type: 'TXT' }]);
    assert.deepEqual(answer, { name: 'example.com', type: 'TXT', found: [], problem: 'this machine has no resolver' });
  });
});
