// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** A whole control node over HTTPS: first start, enrolment, publication, sign-in, revocation, restart. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBase64Url, toBase64, toBase64Url } from '../base/index.ts';
import { decodeSiteGrant, verifyDocument } from '../core/link/index.ts';
import { overlayAddress } from '../core/overlay/index.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import { controlWithPop } from '../testing/control-with-pop.ts';
import type { PopWorld } from '../testing/control-world.ts';

const crypto = new NodeSessionCrypto();
const signing = createSigningPort(crypto);
const newKey = () => toBase64(crypto.bytes(32));
const newSigningKey = () => toBase64Url(crypto.generateKeyPair().publicKey);
let pop: PopWorld;

const world = controlWithPop((one) => {
  pop = one;
});

const internal = (path: string, body: unknown) => world.call('POST', `/internal/v1${path}`, body, pop.headers);
const client = { clientAddress: '192.0.2.7', userAgent: 'test' };

test('the files of the data directory are for their owner, but for the CA certificate', () => {
  const modes = ['control.sqlite', 'api-token', 'listener.json', 'node.json', 'ca.pem'].map(
    (file) => [file, (statSync(join(world.dataDir, file)).mode & 0o777).toString(8)] as const,
  );
  assert.deepEqual(Object.fromEntries(modes), {
    'control.sqlite': '600',
    'api-token': '600',
    'listener.json': '600',
    'node.json': '600',
    'ca.pem': '644',
  });
});

test('a PoP learns the installation, itself, its certificate and the key of control', async () => {
  // Its own record may come in a delta after the first snapshot.
  await pop.until(() => pop.find('pop', pop.enrolled.popId) !== undefined);
  const records = [...(pop.state?.records.keys() ?? [])].map((key) => key.split('/')[0]);
  assert.deepEqual([...new Set(records)].sort(), [
    'certificate',
    'control',
    'installation',
    'organisation',
    'pop',
    'ticketSecret',
    'user',
  ]);
  const installation = pop.find('installation', 'installation');
  assert.deepEqual([installation?.portalHost, installation?.publicPort], ['manis.localhost', 8443]);
  const certificate = pop.find('certificate', 'manis.localhost');
  assert.deepEqual(certificate?.hosts, ['manis.localhost', '*.manis.localhost']);
  const leaf = new X509Certificate(certificate?.chainPem ?? '');
  assert.ok(leaf.checkHost('app.manis.localhost') && leaf.checkHost('manis.localhost') && !leaf.checkHost('localhost'));
  assert.ok(leaf.verify(new X509Certificate(readFileSync(world.control.caFile)).publicKey));
  assert.equal(pop.find('pop', pop.enrolled.popId)?.name, 'ams');
  assert.ok(
    !JSON.stringify([...(pop.state?.records.values() ?? [])]).includes('argon2'),
    'no secret of a user travels',
  );
});

test('a change reaches a connected PoP as a delta within 100 ms', async (t) => {
  const from = pop.messages.length;
  const started = performance.now();
  const { id } = await world.must('POST', '/roles', { name: 'quick' });
  await world.must('POST', '/users', { email: 'quick@example.org', name: 'Quick', roles: ['quick'] });
  const committed = performance.now();
  await pop.until(() => [...(pop.state?.ofKind('user') ?? [])].some((user) => user.email === 'quick@example.org'));
  const tookMs = performance.now() - committed;
  t.diagnostic(`${tookMs.toFixed(1)} ms after the answer, ${(performance.now() - started).toFixed(1)} ms in all`);
  assert.ok(tookMs < 100);
  assert.ok(pop.messages.slice(from).every((message) => message.type !== 'snapshot'));
  await world.must('DELETE', `/roles/${id}`);
  await pop.until(() => [...(pop.state?.ofKind('user') ?? [])].every((user) => !user.roles.includes('quick')));
});

