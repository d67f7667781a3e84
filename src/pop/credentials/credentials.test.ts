// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import type { CredentialRecord, ResourceRecord } from '../../core/link/index.ts';
import type { CredentialMethod, Policy } from '../../core/policy/index.ts';
import { createLog } from '../../io/log.ts';
import { hashSecret } from '../../io/secrets.ts';
import { hiddenInput, PopBrowser } from '../../testing/pop-browser.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, resource } from '../../testing/pop-world.ts';

const OTHER_HOST = 'other.manis.localhost';
const HOUR_MS = 3_600_000;
const PIN = '830274';
const PASSWORD = 'violet umbrella seven';
const LINK = `mnl_${'l'.repeat(43)}`;
const LIMITED = `mnl_${'m'.repeat(43)}`;
const DOCS_LINK = `mnl_${'d'.repeat(43)}`;
const TOKEN = `mnt_${'t'.repeat(43)}`;
const BASIC_PASSWORD = 'correct horse battery';
const SECRETS = [PIN, PASSWORD, LINK, LIMITED, DOCS_LINK, TOKEN, BASIC_PASSWORD];

const policyFor = (...credentials: readonly CredentialMethod[]): Policy => ({
  rules: [
    {
      ...{ id: 'r', name: 'r', enabled: true, when: { all: [] } },
      then: { kind: 'authenticate', anyOf: { signedIn: true, credentials } },
    },
  ],
});

const credential = (id: string, changes: Partial<CredentialRecord>): CredentialRecord => ({
  ...{ kind: 'credential', id, name: `name of ${id}`, method: 'pin', resourceIds: ['app'], version: 1, secretHash: '' },
  ...changes,
});

