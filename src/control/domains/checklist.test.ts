import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainAnswer } from '../../core/link/index.ts';
import type { DomainsTable } from '../../io/store/index.ts';
import { checkedRecords, type Look } from './checklist.ts';
import { neededRecords } from './records-of-mode.ts';

const domain = (change: Partial<DomainsTable>): DomainsTable => ({
  ...{ id: 'dom_1', organisation_id: 'org_1', name: 'example.com', mode: 'cname', certificate: 'acme' },
  ...{ challenge: null, dns_provider_id: null, own_certificate_id: null, proof_token: 'tok', state: 'waiting' },
  ...{ state_since_unix_ms: 1, reason: '', verified_unix_ms: null, checked_unix_ms: 1, hsts: null, created_unix_ms: 1 },
  ...change,
});
const installation = {
  portalHost: 'portal.test',
  dnsZone: null,
  nameservers: [['192.0.2.1', '2001:db8::1'], ['192.0.2.2']],
};

const needed = (change: Partial<DomainsTable>, hosts: readonly string[], dnsZone: string | null = null): string[] =>
  neededRecords(domain(change), hosts, { ...installation, dnsZone }).map(
    ({ name, type, value, isRequired }) => `${name} ${type} ${value}${isRequired ? '' : ' (optional)'}`,
  );

describe('records that a domain needs', () => {
  test('a delegated zone: its name servers, whose names are this domain’s alone, and where they are', () =>
    assert.deepEqual(needed({ mode: 'zone' }, []), [
      'example.com NS ns1-tok.example.com',
      'ns1-tok.example.com A 192.0.2.1',
      'ns1-tok.example.com AAAA 2001:db8::1',
      'example.com NS ns2-tok.example.com',
      'ns2-tok.example.com A 192.0.2.2',
    ]));
  test('aliases: a proof, and one of each host', () =>
    assert.deepEqual(needed({}, ['a.example.com', 'b.a.example.com', 'other.test']), [
      '_manis-challenge.example.com TXT manis-domain-verification=tok',
      'a.example.com CNAME portal.test',
      'b.a.example.com CNAME portal.test',
    ]));
  test('with a zone of the installation the alias itself may be the proof', () =>
    assert.deepEqual(needed({ mode: 'wildcard-cname', challenge: 'dns-01' }, ['a.example.com'], 'pops.test'), [
      '_manis-challenge.example.com TXT manis-domain-verification=tok (optional)',
      '*.example.com CNAME to-tok.pops.test',
      '_acme-challenge.example.com CNAME acme-tok.pops.test',
    ]));
});

describe('the checklist', () => {
  const look = (observer: string, ...answers: readonly DomainAnswer[]): Look => ({
    observer,
    checkedUnixMs: 5,
    answers,
  });
  const txt = (...found: readonly string[]): DomainAnswer => ({
    name: '_manis-challenge.example.com',
    type: 'TXT',
    found,
  });
  const at = (type: 'CNAME' | 'A' | 'AAAA', ...found: readonly string[]): DomainAnswer => ({
    name: 'a.example.com',
    type,
    found,
  });
  const state = (...looks: readonly Look[]): string[] =>
    checkedRecords(
      neededRecords(domain({}), ['a.example.com'], installation),
      looks,
      'example.com',
      new Set(['192.0.2.1', '192.0.2.2']),
    ).map((record) => record.state);

  const right = 'manis-domain-verification=tok';
  const rows: readonly (readonly [string, readonly Look[], readonly string[]])[] = [
    ['nobody has looked', [], ['unknown', 'unknown']],
    ['nothing is there', [look('control', txt(), at('CNAME'), at('A'), at('AAAA'))], ['missing', 'missing']],
    ['all is there', [look('control', txt('v=spf1', right), at('CNAME', 'portal.test'))], ['fine', 'fine']],
    ['another text', [look('control', txt('manis-domain-verification=other'))], ['wrong', 'unknown']],
    [
      'an alias of somebody else',
      [look('control', txt(right), at('CNAME', 'else.test'), at('A', '198.51.100.1'))],
      ['fine', 'wrong'],
    ],
    [
      'addresses of PoPs in place of an alias',
      [look('control', txt(right), at('CNAME'), at('A', '192.0.2.2'))],
      ['fine', 'fine'],
    ],
    [
      'one address that is no PoP’s',
      [look('control', txt(right), at('A', '192.0.2.2', '198.51.100.1'))],
      ['fine', 'wrong'],
    ],
    ['no answer', [look('control', { ...txt(), problem: 'no answer in time' })], ['unknown', 'unknown']],
    [
      'fine from one place and missing from another',
      [look('control', txt(right)), look('pop_1', txt())],
      ['missing', 'unknown'],
    ],
  ];
  for (const [name, looks, expected] of rows) test(name, () => assert.deepEqual(state(...looks), expected));

  test('says what to create, and from where it is right already', () => {
    const records = neededRecords(domain({}), [], installation);
    const [proof] = checkedRecords(
      records,
      [look('control', txt(right)), look('pop_1', txt())],
      'example.com',
      new Set(),
    );
    assert.equal(
      proof?.advice,
      'Create a TXT record at _manis-challenge.example.com with the value manis-domain-verification=tok. ' +
        'It is right from 1 of 2 places; the others may see it within minutes.',
    );
  });
});