test('a PoP that lost its way gets the whole, and again a delta after that', async () => {
  const wholes = () => pop.messages.filter((message) => message.type === 'snapshot').length;
  const before = wholes();
  pop.client.send({ type: 'resync', reason: 'state-hash-differs' });
  await pop.until(() => wholes() === before + 1);
  await world.must('POST', '/roles', { name: 'after-resync' });
  await pop.until(() => pop.state?.version.revision === world.control.version()?.revision);
  assert.equal(wholes(), before + 1);
});

test('a connector enrols once, and its grant names PoPs and targets and is signed up to the root key', async () => {
  const site = await world.must('POST', '/sites', { name: 'office' });
  const then = { kind: 'authenticate', anyOf: 'signed-in' };
  const rule = { id: 'r', name: 'all', enabled: true, when: { all: [] }, then };
  const policy = { rules: [rule] };
  const resource = await world.must('POST', '/resources', {
    name: 'Wiki',
    host: 'wiki.manis.localhost',
    policy,
    targets: [{ siteId: site.id, url: 'http://127.0.0.1:3000' }],
  });
  const { token } = await world.must('POST', `/sites/${site.id}/enrolment-tokens`);
  const wireguardKey = newKey();
  const enrol = (change: object = {}) =>
    world.call('POST', '/enrol/v1/connector', { token, wireguardKey, name: 'c1', ...change });
  const first = await enrol();
  assert.equal(first.status, 201);
  const rootKey = fromBase64Url(first.body.rootKey) ?? new Uint8Array();
  assert.equal(first.body.rootKey, pop.enrolled.rootKey);
  assert.ok(verifyDocument('manis site grant v1', first.body.grant, rootKey, Date.now(), signing).ok);
  const grant = decodeSiteGrant(first.body.grant.payload);
  assert.ok(grant.ok);
  assert.deepEqual(
    grant.value.targets.map(({ overlayPort, host, port }) => [overlayPort, host, port]),
    [[1024, '127.0.0.1', 3000]],
  );
  assert.deepEqual(
    grant.value.pops.map(({ id }) => id),
    [pop.enrolled.popId],
  );

  assert.deepEqual(
    [(await enrol()).body.code, (await enrol({ wireguardKey: newKey() })).body.code],
    ['enrolment-token-used', 'enrolment-token-used'],
  );
  const second = await world.must('POST', `/sites/${site.id}/enrolment-tokens`);
  assert.equal((await enrol({ token: second.token })).body.code, 'enrolment-key-taken');
  assert.equal(
    (await enrol({ token: second.token, wireguardKey: newKey() })).status,
    201,
    'a refused try spends nothing',
  );

  await pop.until(() => pop.find('connector', first.body.connectorId) !== undefined);
  const record = pop.find('connector', first.body.connectorId);
  const key = Buffer.from(wireguardKey, 'base64');
  assert.equal(record?.overlayAddress, overlayAddress(key, (bytes) => crypto.sha256(bytes)).text);
  assert.deepEqual(
    pop.find('resource', resource.id)?.targets.map((target) => target.overlayPort),
    [1024],
  );
  await world.must('DELETE', `/connectors/${first.body.connectorId}`);
  await pop.until(() => pop.find('connector', first.body.connectorId) === undefined);
});

