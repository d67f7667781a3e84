// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import { toBase64Url } from '../../base/index.ts';
import type { AuditEvent, ResourceRecord } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { type OpenedTunnel, openTunnel, type Pass } from '../../io/access/open-tunnel.ts';
import { OutboundAgents } from '../../io/outbound/outbound-agents.ts';
import { createRandom } from '../../io/random.ts';
import { hashSecret } from '../../io/secrets.ts';
import type { WebSocketBytes } from '../../io/web-socket-bytes.ts';
import { hiddenInput, PopBrowser } from '../../testing/pop-browser.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../../testing/pop-world.ts';

const random = createRandom();
const NO_PASS: Pass = { kind: 'none' };
const VERIFIER = toBase64Url(random.bytes(32));
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const STATE = toBase64Url(random.bytes(16));
const ASKED = `/.manis/access?challenge=${CHALLENGE}&port=40123&state=${STATE}&computer=laptop`;

let world: PopWorld;
let agents: OutboundAgents;
/** Gives back what it gets. */
let backend: number;
const conversations: Socket[] = [];

before(async () => {
  world = await PopWorld.start();
  const control = { controlId: 'control-1', baseUrl: 'https://127.0.0.1:1', authentication: '' };
  world.link.open({ ...control, caPem: world.ca.certificatePem });
  agents = new OutboundAgents({ ca: world.ca.certificatePem }, { keepAlive: false });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    conversations.push(socket);
    socket.pipe(socket);
  });
  backend = await world.listen(server);
});
after(async () => {
  agents.destroy();
  await world.stop();
});
beforeEach(() => {
  conversations.length = 0;
  world.publishBasics(access());
});

function access(changes: Partial<ResourceRecord> = {}): ResourceRecord {
  return resource(backend, { access: true, name: 'Database', ...changes });
}

function session(changes: Parameters<PopWorld['sessionCookie']>[2] = {}): Pass {
  return { kind: 'session', token: world.sessionCookie('app', APP_HOST, changes).split('=')[1] ?? '' };
}

function open(pass: Pass, host = APP_HOST): Promise<OpenedTunnel> {
  return openTunnel({ origin: new URL(`https://${host}:${world.port}`), agents, random }, pass);
}

async function opened(pass: Pass): Promise<WebSocketBytes> {
  const tunnel = await open(pass);
  if (tunnel.kind !== 'open') assert.fail(JSON.stringify(tunnel));
  return tunnel.bytes;
}

async function refusal(pass: Pass, host?: string): Promise<string> {
  const tunnel = await open(pass, host);
  if (tunnel.kind === 'refused') return tunnel.code;
  return tunnel.kind === 'open' ? 'open' : String(tunnel.cause);
}

async function hashOf(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of stream as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest('hex');
}

