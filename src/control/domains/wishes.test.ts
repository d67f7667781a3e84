import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainsTable } from '../../io/store/index.ts';
import type { CertificateWish } from '../certificates/wishes.ts';
import { certificateWishes, type WishFacts } from './wishes.ts';

const domain = (change: Partial<DomainsTable> = {}): DomainsTable => ({
  ...{ id: 'dom_1', organisation_id: 'org_1', name: 'example.com', mode: 'cname', certificate: 'acme' },
  ...{ challenge: null, dns_provider_id: null, own_certificate_id: null, proof_token: 'tok', state: 'verified' },
  ...{ state_since_unix_ms: 1, reason: '', verified_unix_ms: 1, checked_unix_ms: 1, hsts: null, created_unix_ms: 1 },
  ...change,
});

interface Case extends Partial<WishFacts> {
  readonly domains?: readonly DomainsTable[];
}

function wishesOf({ domains = [], ...change }: Case, ...hosts: readonly string[]): Record<string, string> {
  const wishes = certificateWishes(
    domains,
    hosts.map((host) => ({ host, organisation_id: 'org_1' })),
    { portalHost: 'portal.test', dnsZone: null, hasAcme: true, ...change },
    new Map([['crt_1', ['*.example.com', 'example.com', 'portal.test']]]),
  );
  assert.equal(new Set(wishes.map(({ id }) => id)).size, wishes.length);
  return Object.fromEntries(wishes.map((wish) => [wish.id, textOf(wish)]));
}

function textOf({ names, source, challenges, dnsProviderId, dnsAlias, ownCertificateId }: CertificateWish): string {
  return [source, names.join('+'), challenges.join('/'), dnsProviderId, dnsAlias, ownCertificateId]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

describe('certificates that are to be there', () => {
  const any = 'http-01/tls-alpn-01';
  const cases: readonly (readonly [string, Case, readonly string[], Record<string, string>])[] = [
    ['none where no domain covers a name', {}, ['a.other.test'], {}],
    [
      'each host of a domain of aliases',
      { domains: [domain()] },
      ['a.example.com', 'example.com'],
      { 'a.example.com': `acme a.example.com ${any}`, 'example.com': `acme example.com ${any}` },
    ],
    [
      'not before the domain is proved',
      { domains: [domain({ verified_unix_ms: null, state: 'waiting' })] },
      ['a.example.com'],
      { 'a.example.com': 'local a.example.com' },
    ],
    [
      'not where no authority is set',
      { hasAcme: false, domains: [domain()] },
      ['a.example.com'],
      { 'a.example.com': 'local a.example.com' },
    ],
    [
      'not of another organisation’s domain',
      { domains: [domain({ organisation_id: 'org_2' })] },
      ['a.example.com'],
      {},
    ],
    [
      'a delegated zone has one for all',
      { domains: [domain({ mode: 'zone' })] },
      ['a.example.com', 'b.example.com', 'c.b.example.com'],
      {
        '*.example.com': 'acme *.example.com+example.com dns-01',
        'c.b.example.com': `acme c.b.example.com ${any}/dns-01`,
      },
    ],
    [
      'a wildcard alias with a DNS provider has one for all',
      { domains: [domain({ mode: 'wildcard-cname', dns_provider_id: 'dns_1' })] },
      ['a.example.com'],
      { '*.example.com': 'acme *.example.com+example.com dns-01 dns_1' },
    ],
    [
      'with an alias into the installation’s zone as well',
      { dnsZone: 'pops.test', domains: [domain({ mode: 'wildcard-cname', challenge: 'dns-01' })] },
      ['a.example.com'],
      { '*.example.com': 'acme *.example.com+example.com dns-01 acme-tok.pops.test' },
    ],
    [
      'without either each host has its own',
      { domains: [domain({ mode: 'wildcard-cname' })] },
      ['a.example.com', '*.b.example.com'],
      { 'a.example.com': `acme a.example.com ${any}`, '*.b.example.com': 'local *.b.example.com' },
    ],
    [
      'a way that somebody chose is the only one',
      { domains: [domain({ mode: 'zone', challenge: 'tls-alpn-01' })] },
      ['a.example.com'],
      { 'a.example.com': 'acme a.example.com tls-alpn-01' },
    ],
    [
      'what somebody gave, for its names in the domain and no others',
      { hasAcme: false, domains: [domain({ certificate: 'own', own_certificate_id: 'crt_1' })] },
      ['a.example.com', 'example.com', 'a.b.example.com'],
      { crt_1: 'own *.example.com+example.com crt_1', 'a.b.example.com': 'local a.b.example.com' },
    ],
    [
      'not what somebody gave before the domain is proved',
      { domains: [domain({ certificate: 'own', own_certificate_id: 'crt_1', verified_unix_ms: null })] },
      ['a.example.com'],
      { 'a.example.com': 'local a.example.com' },
    ],
    [
      'the nearest domain decides',
      { domains: [domain(), domain({ id: 'dom_2', name: 'b.example.com', certificate: 'local' })] },
      ['a.b.example.com'],
      { 'a.b.example.com': 'local a.b.example.com' },
    ],
    [
      'a verified domain below the portal has its own',
      { domains: [domain({ name: 'team.portal.test' })] },
      ['team.portal.test'],
      { 'team.portal.test': `acme team.portal.test ${any}` },
    ],
  ];
  for (const [name, facts, hosts, expected] of cases)
    test(name, () => assert.deepEqual(wishesOf(facts, ...hosts), expected));
});