test('enrolment is refused for a reason that has a code', async () => {
  const location = { name: 'Oslo', latitude: 59.9, longitude: 10.7 };
  const token = (await world.must('POST', '/pops/enrolment-tokens', { name: 'osl', location })).token as string;
  const short = await world.must('POST', '/pops/enrolment-tokens', { name: 'late', location, lifetimeMs: 1000 });
  const good = {
    token,
    wireguardKey: newKey(),
    signingKey: newSigningKey(),
    udpEndpoints: ['[::1]:1'],
    httpsEndpoints: ['a.example:443'],
  };
  const cases: [code: string, status: number, change: object][] = [
    ['enrolment-token-unknown', 403, { token: 'mnp_nonsense' }],
    ['enrolment-key-invalid', 400, { wireguardKey: 'AAAA' }],
    ['enrolment-key-invalid', 400, { wireguardKey: toBase64(new Uint8Array(32)) }],
    ['enrolment-key-invalid', 400, { signingKey: 'nonsense' }],
    ['enrolment-key-taken', 409, { wireguardKey: pop.find('pop', pop.enrolled.popId)?.wireguardKey }],
    ['enrolment-key-taken', 409, { signingKey: pop.find('pop', pop.enrolled.popId)?.signingKey }],
    ['request-invalid', 400, { udpEndpoints: ['::1:51820'] }],
    ['request-invalid', 400, { httpsEndpoints: ['host'] }],
    ['request-invalid', 400, { token: undefined }],
    ['request-invalid', 400, { wireguardKey: 7 }],
  ];
  for (const [code, status, change] of cases) {
    const answer = await world.call('POST', '/enrol/v1/pop', { ...good, ...change });
    assert.deepEqual([answer.body.code, answer.status], [code, status], JSON.stringify(change));
    assert.match(String(answer.headers['content-type']), /application\/problem\+json/);
  }
  const connector = { token, wireguardKey: newKey(), name: 'x' };
  assert.equal(
    (await world.call('POST', '/enrol/v1/connector', connector)).body.code,
    'enrolment-token-unknown',
    'a token of the other kind',
  );
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, short.expiresUnixMs - Date.now()) + 5));
  assert.equal(
    (await world.call('POST', '/enrol/v1/pop', { ...good, token: short.token })).body.code,
    'enrolment-token-expired',
  );
  const anywhere = { ...good, httpsEndpoints: ['0.0.0.0:443', '[::]:8443', 'a.example:443'] };
  const enrolled = await world.call('POST', '/enrol/v1/pop', anywhere);
  assert.equal(enrolled.status, 201, 'the token is still good');
  assert.deepEqual(
    (await world.must('GET', `/pops/${enrolled.body.popId}`)).httpsEndpoints,
    ['127.0.0.1:443', '127.0.0.1:8443', 'a.example:443'],
    'a PoP that listens everywhere is reached where it was seen',
  );
});

test('the set-up link makes the first admin, once', async () => {
  const { setUp } = world.control;
  assert.equal(setUp?.email, 'admin@manis.localhost');
  const token = setUp?.token ?? '';
  const read = await world.call('GET', `/internal/v1/set-up/${token}`, undefined, pop.headers);
  assert.equal(read.body.email, 'admin@manis.localhost');
  for (const password of ['short', 'password1234', 'admin@manis.localhost', 'aaaaaaaaaaaa', '12345678901'])
    assert.equal((await internal('/set-up', { token, password, ...client })).body.code, 'password-weak', password);
  const done = await internal('/set-up', { token, password: 'a long and quiet river', ...client });
  assert.equal(done.status, 200);
  assert.equal(done.body.user.email, 'admin@manis.localhost');
  assert.equal(
    (await internal('/set-up', { token, password: 'a long and quiet river', ...client })).body.code,
    'set-up-unknown',
  );
  assert.equal((await world.call('GET', `/internal/v1/set-up/${token}`, undefined, pop.headers)).status, 404);
});