describe('credentials at a PoP', () => {
  let world: PopWorld;
  let application: ResourceRecord;
  const seen: { url: string; headers: IncomingHttpHeaders }[] = [];
  const logLines: string[] = [];

  before(async () => {
    world = await PopWorld.start({
      log: createLog({ level: 'debug', destination: { write: (line) => void logLines.push(line) } }),
    });
    const backend = await world.listen(
      createServer((request, response) => {
        seen.push({ url: request.url ?? '', headers: request.headers });
        if (request.url === '/forever') {
          response.write('begun');
          return;
        }
        response.end(`hello ${request.headers['remote-user']} at ${request.url}`);
      }),
    );
    const policy = policyFor('pin', 'resource-password', 'share-link', 'service-token', 'header');
    const options = { timeCost: 1, memoryCost: 64 };
    application = resource(backend, { policy });
    world.publishBasics(
      application,
      resource(backend, { policy, id: 'other', host: OTHER_HOST, name: 'Other', targets: [] }),
      credential('crd_pin', { secretHash: await hash(PIN, options) }),
      credential('crd_password', { method: 'resource-password', secretHash: await hash(PASSWORD, options) }),
      credential('crd_link', { method: 'share-link', secretHash: hashSecret(LINK) }),
      credential('crd_limited', { method: 'share-link', secretHash: hashSecret(LIMITED), maximumUses: 8 }),
      credential('crd_docs', { method: 'share-link', secretHash: hashSecret(DOCS_LINK), pathPrefix: '/docs' }),
      credential('crd_token', { method: 'service-token', secretHash: hashSecret(TOKEN) }),
      credential('crd_basic', {
        ...{ method: 'header', username: 'scanner', secretHash: await hash(BASIC_PASSWORD, options) },
      }),
    );
  });
  after(() => world.stop());

  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const call = (path: string, headers: Record<string, string>, host = APP_HOST) => world.fetch(host, path, { headers });
  const problem = (answer: Answer) => (JSON.parse(answer.body) as { code: string }).code;

  for (const [method, secret, id] of [
    ['pin', PIN, 'crd_pin'],
    ['resource-password', PASSWORD, 'crd_password'],
  ] as const)
    test(`a ${method} opens its resource, with control away, and nothing else`, async () => {
      const browser = new PopBrowser(world);
      const page = await browser.open(APP_HOST, '/notes?x=1');
      assert.equal(page.status, 200);
      assert.match(page.body, new RegExp(`action="/sign-in/${method}"`));
      const wrong = await browser.submit(page, method, { secret: 'wrong one' });
      assert.equal(wrong.status, 401);
      assert.match(wrong.body, /is not right/);
      const done = await browser.submit(page, method, { secret });
      assert.deepEqual([done.status, done.host, done.path], [200, APP_HOST, '/notes?x=1']);
      assert.equal(done.body, `hello credential:${id} at /notes?x=1`);
      assert.equal(browser.cookie(PORTAL_HOST, '__Host-manis_portal'), undefined, 'it is no account');
      const elsewhere = await browser.go(OTHER_HOST, '/');
      assert.equal(elsewhere.status, 302);
      const stolen = browser.cookies(APP_HOST);
      assert.equal((await world.fetch(OTHER_HOST, '/', { headers: { cookie: stolen } })).status, 401);
    });

  test('a PIN may be typed in groups', async () => {
    const browser = new PopBrowser(world);
    const done = await browser.submit(await browser.open(APP_HOST, '/'), 'pin', { secret: ' 830 274' });
    assert.equal(done.body, 'hello credential:crd_pin at /');
  });

  test('where the policy takes no PIN none is offered, and one that is sent is not judged', async () => {
    const browser = new PopBrowser(world);
    const page = await browser.open(APP_HOST, '/');
    world.publishDelta(resource(0, { policy: policyFor('share-link') }));
    const sent = await browser.submit(page, 'pin', { secret: PIN });
    assert.equal(sent.status, 403);
    assert.ok(!sent.body.includes('Open with PIN'));
    world.publishDelta(application);
  });

  test('a backend learns which credential it was, and no more', async () => {
    const browser = new PopBrowser(world);
    await browser.submit(await browser.open(APP_HOST, '/who'), 'pin', { secret: PIN });
    const { headers } = seen.at(-1) ?? { headers: {} as IncomingHttpHeaders };
    assert.equal(headers['remote-user'], 'credential:crd_pin');
    assert.equal(headers['remote-name'], 'name of crd_pin');
    assert.equal(headers['remote-email'], undefined);
    const assertion = String(headers['x-manis-assertion']).split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(assertion, 'base64url').toString()) as Record<string, unknown>;
    assert.deepEqual([claims['sub'], claims['roles'], claims['email']], ['credential:crd_pin', [], undefined]);
  });

  test('a share link leads on at once, and its secret is gone from the address', async () => {
    const browser = new PopBrowser(world);
    const first = await browser.go(APP_HOST, `/.manis/share/${LINK}`);
    assert.deepEqual([first.status, first.headers.location], [302, '/']);
    assert.equal(first.headers['referrer-policy'], 'no-referrer');
    assert.equal((await browser.open(APP_HOST, '/')).body, 'hello credential:crd_link at /');
    for (const [host, path] of [
      [OTHER_HOST, `/.manis/share/${LINK}`],
      [APP_HOST, `/.manis/share/mnl_${'x'.repeat(43)}`],
      [APP_HOST, `/.manis/share/${TOKEN}`],
      [APP_HOST, '/.manis/share/'],
      [APP_HOST, '/.manis/share'],
    ] as const) {
      const answer = await new PopBrowser(world).go(host, path);
      assert.equal(answer.status, 404, `${host}${path}`);
      assert.match(answer.body, /does not work any more/);
    }
  });

  test('a link never takes the place of a session that opens the same', async () => {
    const browser = new PopBrowser(world);
    await browser.submit(await browser.open(APP_HOST, '/'), 'pin', { secret: PIN });
    const before = browser.cookie(APP_HOST, '__Host-manis_session');
    assert.equal((await browser.go(APP_HOST, `/.manis/share/${LINK}`)).headers.location, '/');
    assert.equal(browser.cookie(APP_HOST, '__Host-manis_session'), before);
  });

  test('a link with few uses asks for a press of a button, which previews do not give', async () => {
    const preview = await world.fetch(APP_HOST, `/.manis/share/${LIMITED}`, { method: 'HEAD' });
    assert.equal(preview.headers.location, '/.manis/share');
    const opened = async (): Promise<Answer> => {
      const browser = new PopBrowser(world);
      const page = await browser.open(APP_HOST, `/.manis/share/${LIMITED}`);
      assert.equal(page.path, '/.manis/share');
      assert.match(page.body, /limited number of times/);
      const forged = await browser.go(APP_HOST, '/.manis/share', { csrf: 'v1.x.y' });
      assert.equal(forged.status, 403);
      const used = await browser.go(APP_HOST, '/.manis/share', { csrf: hiddenInput(page, 'csrf') });
      assert.equal(browser.cookie(APP_HOST, '__Host-manis_share'), used.status === 303 ? undefined : LIMITED);
      return used;
    };
    // Of 8 uses a PoP may give 2 without control.
    assert.deepEqual([(await opened()).status, (await opened()).status, (await opened()).status], [303, 303, 410]);
  });

  test('a link to a part opens that part in every spelling, and nothing beside it', async () => {
    const browser = new PopBrowser(world);
    assert.equal((await browser.go(APP_HOST, `/.manis/share/${DOCS_LINK}`)).headers.location, '/docs');
    for (const path of ['/docs', '/docs/a', '/docs/%61', '/%64ocs/a', '/docs/x/../y'])
      assert.equal((await browser.go(APP_HOST, path)).status, 200, path);
    const outside = ['/', '/docsx', '/docs/../admin', '/docs/%2e%2e/admin', '/docs;/../admin', '/DOCS', '/docs;x/a'];
    for (const path of outside) {
      const answer = await world.fetch(APP_HOST, path, { headers: { cookie: browser.cookies(APP_HOST) } });
      assert.equal(answer.status, 401, path);
    }
    for (const path of ['/docs/..%2fadmin', '/docs/%252e%252e/admin', '/docs/..;/admin', '/docs/%5c..%5cadmin']) {
      const answer = await world.fetch(APP_HOST, path, { headers: { cookie: browser.cookies(APP_HOST) } });
      assert.equal(answer.status, 400, path);
    }
  });

  test('a link that leads to a smaller part by now opens nothing more by what it began', async () => {
    const browser = new PopBrowser(world);
    const link = { method: 'share-link', secretHash: hashSecret(DOCS_LINK) } as const;
    await browser.go(APP_HOST, `/.manis/share/${DOCS_LINK}`);
    assert.equal((await browser.go(APP_HOST, '/docs/b')).status, 200);
    world.publishDelta(credential('crd_docs', { ...link, pathPrefix: '/docs/a' }));
    const cookie = browser.cookies(APP_HOST);
    assert.equal((await world.fetch(APP_HOST, '/docs/b', { headers: { cookie } })).status, 401);
    world.publishDelta(credential('crd_docs', { ...link, pathPrefix: '/docs' }));
  });

  test('a service token is judged on every request; a program gets no redirect', async () => {
    for (const headers of [{ authorization: `Bearer ${TOKEN}` }, { 'x-manis-token': TOKEN }]) {
      const answer = await call('/api', headers as Record<string, string>);
      assert.deepEqual([answer.status, answer.body], [200, 'hello credential:crd_token at /api']);
      assert.equal(answer.headers['set-cookie'], undefined);
      const received = JSON.stringify(seen.at(-1));
      assert.ok(!received.includes(TOKEN) && !received.includes('authorization'), received);
    }
    const table: readonly (readonly [Record<string, string>, string?])[] = [
      [{}],
      [{ authorization: 'Bearer mnt_wrong', accept: 'text/html' }],
      [{ authorization: `Bearer ${LINK}` }],
      [{ authorization: `Bearer ${TOKEN}` }, OTHER_HOST],
      [{ 'x-manis-token': `${TOKEN}x` }],
      [{ authorization: `Bearer ${TOKEN}`, 'x-manis-token': TOKEN }],
    ];
    for (const [headers, host] of table) {
      const answer = await call('/api', headers, host);
      assert.equal(answer.status, 401, JSON.stringify(headers));
      if (headers['accept'] === undefined) assert.equal(problem(answer), 'sign-in-needed');
      assert.match(String(answer.headers['www-authenticate']), /Bearer realm=/);
    }
    assert.match(String((await call('/api', {})).headers['www-authenticate']), /Basic realm="app/);
  });

  test("an application's own Authorization goes through to it", async () => {
    const cookie = world.sessionCookie('app', APP_HOST);
    for (const authorization of ['Bearer of-the-application', basic('somebody', 'else'), 'Digest x']) {
      assert.equal((await call('/own', { cookie, authorization })).status, 200);
      assert.equal(seen.at(-1)?.headers.authorization, authorization);
    }
  });

  test('HTTP Basic is judged from the snapshot, and a backend does not get it', async () => {
    const good = await call('/api', { authorization: basic('scanner', BASIC_PASSWORD) });
    assert.deepEqual([good.status, good.body], [200, 'hello credential:crd_basic at /api']);
    assert.equal(seen.at(-1)?.headers.authorization, undefined);
    for (const [user, password] of [
      ['scanner', 'wrong password'],
      ['nobody', BASIC_PASSWORD],
      ['nobody', ''],
    ] as const) {
      const answer = await call('/api', { authorization: basic(user, password), accept: 'text/html' });
      assert.equal(answer.status, 401, user);
    }
    const again = await call('/api', { authorization: basic('scanner', BASIC_PASSWORD) });
    assert.equal(again.status, 200);
  });

  test('a request that brings a wrong secret over and over costs one guess', async () => {
    const before = world.pop.counters().credentials['header-wrong'] ?? 0;
    for (let i = 0; i < 5; i++) await call('/api', { authorization: basic('scanner', 'the same wrong one') });
    assert.ok((world.pop.counters().credentials['header-wrong'] ?? 0) >= before + 5);
    const from = world.pop.counters().credentials['header-source-exhausted'] ?? 0;
    assert.equal(from, 0);
  });

  test('guesses from one address are let try a few times, then not even the right one is', async () => {
    const browser = new PopBrowser(world);
    const page = await browser.open(APP_HOST, '/');
    const answers: number[] = [];
    for (let i = 0; i < 8; i++) answers.push((await browser.submit(page, 'pin', { secret: `1111${i}3` })).status);
    assert.ok(answers.includes(429), String(answers));
    const right = await browser.submit(page, 'pin', { secret: PIN });
    assert.equal(right.status, 429);
    assert.match(right.body, /Too many wrong PINs/);
    world.clock.advance(HOUR_MS);
  });

  for (const [what, change] of [
    [
      'revoked',
      () =>
        world.revoke({
          kind: 'credential',
          credentialId: 'crd_link',
          minimumVersion: 2,
          atUnixMs: world.clock.unixMs(),
        }),
    ],
    ['ended', () => world.clock.advance(120_000)],
  ] as const)
    test(`a link that is ${what} while in use is cut`, async () => {
      const browser = new PopBrowser(world);
      if (what === 'ended') {
        const expiresUnixMs = world.clock.unixMs() + 60_000;
        world.publishDelta(
          credential('crd_link', { method: 'share-link', secretHash: hashSecret(LINK), version: 2, expiresUnixMs }),
        );
      }
      await browser.open(APP_HOST, `/.manis/share/${LINK}`);
      const socket = await world.connect(APP_HOST);
      socket.on('error', () => undefined);
      socket.write(
        `GET /forever HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\nCookie: ${browser.cookies(APP_HOST)}\r\n\r\n`,
      );
      await new Promise<void>((resolve) =>
        socket.on('data', (part: Buffer) => part.toString().includes('begun') && resolve()),
      );
      const closed = new Promise<void>((resolve) => {
        socket.on('end', () => resolve());
        socket.on('close', () => resolve());
      });
      change();
      await closed;
      socket.destroy();
      const answer = await world.fetch(APP_HOST, '/', { headers: { cookie: browser.cookies(APP_HOST) } });
      assert.equal(answer.status, 401);
    });

  test('no secret is in what a backend, the audit or the log saw', async () => {
    await world.fetch(APP_HOST, `/.manis/share/${LINK}`, { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
    world.clock.advance(5_000);
    const told = JSON.stringify([seen, world.link.sent, logLines, world.pop.counters()]);
    for (const secret of SECRETS) assert.ok(!told.includes(secret), secret);
  });
});
