import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import {
  decodeConnectorEnrolmentResponse,
  decodeConnectorToPop,
  decodeControlToPop,
  decodePopEnrolmentResponse,
  decodePopToConnector,
  decodePopToControl,
  decodePopToPop,
  decodeSiteGrant,
  decodeSnapshotHeader,
  encodeMessage,
} from './codec.ts';
import { MAX_MESSAGE_DEPTH, MAX_POP_FRAME_CHARS } from './constants.ts';
import type { ConnectorToPop, ControlToPop, PopToConnector, PopToControl, PopToPop } from './messages.ts';
import type { LinkRecord } from './records.ts';

const delegation = { controlId: 'ctl_1', signingKey: 'a'.repeat(43), notAfterUnixMs: 9e12, signature: 's'.repeat(86) };
const signed = { payload: '{}', keyId: 'ctl_1', signature: 's'.repeat(86), delegation };
const version = { epoch: 1, revision: 7 };
const position = { epoch: 1, sequence: 3 };
const location = { name: 'Amsterdam', latitude: 52.4, longitude: 4.9 };
const popFields = {
  id: 'pop_1',
  name: 'ams',
  location,
  wireguardKey: 'k',
  overlayAddress: 'fd6d:616e:6973::1',
  udpEndpoints: ['127.0.0.1:51820'],
  httpsEndpoints: ['[::1]:8443'],
};

const records: LinkRecord[] = [
  {
    kind: 'installation',
    id: 'installation',
    organisationId: 'org_1',
    organisationName: 'Manis',
    portalHost: 'manis.localhost',
    publicPort: 8443,
    sessionIdleMs: 1,
    sessionAbsoluteMs: 2,
    stalenessMs: 3,
  },
  { kind: 'control', id: 'ctl_1', signingKey: 'a' },
  { kind: 'pop', ...popFields, signingKey: 'a' },
  { kind: 'pop', ...popFields, signingKey: 'a', draining: true },
  {
    ...{ kind: 'device', id: 'dev_1', name: 'd', siteId: 'sit_1', wireguardKey: 'k', overlayAddress: '100.96.1.0' },
    targets: [{ id: 'tgt_1', address: '192.168.1.10', port: 80 }],
  },
  { kind: 'connector', id: 'con_1', name: 'c', siteId: 'sit_1', wireguardKey: 'k', overlayAddress: 'fd6d::1' },
  {
    kind: 'resource',
    id: 'res_1',
    name: 'wiki',
    host: 'wiki.manis.localhost',
    enabled: true,
    policy: { rules: [] },
    targets: [
      {
        id: 'tgt_1',
        siteId: 'sit_1',
        overlayPort: 1024,
        scheme: 'https',
        hostHeader: 'wiki',
        tls: { serverName: 'wiki', verify: true },
        priority: 0,
        weight: 1,
      },
    ],
  },
  {
    ...{ kind: 'streamResource', id: 'res_2', organisationId: 'org_1', name: 'Database', enabled: true },
    listen: { transport: 'tcp', first: 5432, last: 5432 },
    policy: { rules: [] },
    targets: [{ id: 'tgt_2', siteId: 'sit_1', overlayPort: 1025, priority: 0, weight: 1 }],
    proxyProtocol: { from: ['10.0.0.0/8'], to: 2 },
  },
  {
    ...{
      kind: 'streamResource',
      id: 'res_3',
      organisationId: 'org_1',
      name: 'Names',
      enabled: true,
      host: 'dns.example.com',
    },
    listen: { transport: 'udp', first: 53, last: 54, idleMs: 30_000 },
    policy: { rules: [] },
    targets: [],
  },
  {
    ...{
      kind: 'streamResource',
      id: 'res_4',
      organisationId: 'org_1',
      name: 'Mail',
      enabled: true,
      host: '*.example.com',
    },
    listen: { transport: 'tls' },
    policy: { rules: [] },
    targets: [],
  },
  { kind: 'user', id: 'usr_1', email: 'a@b.c', name: 'A', roles: ['admin'], disabled: false },
  {
    kind: 'user',
    id: 'usr_2',
    email: 'a@b.d',
    name: 'B',
    roles: [],
    disabled: false,
    passkeys: [{ id: 'credential', publicKey: 'cose' }],
    asksFactor: true,
  },
  {
    kind: 'identityProvider',
    ...{ id: 'idp_1', organisationId: 'org_1', name: 'okta', clientId: 'c', clientSecret: 's' },
    settings: {
      ...{ preset: 'okta', label: 'Okta', issuer: 'https://id.example', scopes: ['openid'], allowPrivate: false },
      ...{ userInfo: true, emailTrust: 'claim', domains: ['example.com'], linkDomains: [], defaultRoles: [] },
      ...{ provisioning: 'subject', mapping: { roles: 'groups' }, mfaValues: [], signOut: true, automatic: false },
    },
  },
  { kind: 'knownDevice', id: 'key-1', userId: 'usr_2', publicKey: 'spki', approved: true },
  { kind: 'certificate', id: 'crt_1', hosts: ['a'], chainPem: 'pem', keyPem: 'pem', notAfterUnixMs: 1 },
  { kind: 'siteGrant', id: 'sit_1', signed },
];