test('sign-in, the API by cookie, sign-out, and the revocation at the PoP', async (t) => {
  const signedIn = await internal('/sign-in', {
    email: 'ADMIN@manis.localhost',
    password: 'a long and quiet river',
    ...client,
  });
  assert.equal(signedIn.status, 200);
  const { token, sessionId } = signedIn.body;
  const cookie = `__Host-manis_portal=${token}`;
  const me = (headers: Record<string, string>, method = 'GET', path = '/me') =>
    world.call(method, `/api/v1${path}`, undefined, headers);
  assert.equal((await me({ cookie })).body.email, 'admin@manis.localhost');
  assert.equal((await me({ cookie })).body.sessionId, sessionId);
  const renewed = await internal('/sessions/renew', { token });
  assert.equal(renewed.body.sessionId, sessionId);

  const unsafe: [headers: Record<string, string>, code: string | undefined][] = [
    [{}, 'origin-refused'],
    [{ origin: 'https://evil.example' }, 'origin-refused'],
    [{ origin: 'https://manis.localhost:8443', 'sec-fetch-site': 'same-site' }, 'origin-refused'],
    [{ origin: 'https://app.manis.localhost:8443', 'sec-fetch-site': 'same-site' }, 'origin-refused'],
    [{ origin: 'https://app.manis.localhost:8443' }, 'origin-refused'],
    [{ origin: 'null' }, 'origin-refused'],
    [{ 'sec-fetch-site': 'cross-site' }, 'origin-refused'],
    [{ 'sec-fetch-site': 'same-origin' }, 'not-found'],
    [{ origin: 'https://manis.localhost:8443' }, 'not-found'],
  ];
  for (const [headers, code] of unsafe)
    assert.equal(
      (await me({ cookie, ...headers }, 'DELETE', '/sites/sit_none')).body.code,
      code,
      JSON.stringify(headers),
    );

  const judged = pop.judgedSession(signedIn.body.user.id);
  const byPop = `__Host-manis_portal=${judged.token}`;
  assert.equal((await me({ cookie: byPop })).body.code, 'authentication-failed', "a PoP's word opens no API");
  assert.equal((await internal('/sessions/renew', { token: judged.token })).body.code, 'session-ended');
  assert.equal((await internal('/sign-out', { token: judged.token })).status, 204);
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === judged.claims.id));

  const started = performance.now();
  assert.equal((await internal('/sign-out', { token, clientAddress: '192.0.2.7' })).status, 204);
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === sessionId));
  t.diagnostic(`revoked at the PoP after ${(performance.now() - started).toFixed(1)} ms`);
  assert.equal((await me({ cookie })).body.code, 'authentication-failed');
  assert.equal((await internal('/sessions/renew', { token })).body.code, 'session-ended');
  assert.equal((await internal('/sign-out', { token })).status, 204, 'signing out twice is no error');
  const [status] = (await world.must('GET', '/status')).pops;
  assert.deepEqual([status.connected, status.revocationsApplied], [true, pop.revocations.position]);
});

test('a session that stands alone ends at every PoP when its holder signs out', async () => {
  const held = pop.heldSession('crd_1', 'res_1', 'app.manis.localhost');
  const signOut = (resource: object, token = held.token) => internal('/sign-out', { token, resource });
  const isTold = () => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === held.claims.id);
  const forged = held.token.slice(0, -8) + 'A'.repeat(8);
  for (const [resource, token] of [
    [{ id: 'res_2', host: 'app.manis.localhost' }, held.token],
    [{ id: 'res_1', host: 'other.manis.localhost' }, held.token],
    [{ id: 'res_1', host: 'app.manis.localhost' }, forged],
  ] as const)
    assert.equal((await signOut(resource, token)).status, 204);
  assert.equal((await internal('/sign-out', { token: held.token })).status, 204);
  const other = pop.judgedSession('usr_nobody');
  await internal('/sign-out', { token: other.token });
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === other.claims.id));
  assert.ok(!isTold(), 'a token says nothing at another place than its own');
  await signOut({ id: 'res_1', host: 'app.manis.localhost' });
  await pop.until(isTold);
  const [event] = (await world.must('GET', '/audit?limit=1')).items;
  assert.partialDeepStrictEqual(event, { action: 'sign-out', actor: 'credential:crd_1', subject: held.claims.id });
});

