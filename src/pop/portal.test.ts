import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { issueLeaf } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, resource, target } from '../testing/pop-world.ts';

const NAVIGATES = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

/** A browser's cookies, by host. */
class Jar {
  readonly #cookies = new Map<string, Map<string, string>>();

  take(host: string, answer: Answer): void {
    const cookies = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, cookies);
    for (const line of answer.headers['set-cookie'] ?? []) {
      assert.match(line, /^__Host-[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax/);
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (/Max-Age=0(;|$)/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  field(host: string): string {
    return [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  names(host: string): string[] {
    return [...(this.#cookies.get(host)?.keys() ?? [])];
  }
}

describe('the portal', () => {
  let world: PopWorld;
  const calls: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[] = [];
  let jar: Jar;

  before(async () => {
    world = await PopWorld.start();
    const application = createHttpServer((request, response) =>
      response.end(`hello ${request.headers['remote-user']} at ${request.url}`),
    );
    const backend = await world.listen(application);
    const tenants = { id: 'tenants', host: '*.manis.localhost', targets: [target(backend, { id: 'tenants-target' })] };
    world.publishBasics(resource(backend), resource(backend, tenants));
    const leaf = issueLeaf(world.ca, { dns: [], ip: ['127.0.0.1'] }, world.clock.unixMs(), createRandom());
    const control = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      if (request.url === '/api/v1/refused') return void response.writeHead(401).end();
      let text = '';
      for await (const part of request) text += part;
      const body = text.startsWith('{') ? JSON.parse(text) : { text };
      calls.push({ path: request.url ?? '', headers: request.headers, body });
      const [status, answer] = answerOfControl(request.url ?? '', body);
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(answer === undefined ? '' : JSON.stringify(answer));
    });
    const port = await world.listen(control);
    world.link.open({
      controlId: 'control-1',
      baseUrl: `https://127.0.0.1:${port}`,
      authentication: 'pop-1.secret',
      caPem: world.ca.certificatePem,
    });
  });
  after(() => world.stop());

  function answerOfControl(path: string, body: Record<string, unknown>): [number, unknown] {
    const granted = () => ({
      token: world.portalToken(),
      expiresUnixMs: world.clock.unixMs() + 3_600_000,
      sessionId: 'x',
    });
    if (path === '/internal/v1/sign-in' && body['email'] === 'limited@example.com')
      return [429, { code: 'sign-in-rate-limited', retryAfterMs: 125_000 }];
    if (path === '/internal/v1/sign-in')
      return body['password'] === 'right password' ? [200, granted()] : [401, { code: 'sign-in-refused' }];
    if (path === '/internal/v1/set-up/good-token') return [200, { email: 'first@example.com', userId: 'user-first' }];
    if (path.startsWith('/internal/v1/set-up/')) return [404, { code: 'set-up-unknown' }];
    if (path === '/internal/v1/set-up' && body['token'] !== 'good-token') return [403, { code: 'set-up-unknown' }];
    if (path === '/internal/v1/set-up')
      return body['password'] === 'password1234' ? [400, { code: 'password-weak' }] : [200, granted()];
    if (path === '/internal/v1/sign-out') return [204, undefined];
    return [200, { path }];
  }

  async function go(
    host: string,
    path: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const posted = form && {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `https://${host}:${world.port}`,
      'sec-fetch-site': 'same-origin',
    };
    const answer = await world.fetch(host, path, {
      method: form ? 'POST' : 'GET',
      headers: { ...NAVIGATES, cookie: jar.field(host), ...posted, ...headers },
      ...(form && { body: String(new URLSearchParams(form)) }),
    });
    jar.take(host, answer);
    return answer;
  }

  const hidden = (answer: Answer, name: string): string => {
    const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.body)?.[1] ?? '';
    return value.replaceAll('&amp;', '&').replaceAll('&#39;', "'");
  };
  const pathOf = (answer: Answer): string => {
    const { pathname, search } = new URL(answer.headers.location ?? '', 'https://x');
    return pathname + search;
  };
  async function signIn(): Promise<void> {
    jar = new Jar();
    const form = await go(PORTAL_HOST, '/sign-in');
    const done = await go(PORTAL_HOST, '/sign-in', {
      csrf: hidden(form, 'csrf'),
      return: '/',
      email: 'ada@example.com',
      password: 'right password',
    });
    assert.equal(done.status, 303, done.body);
  }

  test('leads from a resource through the sign-in form back to the resource', async () => {
    jar = new Jar();
    const challenged = await go(APP_HOST, '/notes?x=1');
    assert.equal(challenged.status, 302);
    const authorize = await go(PORTAL_HOST, pathOf(challenged));
    assert.match(authorize.headers.location ?? '', /^\/sign-in\?return=/);
    const form = await go(PORTAL_HOST, pathOf(authorize));
    assert.match(form.body, /Sign in to continue to Wiki/);
    assert.match(
      String(form.headers['content-security-policy']),
      new RegExp(`form-action 'self' https://${APP_HOST}:${world.port};`),
    );
    const sent = await go(
      PORTAL_HOST,
      '/sign-in',
      {
        csrf: hidden(form, 'csrf'),
        return: hidden(form, 'return'),
        email: ' ada@example.com',
        password: 'right password',
      },
      { 'user-agent': 'Browser/1' },
    );
    assert.equal(sent.status, 303);
    assert.deepEqual(jar.names(PORTAL_HOST), ['__Host-manis_portal']);
    const call = calls.at(-1);
    assert.equal(call?.headers['x-manis-link'], 'pop-1.secret');
    const { browser, ...told } = call?.body ?? {};
    assert.match(String(browser), /^[\w-]{43}$/, 'what a second step would be bound to');
    assert.deepEqual(told, {
      email: 'ada@example.com',
      password: 'right password',
      clientAddress: '127.0.0.1',
      userAgent: 'Browser/1',
    });
    const coded = await go(PORTAL_HOST, pathOf(sent));
    assert.equal(new URL(coded.headers.location ?? '').host, `${APP_HOST}:${world.port}`);
    const callback = await go(APP_HOST, pathOf(coded));
    assert.equal(callback.headers.location, '/notes?x=1');
    assert.deepEqual(jar.names(APP_HOST), ['__Host-manis_session']);
    assert.equal((await go(APP_HOST, '/notes?x=1')).body, 'hello ada@example.com at /notes?x=1');
    // The code alone is worth nothing: the verifier's cookie is gone.
    const replayed = await go(APP_HOST, pathOf(coded));
    assert.equal(replayed.status, 400);
    assert.match(replayed.body, /no longer valid.*attempt-missing/s);
  });

  test('leads back to the very host of a wildcard, whose session is of no use at its other hosts', async () => {
    await signIn();
    const challenged = await go('one.manis.localhost', '/start');
    const coded = await go(PORTAL_HOST, pathOf(challenged));
    assert.equal(new URL(coded.headers.location ?? '').host, `one.manis.localhost:${world.port}`);
    await go('one.manis.localhost', pathOf(coded));
    assert.equal((await go('one.manis.localhost', '/start')).body, 'hello ada@example.com at /start');
    const cookie = jar.field('one.manis.localhost');
    assert.equal((await go('two.manis.localhost', '/start', undefined, { cookie })).status, 302);
    // Not the portal, not another resource, not a stranger, not another spelling.
    const others = [
      PORTAL_HOST,
      APP_HOST,
      'evil.example',
      'One.manis.localhost',
      'one.manis.localhost.',
      'a.b.manis.localhost',
    ];
    for (const other of others) {
      const asked = pathOf(challenged).replace('one.manis.localhost', other);
      assert.ok(asked.includes(other));
      assert.equal((await go(PORTAL_HOST, asked)).status, 400, other);
    }
  });

  test('takes the word of a PoP for a sign-in, and does not ask control to renew it', async () => {
    jar = new Jar();
    const token = world.judgedPortalToken('ada');
    const cookie = `__Host-manis_portal=${token}`;
    const before = calls.length;
    assert.match((await go(PORTAL_HOST, '/', undefined, { cookie })).body, /Signed in as ada/);
    const challenged = await go(APP_HOST, '/notes');
    const coded = await go(PORTAL_HOST, pathOf(challenged), undefined, { cookie });
    await go(APP_HOST, pathOf(coded));
    assert.equal((await go(APP_HOST, '/notes')).body, 'hello ada@example.com at /notes');
    assert.equal(calls.length, before);
  });

  test('lists what the person may open', async () => {
    await signIn();
    const page = await go(PORTAL_HOST, '/');
    assert.equal(page.status, 200);
    assert.match(page.body, new RegExp(`href="https://${APP_HOST}:${world.port}/".*Wiki`, 's'));
    assert.match(page.body, /Signed in as ada/);
    jar = new Jar();
    assert.equal((await go(PORTAL_HOST, '/')).headers.location, '/sign-in');
  });

  test('says plainly why a sign-in does not work', async (t) => {
    const table: [string, Record<string, string>, number, RegExp][] = [
      [
        'a wrong password',
        { email: 'ada@example.com', password: 'wrong' },
        401,
        /email address or the password is not right/,
      ],
      ['too many tries', { email: 'limited@example.com', password: 'x' }, 429, /Wait 3 minutes/],
      ['nothing entered', { email: '', password: '' }, 400, /Enter your email address/],
      [
        'a token of another browser',
        {
          email: 'ada@example.com',
          password: 'right password',
          csrf: 'v1.abc.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        },
        403,
        /open for too long/,
      ],
    ];
    for (const [name, fields, status, text] of table)
      await t.test(name, async () => {
        jar = new Jar();
        const form = await go(PORTAL_HOST, '/sign-in?return=%2F%2Fevil.example');
        assert.equal(hidden(form, 'return'), '/');
        const answer = await go(PORTAL_HOST, '/sign-in', { csrf: hidden(form, 'csrf'), return: '/', ...fields });
        assert.equal(answer.status, status);
        assert.match(answer.body, text);
        assert.ok(!answer.body.includes('wrong"'), 'the password is not sent back');
        assert.ok(!jar.names(PORTAL_HOST).includes('__Host-manis_portal'));
      });
  });

  test('takes no form from another site', async () => {
    await signIn();
    const page = await go(PORTAL_HOST, '/');
    const fields = { csrf: hidden(page, 'csrf') };
    assert.equal((await go(PORTAL_HOST, '/sign-out', fields, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await go(PORTAL_HOST, '/sign-out', fields, { 'sec-fetch-site': 'same-site' })).status, 403);
    assert.equal((await go(PORTAL_HOST, '/sign-out', { csrf: 'v1.abc.AAAA' })).status, 403);
    assert.equal((await go(PORTAL_HOST, '/')).status, 200, 'still signed in');
  });

  test('signs out here and of every resource at once, and tells control', async () => {
    await signIn();
    const portalToken = /__Host-manis_portal=([^;]+)/.exec(jar.field(PORTAL_HOST))?.[1];
    const challenged = await go(APP_HOST, '/');
    await go(APP_HOST, pathOf(await go(PORTAL_HOST, pathOf(challenged))));
    assert.equal((await go(APP_HOST, '/')).status, 200);
    const page = await go(PORTAL_HOST, '/');
    const done = await go(PORTAL_HOST, '/sign-out', { csrf: hidden(page, 'csrf') });
    assert.equal(done.headers.location, '/signed-out');
    assert.equal((await go(APP_HOST, '/')).status, 302, 'the session with the resource ended too');
    assert.match((await go(PORTAL_HOST, '/signed-out')).body, /You are signed out/);
    assert.partialDeepStrictEqual(calls.at(-1), { path: '/internal/v1/sign-out', body: { token: portalToken } });
  });

  test('signs out from a resource, after asking', async () => {
    await signIn();
    await go(APP_HOST, pathOf(await go(PORTAL_HOST, pathOf(await go(APP_HOST, '/')))));
    const question = await go(APP_HOST, '/.manis/sign-out');
    assert.match(question.body, /You will be signed out of every application/);
    const done = await go(APP_HOST, '/.manis/sign-out', { csrf: hidden(question, 'csrf') });
    assert.equal(done.headers.location, `https://${PORTAL_HOST}:${world.port}/sign-out`);
    assert.equal((await go(APP_HOST, '/')).status, 302);
    assert.equal((await go(PORTAL_HOST, '/sign-out')).headers.location, '/signed-out');
    assert.equal((await go(PORTAL_HOST, '/')).headers.location, '/sign-in');
  });

  test('lets the first administrator choose a password', async () => {
    jar = new Jar();
    const link = '/set-up/good-token';
    const form = await go(PORTAL_HOST, link);
    assert.match(form.body, /You are the first administrator here/);
    assert.match(form.body, /data-passkey-create=/);
    assert.match(form.body, /autocomplete="username" value="first@example.com" readonly/);
    assert.match((await go(PORTAL_HOST, link, { password: 'short', repeat: 'short' })).body, /at least 10 characters/);
    assert.match(
      (await go(PORTAL_HOST, link, { password: 'long enough 1', repeat: 'long enough 2' })).body,
      /not the same/,
    );
    assert.match(
      (await go(PORTAL_HOST, link, { password: 'password1234', repeat: 'password1234' })).body,
      /too easy to guess/,
    );
    for (const sent of [undefined, { password: 'long enough 1', repeat: 'long enough 1' }]) {
      const used = await go(PORTAL_HOST, '/set-up/used', sent);
      assert.equal(used.status, 404);
      assert.match(used.body, /This set-up link is no longer valid/);
    }
    const done = await go(PORTAL_HOST, link, { password: 'long enough 1', repeat: 'long enough 1' });
    assert.equal(done.headers.location, '/console/start');
    assert.equal((await go(PORTAL_HOST, '/')).status, 200);
  });

  test('passes the API and enrolment on to control, with who is asking', async () => {
    const answer = await world.fetch(PORTAL_HOST, '/api/v1/sites?x=1', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-manis-link': 'forged',
        'x-manis-client-address': '6.6.6.6',
        cookie: 'a=b',
      },
      body: '{"name":"x"}',
    });
    assert.deepEqual([answer.status, answer.body], [200, '{"path":"/api/v1/sites?x=1"}']);
    assert.partialDeepStrictEqual(calls.at(-1), {
      headers: { 'x-manis-link': 'pop-1.secret', 'x-manis-client-address': '127.0.0.1', cookie: 'a=b' },
      body: { name: 'x' },
    });
    assert.equal(
      (await world.fetch(PORTAL_HOST, '/internal/v1/sign-in', { method: 'POST' })).status,
      405,
      'the inside is not reachable',
    );
  });

  test('reads no more of a body that control has refused', async () => {
    const socket = await world.connect(PORTAL_HOST);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    const closed = once(socket, 'close');
    socket.write(
      `POST /api/v1/refused HTTP/1.1\r\nHost: ${PORTAL_HOST}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    );
    let text = '';
    socket.on('data', (part: Buffer) => {
      text += part;
    });
    await closed;
    assert.match(text, /^HTTP\/1\.1 401 .*^connection: close\r$/ims);
  });

  test('keeps serving who is signed in while control is gone, and says that signing in has to wait', async () => {
    await signIn();
    const open = world.link.link;
    world.link.close();
    assert.equal((await go(PORTAL_HOST, '/')).status, 200);
    const challenged = await go(APP_HOST, '/');
    await go(APP_HOST, pathOf(await go(PORTAL_HOST, pathOf(challenged))));
    assert.equal((await go(APP_HOST, '/')).status, 200);
    jar = new Jar();
    const form = await go(PORTAL_HOST, '/sign-in');
    const answer = await go(PORTAL_HOST, '/sign-in', {
      csrf: hidden(form, 'csrf'),
      return: '/',
      email: 'ada@example.com',
      password: 'right password',
    });
    assert.equal(answer.status, 503);
    assert.match(answer.body, /control plane cannot be reached/);
    assert.equal((await world.fetch(PORTAL_HOST, '/api/v1/x')).status, 503);
    if (open) world.link.open(open);
  });

  test('trusts only the authority that came over the link', async () => {
    const before = world.link.link;
    assert.ok(before);
    const { openLocalCa } = await import('../io/certificates.ts');
    const { mkdtemp } = await import('node:fs/promises');
    const other = await openLocalCa(await mkdtemp(`${world.dataDir}/ca-`), world.clock.unixMs(), createRandom());
    world.link.open({ ...before, caPem: other.certificatePem });
    assert.equal((await world.fetch(PORTAL_HOST, '/api/v1/x')).status, 503);
    world.link.open(before);
    assert.equal((await world.fetch(PORTAL_HOST, '/api/v1/x')).status, 200);
  });
});