const fromControl: ControlToPop[] = [
  { type: 'challenge', controlId: 'ctl_1', nonce: 'n', delegation },
  { type: 'welcome', signature: 's', linkSecret: 'l', caPem: 'pem' },
  { type: 'snapshot', header: signed, records },
  {
    type: 'signIns',
    whole: true,
    put: [{ sessionId: 's', userId: 'usr_1', address: '192.0.2.1', atUnixMs: 1 }],
    remove: ['t'],
  },
  { type: 'delta', header: signed, put: records, remove: [{ kind: 'user', id: 'usr_2' }] },
  {
    type: 'revocations',
    position,
    entries: [
      { kind: 'session', sessionId: 's', userId: 'u', atUnixMs: 1, expiresAtUnixMs: 2 },
      { kind: 'user', userId: 'u', minimumEpoch: 2, atUnixMs: 1 },
      { kind: 'session', sessionId: 's', userId: 'guest:jörg@example.org', atUnixMs: 1, expiresAtUnixMs: 2 },
      { kind: 'credential', credentialId: 'c', minimumVersion: 2, atUnixMs: 1 },
      { kind: 'provider', providerId: 'p', sid: 's', atUnixMs: 1 },
      { kind: 'resource', resourceId: 'r', atUnixMs: 1 },
      { kind: 'key', keyId: 'k', atUnixMs: 1 },
    ],
  },
  { type: 'auditStored', ids: ['e1'] },
  { type: 'pops', heard: ['pop_1', 'pop_2'] },
  { type: 'draining' },
  { type: 'ping', unixMs: 5 },
];
const fromPop: PopToControl[] = [
  { type: 'prove', popId: 'pop_1', nonce: 'n', signature: 's', have: null, revocations: position, software: 'x' },
  { type: 'prove', popId: 'pop_1', nonce: 'n', signature: 's', have: version, revocations: position, software: 'x' },
  { type: 'applied', version },
  { type: 'resync', reason: 'state-hash-differs' },
  { type: 'revocationsApplied', position },
  {
    type: 'status',
    connectors: [
      { connectorId: 'con_1', state: 'up', path: 'udp', relayPopId: null, rttMs: 1.5, sinceUnixMs: 1, endpoint: null },
      {
        connectorId: 'con_2',
        state: 'up',
        path: 'relay',
        relayPopId: 'pop_2',
        rttMs: 9,
        sinceUnixMs: 1,
        endpoint: null,
        ...{ loss: 0.02, software: 'manis/0.1.0', isLinked: true },
      },
    ],
  },
  { type: 'status', connectors: [], draining: true, clockSkewMs: -86_400_000 },
  { type: 'status', connectors: [], load: { connections: 7, capacity: 100, cpu: 0.5, memoryBytes: 1e8 } },
  {
    type: 'audit',
    events: [
      {
        id: 'e1',
        unixMs: 1,
        requestId: 'q',
        resourceId: null,
        userId: 'usr_1',
        clientAddress: '::1',
        method: 'GET',
        host: 'h',
        path: '/',
        outcome: 'deny',
        reason: 'no-rule-matched',
        ruleId: null,
        status: 403,
        session: { id: 's1', epoch: 0, expiresUnixMs: 9, userAgent: 'x', providerId: 'idp', providerSid: 'sid' },
        signOut: { providerId: 'idp', sid: 'sid', subject: 'sub' },
      },
    ],
  },
  {
    type: 'targets',
    whole: true,
    status: [{ connectorId: 'con_1', targetId: 'tgt_1', state: 'unhealthy', reason: 'status-503', sinceUnixMs: 5 }],
  },
  { type: 'pong', unixMs: 5 },
];
const fromConnector: ConnectorToPop[] = [
  { type: 'hello', software: 'x', have: version },
  { type: 'targets', status: [{ targetId: 'tgt_1', state: 'healthy', reason: 'ok', sinceUnixMs: 5 }] },
  { type: 'draining', endsInMs: 30_000 },
];
const betweenPops: PopToPop[] = [
  { type: 'hello', popId: 'pop_1', software: 'manis/1' },
  {
    type: 'attached',
    sequence: 1,
    whole: true,
    put: [{ connectorId: 'con_1', rttMs: 1.5, draining: false }],
    remove: ['con_2'],
  },
  {
    type: 'report',
    sequence: 1,
    draining: false,
    load: { connections: 3, capacity: 10_000, cpu: 0.2 },
    hears: { put: ['pop_2'], remove: ['pop_3'] },
    prefixes: [{ prefix: '192.0.2.0/24', rttMs: 12.5, samples: 4 }],
  },
];
const toConnector: PopToConnector[] = [
  { type: 'grant', signed },
  {
    type: 'reach',
    whole: true,
    pops: [{ popId: 'pop_1', rttMs: 0, draining: false, utilisation: null, tunnels: 3 }],
    gone: [],
  },
];