test('a wrong password and an unknown address look the same, and neither is granted for ever', async () => {
  const refused = await internal('/sign-in', { email: 'admin@manis.localhost', password: 'wrong password', ...client });
  const unknown = await internal('/sign-in', { email: 'nobody@example.org', password: 'wrong password', ...client });
  const bare = ({ requestId: _id, ...rest }: Record<string, unknown>) => rest;
  assert.deepEqual(bare(refused.body), bare(unknown.body));
  assert.deepEqual([refused.status, refused.body.code], [401, 'sign-in-refused']);
  const codes: string[] = [];
  for (let i = 0; i < 10; i++) {
    const answer = await internal('/sign-in', {
      email: 'nobody@example.org',
      password: 'x',
      ...client,
      clientAddress: `192.0.2.${i}`,
    });
    codes.push(answer.body.code);
    if (answer.status === 429) {
      assert.ok(answer.body.retryAfterMs > 0);
      assert.ok(Number(answer.headers['retry-after']) > 0);
    }
  }
  assert.deepEqual(codes, [...Array(9).fill('sign-in-refused'), 'sign-in-rate-limited']);
  for (let i = 0; i < 5; i++) await internal('/sign-in', { email: 'nobody@example.org', password: 'x', ...client });
  const { items } = await world.must('GET', '/audit?limit=200');
  const limited = items.filter((item: { outcome: string }) => item.outcome === 'rate-limited');
  assert.equal(limited.length, 1, 'going on trying does not fill the audit');
});

test('a PoP names the request and the client that it passes on; nobody else may', async () => {
  const told = { 'x-manis-request-id': 'request-1', 'x-manis-client-address': '203.0.113.5' };
  const authorization = `Bearer ${world.apiToken}`;
  const add = (name: string, headers: Record<string, string>) =>
    world.call('POST', '/api/v1/roles', { name }, { authorization, ...told, ...headers });
  assert.deepEqual([(await add('by-pop', pop.headers)).status, (await add('by-anybody', {})).status], [201, 201]);
  const { items } = await world.must('GET', '/audit?limit=2');
  const addresses = items.map((item: { clientAddress: string }) => item.clientAddress);
  assert.deepEqual(addresses, ['127.0.0.1', '203.0.113.5']);
  assert.equal((await add('by-pop', pop.headers)).body.requestId, 'request-1');
  assert.notEqual((await add('by-pop', {})).body.requestId, 'request-1');
});

test('what is only for PoPs needs a link that lives', async () => {
  const body = { email: 'a@b.c', password: 'x', ...client };
  const [popId] = pop.headers['x-manis-link']?.split('.') ?? [];
  for (const headers of [
    {},
    { 'x-manis-link': '' },
    { 'x-manis-link': 'nonsense' },
    { 'x-manis-link': `${popId}.wrong` },
  ]) {
    const answer = await world.call('POST', '/internal/v1/sign-in', body, headers as Record<string, string>);
    assert.deepEqual([answer.status, answer.body.code], [403, 'link-required']);
  }
  for (const wrong of [{}, { ...body, email: 7 }, { ...body, password: '' }, { ...body, extra: 1 }, 'not json'])
    assert.equal((await world.call('POST', '/internal/v1/sign-in', wrong, pop.headers)).status, 400);
});

test('a sign-in that a PoP judged while control was away is in the audit as one', async () => {
  const actions: [reason: string, action: string][] = [
    ['signed-in-without-control', 'sign-in'],
    ['refused-without-control', 'sign-in.refuse'],
    ['constructor', 'request'],
  ];
  const stored = () => pop.messages.flatMap((message) => (message.type === 'auditStored' ? message.ids : []));
  const events = actions.map(([reason]) => ({
    ...{ id: `judged-${reason}`, unixMs: Date.now(), requestId: `judged-${reason}`, resourceId: null, ruleId: null },
    ...{ userId: 'usr_1', clientAddress: '192.0.2.1', method: 'POST', host: 'manis.localhost' },
    ...{ path: '/sign-in/passkey', outcome: 'allow' as const, reason, status: 303 },
  }));
  pop.client.send({ type: 'audit', events });
  await pop.until(() => events.every(({ id }) => stored().includes(id)));
  const { items } = await world.must('GET', '/audit?limit=200');
  const told = (reason: string) =>
    items.find(({ detail }: { detail: { reason?: string } }) => detail.reason === reason);
  for (const [reason, action] of actions)
    assert.partialDeepStrictEqual(told(reason), { action, actor: 'user:usr_1', source: pop.enrolled.popId });
});

