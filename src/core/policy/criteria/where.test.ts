import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpAddress } from '../../../base/index.ts';
import { ADA, asked, GUEST, HOLDER, problemOf, requestWith } from '../../../testing/policy-asking.ts';
import type { ClientCertificate, PolicyContext } from '../context.ts';
import type { NamedLists } from '../lists.ts';

const BERLIN = requestWith({ place: { country: 'DE', continent: 'EU', asn: 3320 } });
const LIMA = requestWith({ place: { country: 'PE', continent: 'SA', asn: 6147 } });
const HALF = requestWith({ place: { country: 'DE' } });
const NOWHERE = requestWith();
const from = (address: string): PolicyContext => requestWith({ clientAddress: parseIpAddress(address) });
const bearing = (fields: Readonly<Record<string, string>>): PolicyContext =>
  requestWith({ header: (name) => fields[name] });
const on = (device: PolicyContext['device']): PolicyContext => requestWith({ device });
const CERTIFICATE: ClientCertificate = {
  fingerprint: 'ab'.repeat(32),
  authorityId: 'ca-1',
  commonName: 'laptop-7',
  emails: ['ada@example.com'],
};
const holding = (changes: Partial<ClientCertificate> = {}): PolicyContext =>
  requestWith({ certificate: { ...CERTIFICATE, ...changes } });

type Row = readonly [
  name: string,
  config: unknown,
  holds: PolicyContext[],
  fails: PolicyContext[],
  unknown: PolicyContext[],
];

test('criteria over the request', () => {
  const table: Row[] = [
    ['country', ['DE', 'AT'], [BERLIN, HALF], [LIMA], [NOWHERE]],
    ['continent', ['EU'], [BERLIN], [LIMA], [NOWHERE, HALF]],
    ['asn', [3320], [BERLIN], [LIMA], [NOWHERE, HALF]],
    ['ip', ['10.0.0.0/8'], [from('10.1.1.1')], [from('8.8.8.8')], [NOWHERE]],
    ['header', { name: 'x-team' }, [bearing({ 'x-team': '' })], [bearing({})], []],
    [
      'header',
      { name: 'x-team', values: ['a', 'b'] },
      [bearing({ 'x-team': 'b' })],
      [bearing({ 'x-team': 'a, b' }), bearing({})],
      [],
    ],
    ['device', { os: ['windows', 'macos'] }, [on({ os: 'macos' })], [on({ os: 'ios' })], [on({ kind: 'phone' })]],
    [
      'device',
      { kind: ['desktop'], browser: ['firefox'] },
      [on({ kind: 'desktop', browser: 'firefox' })],
      [on({ kind: 'phone' }), on({ kind: 'desktop', browser: 'edge' })],
      [on({ kind: 'desktop' }), on({})],
    ],
    ['certificate', true, [holding()], [NOWHERE], []],
    ['certificate', { authorities: ['ca-1'] }, [holding()], [NOWHERE, holding({ authorityId: 'ca-2' })], []],
    ['certificate', { emails: ['*@example.com'] }, [holding()], [NOWHERE, holding({ emails: [] })], []],
    [
      'certificate',
      { commonNames: ['laptop-7'], fingerprints: ['ab'.repeat(32)] },
      [holding()],
      [NOWHERE, holding({ commonName: 'laptop-8' }), holding({ fingerprint: 'cd'.repeat(32) })],
      [],
    ],
  ];
  for (const [name, config, holds, fails, unknown] of table) {
    const of = `${name} ${JSON.stringify(config)}`;
    for (const context of holds) assert.equal(asked(name, config, context), 'true', of);
    for (const context of fails) assert.equal(asked(name, config, context), 'false', of);
    for (const context of unknown) assert.equal(asked(name, config, context), 'unknown', of);
  }
});

test('a named list is asked what it is of', () => {
  const lists: NamedLists = {
    office: { kind: 'addresses', entries: ['192.0.2.0/24', 'private'] },
    eu: { kind: 'countries', entries: ['DE', 'FR'] },
    carrier: { kind: 'asns', entries: [3320] },
    partners: { kind: 'emails', entries: ['*@example.com'] },
    admins: { kind: 'users', entries: ['ada'] },
  };
  const ask = (names: string[], context: PolicyContext, subject = undefined as typeof ADA | undefined) =>
    asked('list', names, context, subject, lists);
  assert.equal(ask(['office'], from('192.0.2.9')), 'true');
  assert.equal(ask(['office'], from('192.0.3.9')), 'false');
  assert.equal(ask(['office'], NOWHERE), 'unknown');
  assert.equal(ask(['eu'], BERLIN), 'true');
  assert.equal(ask(['carrier'], LIMA), 'false');
  assert.equal(ask(['eu', 'office'], BERLIN), 'true');
  assert.equal(ask(['eu', 'office'], LIMA), 'unknown');
  assert.equal(ask(['partners'], NOWHERE), 'unknown-until-signed-in');
  assert.equal(ask(['partners'], NOWHERE, ADA), 'true');
  assert.equal(ask(['partners'], NOWHERE, GUEST), 'true');
  assert.equal(ask(['partners'], NOWHERE, HOLDER), 'false');
  assert.equal(ask(['admins'], NOWHERE, ADA), 'true');
  assert.equal(ask(['admins'], NOWHERE, GUEST), 'false');
  assert.equal(ask(['missing'], BERLIN, ADA), 'unknown');
  assert.equal(ask(['missing', 'eu'], BERLIN, ADA), 'true');
  assert.equal(ask(['constructor'], BERLIN, ADA), 'unknown');
});

test('what they do not take', () => {
  const table: [name: string, config: unknown, problem: RegExp][] = [
    ['country', ['de'], /two capitals/],
    ['country', ['DEU'], /two capitals/],
    ['continent', ['Europe'], /one of AF/],
    ['asn', ['AS3320'], /^asn\[0\]: a whole number/],
    ['asn', [0], /a whole number/],
    ['asn', [], /a list of 1/],
    ['header', { name: 'X-Team' }, /lower case/],
    ['header', { name: 'x team' }, /the name of a header/],
    ['header', { name: 'cookie' }, /neither judges nor writes/],
    ['header', { name: 'x_forwarded_for' }, /neither judges nor writes/],
    ['header', { name: 'remote-user' }, /neither judges nor writes/],
    ['device', {}, /at least one/],
    ['device', { os: ['beos'] }, /one of windows/],
    ['certificate', false, /true, or an object/],
    ['certificate', {}, /at least one/],
    ['certificate', { fingerprints: ['AB:CD'] }, /64 hexadecimal/],
  ];
  for (const [name, config, problem] of table) assert.match(problemOf(name, config), problem);
});