const directions = [
  { name: 'control to PoP', decode: decodeControlToPop, messages: fromControl },
  { name: 'PoP to control', decode: decodePopToControl, messages: fromPop },
  { name: 'connector to PoP', decode: decodeConnectorToPop, messages: fromConnector },
  { name: 'PoP to connector', decode: decodePopToConnector, messages: toConnector },
  { name: 'PoP to PoP', decode: decodePopToPop, messages: betweenPops },
];

for (const { name, decode, messages } of directions) {
  for (const message of messages)
    test(`${name}: ${message.type} comes back as it was`, () => {
      const text = encodeMessage(message);
      assert.ok(!text.includes('\n'), 'one message is one line');
      assert.deepEqual(decode(text), { ok: true, value: message });
    });

  test(`${name}: without any one of its fields a message is refused, and the path names the field`, () => {
    for (const message of messages)
      for (const [path, without] of eachFieldRemoved(message)) {
        const decoded = decode(JSON.stringify(without));
        if (OPTIONAL.test(path) || `${message.type} ${path}` === 'status load') continue;
        assert.equal(decoded.ok, false, `${message.type} without ${path}`);
        if (!decoded.ok) assert.equal(decoded.path, path);
      }
  });

  test(`${name}: a field of another type is refused`, () => {
    for (const message of messages)
      for (const [path, without] of eachFieldRemoved(message, Symbol.for('replace')))
        if (!/\.(policy|roles|name)/.test(path)) assert.equal(decode(JSON.stringify(without)).ok, false, path);
  });
}

/** Fields that may be left out, list entries (a list of fewer is a list), and what core/policy judges. */
const OPTIONAL =
  /draining$|\.(loss|software|isLinked)$|^hears$|^prefixes$|\.sid$|clockSkewMs$|hostHeader$|\.tls$|serverName$|\[\d+\]$|\.policy\.|\.mapping\.|\.rules$|passkeys$|asksFactor$|\.proxyProtocol(\.\w+)?$|\.idleMs$|\[[89]\]\.host$|^streams$|\.session$|\.signOut$|\.(providerId|providerSid|sid|subject)$/;

test('what is not a message is refused by name', () => {
  const cases: [text: string, reason: string][] = [
    ['', 'not-json'],
    ['{', 'not-json'],
    ['null', 'unknown-type'],
    ['[]', 'unknown-type'],
    ['"applied"', 'unknown-type'],
    ['{}', 'unknown-type'],
    ['{"type":"nonsense"}', 'unknown-type'],
    ['{"type":"constructor"}', 'unknown-type'],
    ['{"type":"__proto__"}', 'unknown-type'],
    ['{"type":1}', 'unknown-type'],
    ['{"type":"applied"}', 'malformed-field'],
    ['{"type":"applied","version":{"epoch":1,"revision":-1}}', 'malformed-field'],
    ['{"type":"applied","version":{"epoch":1,"revision":1.5}}', 'malformed-field'],
    ['{"type":"applied","version":{"epoch":1,"revision":1e99}}', 'malformed-field'],
    ['{"type":"pong","__proto__":{"unixMs":1}}', 'malformed-field'],
    [`{"type":"resync","reason":"${'x'.repeat(1025)}"}`, 'malformed-field'],
    [`{"type":"resync","reason":"${'x'.repeat(MAX_POP_FRAME_CHARS)}"}`, 'too-long'],
    [`{"type":"pong","unixMs":1,"more":${'['.repeat(MAX_MESSAGE_DEPTH)}${']'.repeat(MAX_MESSAGE_DEPTH)}}`, 'too-deep'],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'too-deep'],
  ];
  for (const [text, reason] of cases) {
    const decoded = decodePopToControl(text);
    assert.equal(decoded.ok ? 'ok' : decoded.reason, reason, text.slice(0, 80));
  }
});

