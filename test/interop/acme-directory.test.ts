// heavy: our ACME adapter against Debian's pebble, with its faults on.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AcmeClientDirectory, type AcmeClientOptions } from '../../src/io/acme/acme-client-directory.ts';
import { renewalId } from '../../src/io/acme/renewal-info.ts';
import { issueLeaf, openLocalCa } from '../../src/io/certificates.ts';
import { createClock } from '../../src/io/clock.ts';
import { createRandom } from '../../src/io/random.ts';
import { ConnectProxy } from '../../src/testing/connect-proxy.ts';
import { PEBBLE_REQUIREMENTS, Pebble, type PebbleOptions } from '../lab/pebble.ts';
import { requireTools } from './requirements.ts';

const KEY = await import('acme-client').then(({ crypto }) => crypto.createPrivateEcdsaKey()).then(String);

async function start(t: TestContext, options: PebbleOptions = {}): Promise<Pebble | undefined> {
  if (!requireTools(t, PEBBLE_REQUIREMENTS)) return undefined;
  const pebble = await Pebble.start(options);
  t.after(() => pebble.stop());
  return pebble;
}

function directoryOf(t: TestContext, pebble: Pebble, more: Partial<AcmeClientOptions> = {}): AcmeClientDirectory {
  const directory = new AcmeClientDirectory({
    ...{ directoryUrl: pebble.directoryUrl, accountKeyPem: KEY, outbound: { ca: pebble.caPem } },
    ...{ clock: createClock(), userAgent: 'manis/test' },
    ...more,
  });
  t.after(() => directory.close());
  return directory;
}

const ACCOUNT = { contacts: ['ada@example.org'], termsAgreed: true };

/** Proves by DNS what the order asks for, and gives the chain. */
async function obtain(pebble: Pebble, directory: AcmeClientDirectory, names: readonly string[]): Promise<string> {
  let order = await directory.order(names, {});
  for (const authorization of await directory.authorizations(order.url)) {
    const challenge = authorization.challenges.find(({ kind }) => kind === 'dns-01');
    if (!challenge) throw new Error('DNS is not offered');
    await pebble.setTxt(`_acme-challenge.${authorization.name}`, await directory.proof(challenge));
    await directory.ready(challenge.url);
  }
  const key = await directory.newKey();
  for (let tries = 0; order.status !== 'valid' && tries < 200; tries++) {
    order = await directory.orderAt(order.url);
    assert.notEqual(order.status, 'invalid', order.error?.detail ?? '');
    if (order.status === 'ready') order = await directory.finalise(order.url, names, key);
    if (order.status !== 'valid') await sleep(20);
  }
  const chain = await directory.certificate(order.url);
  assert.ok(new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)));
  return chain;
}

test('a wildcard is issued though every other nonce is refused', async (t) => {
  const pebble = await start(t, { environment: { PEBBLE_WFE_NONCEREJECT: '40' } });
  if (!pebble) return;
  const directory = directoryOf(t, pebble);
  assert.deepEqual(await directory.facts(), {
    termsUrl: (await directory.facts()).termsUrl,
    needsBinding: false,
    profiles: [],
  });
  const first = await directory.openAccount(ACCOUNT);
  assert.equal(await directoryOf(t, pebble).openAccount(ACCOUNT), first, 'the key finds its account');
  const chain = await obtain(pebble, directoryOf(t, pebble, { accountUrl: first }), ['*.apps.example']);
  const leaf = new X509Certificate(chain);
  assert.equal(leaf.subjectAltName, 'DNS:*.apps.example');
  assert.match(renewalId(chain) ?? '', /^[\w-]+\.[\w-]+$/);
  assert.equal(await directory.renewalInfo(chain), undefined, 'this directory suggests no window');
});

test('an account is bound to one elsewhere where the directory asks for it', async (t) => {
  const key = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
  const pebble = await start(t, { externalAccounts: { 'kid-1': key } });
  if (!pebble) return;
  assert.ok((await directoryOf(t, pebble).facts()).needsBinding);
  await assert.rejects(directoryOf(t, pebble).openAccount(ACCOUNT), { code: 'acme-account-refused' });
  const bound = directoryOf(t, pebble, { binding: { keyId: 'kid-1', key } });
  assert.match(await bound.openAccount(ACCOUNT), /^https:/);
});

test('what went wrong is told by its name', async (t) => {
  const pebble = await start(t);
  if (!pebble) return;
  const directory = directoryOf(t, pebble);
  await assert.rejects(directory.openAccount({ contacts: [], termsAgreed: false }), (error: { code: string }) =>
    /acme-(account-)?refused/.test(error.code),
  );
  await directory.openAccount(ACCOUNT);
  await assert.rejects(directory.order(['not a name'], {}), { code: 'acme-refused' });
  await assert.rejects(directory.orderAt(pebble.directoryUrl.replace('/dir', '/my-order/nobody')), {
    code: 'acme-not-found',
  });
  await assert.rejects(directoryOf(t, pebble, { directoryUrl: 'http://127.0.0.1/dir' }).facts(), {
    code: 'acme-answer-malformed',
  });
  await assert.rejects(directoryOf(t, pebble, { outbound: {} }).facts(), { code: 'acme-unreachable' });
  await pebble.down();
  await assert.rejects(directory.order(['a.example'], {}), { code: 'acme-unreachable' });
  await pebble.restart();
  const gone = directory.order(['a.example'], {});
  await assert.rejects(gone, { code: 'acme-account-unknown' });
});