test('audit events of a PoP are stored once and acknowledged, and secrets are nowhere', async () => {
  const event = {
    id: 'evt-1',
    unixMs: Date.now(),
    requestId: 'q',
    resourceId: null,
    userId: null,
    clientAddress: '192.0.2.1',
    method: 'GET',
    host: 'wiki',
    path: '/',
    outcome: 'deny' as const,
    reason: 'no-rule-matched',
    ruleId: null,
    status: 403,
  };
  for (let i = 0; i < 2; i++) pop.client.send({ type: 'audit', events: [event] });
  const stored = () => pop.messages.flatMap((message) => (message.type === 'auditStored' ? message.ids : []));
  await pop.until(() => stored().filter((id) => id === event.id).length === 2);
  const { items } = await world.must('GET', '/audit?limit=200');
  const own = items.filter(({ detail }: { detail: { requestId?: string } }) => detail.requestId === event.requestId);
  assert.deepEqual(
    own.map(({ source }: { source: string }) => source),
    [pop.enrolled.popId],
  );
  const actions = new Set(items.map((item: { action: string }) => item.action));
  for (const action of [
    'set-up',
    'sign-in',
    'sign-in.refuse',
    'sign-out',
    'pop.enrol',
    'connector.enrol',
    'resource.add',
  ])
    assert.ok(actions.has(action), action);
  const everything = JSON.stringify(items) + world.logLines.join('\n');
  for (const secret of ['quiet river', 'wrong password', world.apiToken, 'argon2', 'mnp_', 'mnc_', 'mns_'])
    assert.ok(!everything.includes(secret), secret);
});

test('after a restart PoPs come back, limits hold, and the set-up link of a finished set-up stays gone', async () => {
  const before = pop.state?.version;
  const port = world.control.port;
  await world.stop();
  await world.start({ listen: { host: '127.0.0.1', port } });
  assert.equal(world.control.setUp, null);
  await pop.until(() => pop.link !== null && (pop.state?.version.revision ?? 0) > (before?.revision ?? 0));
  const answer = await internal('/sign-in', { email: 'nobody@example.org', password: 'x', ...client });
  assert.equal(answer.body.code, 'sign-in-rate-limited');
});

test('a store that was restored from a backup starts a new epoch, and PoPs take it', async () => {
  const port = world.control.port;
  await world.stop();
  const copy = join(world.dataDir, 'backup');
  copyFileSync(join(world.dataDir, 'control.sqlite'), copy);
  await world.start({ listen: { host: '127.0.0.1', port } });
  await world.must('POST', '/roles', { name: 'lost-in-the-restore' });
  await pop.until(() => pop.state?.version.revision === world.control.version()?.revision);
  await world.stop();
  writeFileSync(join(world.dataDir, 'control.sqlite'), readFileSync(copy));
  await world.start({ listen: { host: '127.0.0.1', port } });
  assert.equal(world.control.version()?.epoch, 2);
  await pop.until(() => pop.state?.version.epoch === 2);
});

test('a PoP that is revoked is cut, stays out, and its key is revoked at the others', async () => {
  const other = await world.addPop('fra');
  await world.must('DELETE', `/pops/${pop.enrolled.popId}`);
  await other.until(() => other.entries.some((entry) => entry.kind === 'key' && entry.keyId === pop.enrolled.popId));
  await other.until(() => other.find('pop', pop.enrolled.popId) === undefined);
  await pop.until(() => pop.link === null);
  const refused = () => world.logLines.some((line) => line.includes('pop-unknown'));
  while (!refused()) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(pop.link, null);
});