test('round trips and loads are not less than nothing', () => {
  const said = [...fromPop, ...toConnector, ...betweenPops].map((message) => ({
    message,
    lies: [...eachNumberNegated(message)],
  }));
  const lying = said.filter(({ lies }) => lies.length > 0);
  assert.deepEqual(
    lying.map(({ message }) => message.type),
    ['status', 'status', 'reach', 'attached', 'report'],
  );
  for (const { message, lies } of lying) {
    const decode = directions.find(({ messages }) => messages.some((one) => one === message))?.decode;
    for (const [path, lie] of lies) {
      const decoded = decode?.(JSON.stringify(lie));
      assert.equal(decoded?.ok === false && decoded.path, path);
    }
  }
});

describe('what nodes say of themselves is one line that every store takes', () => {
  const status = { state: 'up', path: 'udp', relayPopId: null, rttMs: 1, sinceUnixMs: 1 };
  const cases: [name: string, decode: (text: string) => { ok: boolean }, message: (text: string) => object][] = [
    [
      'software of a PoP',
      decodePopToControl,
      (software) => ({
        ...{ type: 'prove', popId: 'pop_1', nonce: 'n', signature: 's' },
        ...{ have: null, revocations: position, software },
      }),
    ],
    [
      'endpoint of a connector',
      decodePopToControl,
      (endpoint) => ({ type: 'status', connectors: [{ connectorId: 'con_1', ...status, endpoint }] }),
    ],
    ['reason of a PoP', decodePopToControl, (reason) => ({ type: 'resync', reason })],
    ['software of a connector', decodeConnectorToPop, (software) => ({ type: 'hello', software, have: null })],
    ['software between PoPs', decodePopToPop, (software) => ({ type: 'hello', popId: 'pop_1', software })],
  ];
  for (const [name, decode, message] of cases)
    test(name, () => {
      for (const text of ['manis/1', 'Zürich 🚲', ''])
        assert.equal(decode(JSON.stringify(message(text))).ok, true, JSON.stringify(text));
      for (const text of ['a\0', '\n', 'a\rb', '\u001b[2J', '\u007f', '\u0085', '\ud800', '\udc00a'])
        assert.equal(decode(JSON.stringify(message(text))).ok, false, JSON.stringify(text));
    });
});

test('fields that a newer peer adds are kept, since the state hash covers them', () => {
  const user = { kind: 'user', id: 'usr_1', email: 'a', name: 'A', roles: [], disabled: false, shoeSize: 43 };
  const decoded = decodeControlToPop(JSON.stringify({ type: 'delta', header: signed, put: [user], remove: [] }));
  assert.ok(decoded.ok && decoded.value.type === 'delta');
  assert.deepEqual(decoded.value.put, [user]);
});