/** The latest audit event that is such a one, as soon as control has it. */
async function events(isThere: (event: AuditEvent) => boolean): Promise<AuditEvent> {
  for (;;) {
    const all = world.link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
    world.link.events.received({ type: 'auditStored', ids: all.map(({ id }) => id) });
    const found = all.findLast(isThere);
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('with a session fifty megabytes go there and back, and the audit has how many', async () => {
  const bytes = await opened(session());
  const chunk = Buffer.from(random.bytes(65_521));
  const many = function* () {
    for (let left = 50_000_000; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
  };
  const sent = createHash('sha256');
  for (const part of many()) sent.update(part);
  Readable.from(many()).pipe(bytes);
  assert.equal(await hashOf(bytes), sent.digest('hex'));
  const ended = await events(({ reason }) => reason === 'stream-ended');
  assert.deepEqual(
    [ended.bytesReceived, ended.bytesSent, ended.userId, ended.path],
    [50_000_000, 50_000_000, 'ada', '/.manis/access/tcp'],
  );
});

test('each way ends by itself', async () => {
  const bytes = await opened(session());
  bytes.end('last words');
  assert.equal(Buffer.concat(await bytes.toArray()).toString(), 'last words');
});

test('nobody comes in who would not be served, and each is told why', async () => {
  assert.equal(await refusal(NO_PASS), 'sign-in-needed');
  assert.equal(await refusal({ kind: 'session', token: 'v1.no.token' }), 'sign-in-needed');
  assert.equal(await refusal({ kind: 'service-token', token: 'mnt_nothing' }), 'sign-in-needed');
  assert.equal(await refusal(session({ resourceId: 'other' })), 'sign-in-needed');
  assert.equal(await refusal(session(), `other.${PORTAL_HOST}`), 'host-unknown');
  world.publish(access({ policy: { rules: [] } }));
  assert.equal(await refusal(session()), 'denied');
  assert.equal(conversations.length, 0);
});

test('who needs no sign-in has none', async () => {
  world.publish(access({ policy: PUBLIC }));
  (await opened(NO_PASS)).destroy();
});

test('a service token opens a connection without a browser, is no session for a program, and ends with its credential', async () => {
  const token = `mnt_${toBase64Url(random.bytes(24))}`;
  const secretHash = hashSecret(token);
  const then = { kind: 'authenticate', anyOf: { credentials: ['service-token'] } } as const;
  const policy = { rules: [{ id: 't', name: 'Tokens', enabled: true, when: { all: [] }, then }] } satisfies Policy;
  const common = { kind: 'credential', id: 'crd', name: 'Nightly', method: 'service-token', version: 1 } as const;
  world.publish(access({ policy }), { ...common, resourceIds: ['app'], secretHash });
  const bytes = await opened({ kind: 'service-token', token });
  const headers = { authorization: `Bearer ${token}`, accept: 'text/html' };
  assert.equal((await world.fetch(APP_HOST, ASKED, { headers })).status, 404);
  const failed = once(
    bytes.on('data', () => undefined),
    'error',
  );
  world.publish({ ...common, resourceIds: ['other'], secretHash });
  await failed;
  assert.equal(await refusal({ kind: 'service-token', token }), 'sign-in-needed');
});

test('a page of another site opens nothing with the cookies of a browser', async () => {
  const socket = await world.connect(APP_HOST);
  socket.write(
    `GET /.manis/access/tcp HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: https://evil.example\r\nCookie: ${world.sessionCookie('app', APP_HOST)}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1.1 403 .*origin-refused/s);
  socket.destroy();
});

test('a target that is down, and one that breaks', async () => {
  world.publish(access({ targets: [] }));
  assert.equal(await refusal(session()), 'no-healthy-target');
  world.publish(access());
  const bytes = await opened(session());
  const failed = once(
    bytes.on('data', () => undefined),
    'error',
  );
  bytes.write('x');
  await once(bytes, 'data');
  conversations[0]?.resetAndDestroy();
  await failed;
});

test('maintenance and limits of the resource hold', async () => {
  world.publish(access({ http: { maintenance: { on: true } } }));
  assert.equal(await refusal(session()), 'maintenance');
  world.publish(access({ http: { limits: { concurrent: 1 } } }));
  const bytes = await opened(session());
  assert.equal(await refusal(session()), 'busy');
  bytes.on('error', () => undefined).destroy();
});

test('HTTP gets no further than to learn that this is no page', async () => {
  const headers = { cookie: world.sessionCookie('app', APP_HOST), accept: 'text/html' };
  const page = await world.fetch(APP_HOST, '/', { headers });
  assert.equal(page.status, 404);
  assert.match(page.body, /manis access tcp/);
  assert.equal((await world.fetch(APP_HOST, '/x', { method: 'POST', headers, body: 'y' })).status, 404);
  assert.equal(conversations.length, 0);
});

test('a resource of HTTP has none of these paths', async () => {
  world.publish(resource(backend));
  const browser = signedInBrowser();
  assert.equal((await browser.open(APP_HOST, ASKED)).status, 404);
  assert.equal(await refusal(session()), 'method-refused');
  assert.equal((await redeem('x', VERIFIER)).status, 404);
});

function signedInBrowser(): PopBrowser {
  const browser = new PopBrowser(world);
  browser.have(PORTAL_HOST, '__Host-manis_portal', world.portalToken());
  return browser;
}

function redeem(code: string, verifier: string, host = APP_HOST): Promise<Answer> {
  return world.fetch(host, '/.manis/access/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ code, verifier })),
  });
}

/** Presses the button; gives where the browser is sent. */
async function press(browser: PopBrowser, page: Answer, changes: Record<string, string> = {}): Promise<Answer> {
  const names = ['csrf', 'challenge', 'port', 'state'];
  const fields = Object.fromEntries(names.map((name) => [name, hiddenInput(page, name)]));
  return browser.go(APP_HOST, '/.manis/access', { ...fields, ...changes });
}

async function codeFor(browser: PopBrowser): Promise<string> {
  const answer = await press(browser, await browser.open(APP_HOST, ASKED));
  return new URL(answer.headers.location ?? '').searchParams.get('code') ?? '';
}

test('a program gets a session by the browser, after a page that says what asks and a button', async () => {
  const browser = signedInBrowser();
  const page = await browser.open(APP_HOST, ASKED);
  assert.equal(page.status, 200);
  assert.equal(page.path, ASKED);
  assert.match(page.body, /Connect to Database.*laptop.*ada@example\.com/s);
  assert.match(String(page.headers['content-security-policy']), /form-action 'self' http:\/\/127\.0\.0\.1:40123;/);
  const answer = await press(browser, page);
  assert.equal(answer.status, 303);
  const { origin, pathname, searchParams } = new URL(answer.headers.location ?? '');
  assert.deepEqual([origin, pathname], ['http://127.0.0.1:40123', `/${STATE}`]);
  const redeemed = await redeem(searchParams.get('code') ?? '', VERIFIER);
  assert.equal(redeemed.status, 200);
  assert.equal(redeemed.headers['set-cookie'], undefined);
  const { token } = JSON.parse(redeemed.body) as { token: string };
  (await opened({ kind: 'session', token })).destroy();
  assert.equal((await events(({ reason }) => reason === 'access-granted')).userId, 'ada');
});

test('the session of a program ends with the sign-in of the browser', async () => {
  const portal = toBase64Url(random.bytes(16));
  const browser = new PopBrowser(world);
  browser.have(PORTAL_HOST, '__Host-manis_portal', world.portalToken({ id: portal }));
  const { token } = JSON.parse((await redeem(await codeFor(browser), VERIFIER)).body) as { token: string };
  const bytes = await opened({ kind: 'session', token });
  const failed = once(
    bytes.on('data', () => undefined),
    'error',
  );
  const atUnixMs = world.clock.unixMs();
  world.revoke({ kind: 'session', sessionId: portal, userId: 'ada', atUnixMs, expiresAtUnixMs: atUnixMs + 3_600_000 });
  await failed;
  assert.equal(await refusal({ kind: 'session', token }), 'sign-in-needed');
});

test('a code is good for its verifier, its host and a moment alone', async () => {
  const browser = signedInBrowser();
  const code = await codeFor(browser);
  assert.equal((await redeem(code, toBase64Url(random.bytes(32)))).status, 400);
  assert.equal((await redeem(code, '')).status, 400);
  assert.equal((await redeem(`${code}x`, VERIFIER)).status, 400);
  world.publish({ ...access(), id: 'second', host: `second.${PORTAL_HOST}` });
  assert.equal((await redeem(code, VERIFIER, `second.${PORTAL_HOST}`)).status, 400);
  world.clock.advance(31_000);
  assert.equal((await redeem(code, VERIFIER)).status, 400);
});

test('nothing is given without the button of the page itself', async () => {
  const browser = signedInBrowser();
  const page = await browser.open(APP_HOST, ASKED);
  const other = CHALLENGE.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  for (const changes of [{ csrf: 'x' }, { challenge: other }, { port: '40124' }])
    assert.equal((await press(browser, page, changes)).status, 403);
  for (const port of ['80', '99999', 'evil.example', '40123@evil.example', ''])
    assert.equal((await browser.open(APP_HOST, ASKED.replace('40123', port))).status, 400, port);
  assert.equal((await press(browser, page, { state: '//evil.example/aaaaaaaa' })).status, 400);
});

test('who has no session has to sign in before anything is asked', async () => {
  const answer = await new PopBrowser(world).go(APP_HOST, ASKED);
  assert.equal(answer.status, 302);
  assert.match(answer.headers.location ?? '', new RegExp(`^https://${PORTAL_HOST}.*redirect=%2F\\.manis%2Faccess%3F`));
});

// The last, since what is revoked stays so.
const revocations: [string, (at: number) => void][] = [
  ['a policy that lets nobody in', () => world.publish(access({ policy: { rules: [] } }))],
  ['a resource that is switched off', () => world.publish(access({ enabled: false }))],
  ['a sign-out everywhere', (atUnixMs) => world.revoke({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs })],
];
for (const [name, doIt] of revocations)
  test(`${name} cuts what is under way`, async () => {
    const bytes = await opened(session());
    bytes.on('data', () => undefined).write('x');
    await once(bytes, 'data');
    const failed = once(bytes, 'error');
    doIt(world.clock.unixMs());
    await failed;
    assert.notEqual(await refusal(session()), 'open');
  });