test('an authorisation that failed is told with its reason', async (t) => {
  const pebble = await start(t);
  if (!pebble) return;
  const directory = directoryOf(t, pebble);
  await directory.openAccount(ACCOUNT);
  const { url } = await directory.order(['a.example'], {});
  const [authorization] = await directory.authorizations(url);
  const challenge = authorization?.challenges.find(({ kind }) => kind === 'dns-01');
  await directory.ready(challenge?.url ?? '');
  let order = await directory.orderAt(url);
  for (let tries = 0; order.status === 'pending' && tries < 200; tries++) {
    await sleep(20);
    order = await directory.orderAt(url);
  }
  assert.equal(order.status, 'invalid');
  const [failed] = await directory.authorizations(url);
  const { error } = failed?.challenges.find(({ kind }) => kind === 'dns-01') ?? {};
  assert.equal(error?.type, 'unauthorized');
});

// A directory that a test plays, for what pebble does not do.
let played: { url: string; ca: string; answers: Map<string, [status: number, headers: object, body: string]> };
const cleanups: (() => unknown)[] = [];
after(() => Promise.all(cleanups.map((cleanup) => cleanup())));
before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-played-'));
  const random = createRandom();
  const ca = await openLocalCa(folder, Date.now(), random);
  const leaf = issueLeaf(ca, { dns: [], ip: ['127.0.0.1'] }, Date.now(), random);
  const answers: (typeof played)['answers'] = new Map();
  const server = createServer({ cert: leaf.chainPem, key: leaf.keyPem }, (request, response) => {
    const [status, headers, body] = answers.get(request.url ?? '') ?? [404, {}, ''];
    if (status === 0) return;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  played = { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: ca.certificatePem, answers };
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
});

const problem = (type: string) =>
  JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: 'so \u0007 it is' });

for (const [what, answer, expected] of [
  [
    'a rate limit, with the time to wait',
    [429, { 'retry-after': '3600' }, problem('rateLimited')],
    { code: 'acme-rate-limited', retryAfterMs: 3_600_000 },
  ],
  ['a rate limit without words', [429, {}, ''], { code: 'acme-rate-limited', retryAfterMs: undefined }],
  [
    'a time to wait of ten years is cut',
    [503, { 'retry-after': '315360000' }, ''],
    { code: 'acme-unreachable', retryAfterMs: 8 * 86_400_000 },
  ],
  ['an error of its own', [500, {}, problem('serverInternal')], { code: 'acme-unreachable' }],
  ['no JSON', [200, {}, '<html>'], { code: 'acme-answer-malformed' }],
  ['no directory', [200, {}, '{"hello":1}'], { code: 'acme-answer-malformed' }],
  ['too much', [200, {}, JSON.stringify({ newOrder: 'x'.repeat(1_100_000) })], { code: 'acme-answer-malformed' }],
  ['a redirect', [302, { location: 'https://elsewhere.example/' }, ''], { code: 'acme-answer-malformed' }],
  ['silence', [0, {}, ''], { code: 'acme-unreachable' }],
] as const) {
  test(`a directory that answers with ${what}`, async (t) => {
    played.answers.set('/dir', answer as never);
    const directory = new AcmeClientDirectory({
      ...{ directoryUrl: `${played.url}/dir`, accountKeyPem: KEY, outbound: { ca: played.ca }, clock: createClock() },
      ...{ userAgent: 'manis/test', timeoutMs: what === 'silence' ? 200 : 20_000 },
    });
    t.after(() => directory.close());
    await assert.rejects(directory.facts(), (error: Error) => {
      assert.ok(!error.message.includes('\u0007'));
      for (const [field, value] of Object.entries(expected)) assert.equal((error as never)[field], value, field);
      return true;
    });
  });
}

test('a directory that suggests when to renew is asked for the certificate by its name', async (t) => {
  const random = createRandom();
  const folder = mkdtempSync(join(tmpdir(), 'manis-renewal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { chainPem } = issueLeaf(
    await openLocalCa(folder, Date.now(), random),
    { dns: ['a.example'], ip: [] },
    Date.now(),
    random,
  );
  const suggestedWindow = { start: '2026-01-02T04:00:00Z', end: '2026-01-03T04:00:00Z' };
  const explained = { suggestedWindow, explanationURL: 'https://directory.example/why' };
  played.answers.set('/dir', [200, {}, JSON.stringify({ newOrder: 'x', renewalInfo: `${played.url}/renewal` })]);
  played.answers.set(`/renewal/${renewalId(chainPem)}`, [200, { 'retry-after': '21600' }, JSON.stringify(explained)]);
  const directory = new AcmeClientDirectory({
    ...{ directoryUrl: `${played.url}/dir`, accountKeyPem: KEY, outbound: { ca: played.ca }, clock: createClock() },
    userAgent: 'manis/test',
  });
  t.after(() => directory.close());
  assert.deepEqual(await directory.renewalInfo(chainPem), {
    startUnixMs: Date.UTC(2026, 0, 2, 4),
    endUnixMs: Date.UTC(2026, 0, 3, 4),
    explanationUrl: 'https://directory.example/why',
    retryAfterMs: 21_600_000,
  });
});

test('a directory is reached through a proxy', async (t) => {
  const pebble = await start(t);
  if (!pebble) return;
  const proxy = await ConnectProxy.start({ credentials: 'ada:secret' });
  t.after(() => proxy.stop());
  const outbound = { ca: pebble.caPem, proxy: { url: proxy.url('ada:secret'), except: [] } };
  await directoryOf(t, pebble, { outbound }).openAccount(ACCOUNT);
  assert.ok(proxy.asked.length > 0);
  const refused = { ca: pebble.caPem, proxy: { url: proxy.url('ada:wrong'), except: [] } };
  await assert.rejects(directoryOf(t, pebble, { outbound: refused }).facts(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'acme-unreachable');
    assert.doesNotMatch(error.message, /wrong|secret/);
    return true;
  });
});