test('signed payloads and enrolment documents are checked in the same way', () => {
  const header = { popId: 'pop_1', from: null, to: version, stateHash: 'h', issuedUnixMs: 1, expiresUnixMs: 2 };
  assert.deepEqual(decodeSnapshotHeader(JSON.stringify(header)), { ok: true, value: header });
  assert.equal(decodeSnapshotHeader(JSON.stringify({ ...header, to: null })).ok, false);
  const grant = {
    siteId: 'sit_1',
    version,
    pops: [popFields],
    targets: [{ id: 'tgt_1', overlayPort: 1024, host: 'h', port: 80 }],
  };
  assert.deepEqual(decodeSiteGrant(JSON.stringify(grant)), { ok: true, value: grant });
  for (const port of [0, 65536, 1.5, '80', null])
    assert.equal(decodeSiteGrant(JSON.stringify({ ...grant, targets: [{ ...grant.targets[0], port }] })).ok, false);
  const timing = { intervalMs: 5_000, unhealthyIntervalMs: 2_000, timeoutMs: 3_000 };
  const tcp = { kind: 'tcp', ...timing, healthyThreshold: 2, unhealthyThreshold: 3 };
  const request = { method: 'GET', path: '/', host: 'h', headers: { a: '1' }, expected: [{ from: 200, to: 399 }] };
  const http = { ...tcp, kind: 'http', ...request };
  const checked = (check: unknown) => JSON.stringify({ ...grant, targets: [{ ...grant.targets[0], check }] });
  for (const check of [tcp, http, { ...http, tls: { verify: false } }])
    assert.equal(decodeSiteGrant(checked(check)).ok, true, JSON.stringify(check));
  for (const check of [
    null,
    {},
    { ...tcp, kind: 'ping' },
    { ...tcp, intervalMs: 0 },
    { ...tcp, intervalMs: 1e12 },
    { ...tcp, healthyThreshold: 0 },
    { ...http, headers: [] },
    { ...http, headers: { a: 1 } },
    { ...http, expected: [{ from: 1, to: 399 }] },
    { ...http, tls: {} },
  ])
    assert.equal(decodeSiteGrant(checked(check)).ok, false, JSON.stringify(check));
  const answer = { popId: 'pop_1', name: 'n', location: { ...location, latitude: 91 }, rootKey: 'k', linkUrls: [] };
  assert.deepEqual(decodePopEnrolmentResponse(JSON.stringify(answer)), {
    ok: false,
    reason: 'malformed-field',
    path: 'location.latitude',
  });
  const connector = { connectorId: 'con_1', siteId: 'sit_1', rootKey: 'k', grant: signed };
  assert.deepEqual(decodeConnectorEnrolmentResponse(JSON.stringify(connector)), { ok: true, value: connector });
});

test('mangled text never throws', () => {
  const seed = testSeed(20_260_101);
  const random = new SeededRandom(seed);
  const next = (below: number): number => random.integer(0, below - 1);
  const texts = [...fromControl, ...fromPop, ...fromConnector, ...toConnector].map((message) =>
    JSON.stringify(message),
  );
  try {
    for (let round = 0; round < 4000; round++) {
      const source = texts[next(texts.length)] ?? '';
      const decode = directions[next(directions.length)]?.decode ?? decodePopToControl;
      assert.equal(typeof decode(mangle(source, next)).ok, 'boolean');
    }
  } catch (error) {
    console.error(`seed ${seed}`);
    throw error;
  }
});

function mangle(text: string, next: (below: number) => number): string {
  const at = next(text.length);
  const pieces = ['{', '}', '[', ']', '"', ',', ':', 'null', '1e400', '-0', '\u0000', '\ud800', '"__proto__":', '[[[['];
  switch (next(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + next(20));
    case 2:
      return text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at);
    default:
      return text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at + next(8));
  }
}

/** Every copy of `value` that lacks one field, or has something odd in its place, with the field's path. */
function* eachFieldRemoved(value: unknown, replace?: symbol, path = ''): Generator<[path: string, copy: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, field] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const odd = typeof field === 'object' && field !== null ? 'odd' : { odd: true };
    const rest = Object.entries(value).filter(([other]) => other !== key);
    const without = Array.isArray(value) ? value.filter((_, i) => i !== Number(key)) : Object.fromEntries(rest);
    if (replace) yield [here, Array.isArray(value) ? value.with(Number(key), odd) : { ...value, [key]: odd }];
    else yield [here, without];
    for (const [inner, copy] of eachFieldRemoved(field, replace, here))
      yield [inner, Array.isArray(value) ? value.with(Number(key), copy) : { ...value, [key]: copy }];
  }
}

/** Every copy of `value` that has one round trip or load below zero, with its path. */
function* eachNumberNegated(value: unknown, path = ''): Generator<[path: string, copy: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, field] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const put = (copy: unknown) => (Array.isArray(value) ? value.with(Number(key), copy) : { ...value, [key]: copy });
    if (/^(rttMs|cpu|utilisation)$/.test(key) && typeof field === 'number') yield [here, put(-field - 1)];
    for (const [inner, copy] of eachNumberNegated(field, here)) yield [inner, put(copy)];
  }
}
