// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Policy } from '../../core/policy/index.ts';
import { issueLeaf } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, resource } from '../../testing/pop-world.ts';

const GUEST = 'bo@guests.example';
const CODE = '314159';
const ATTEMPT = 'A'.repeat(22);
const listing = (...emails: string[]): Policy => ({
  rules: [
    {
      ...{ id: 'guests', name: 'Guests', enabled: true, when: { all: [] } },
      then: { kind: 'authenticate', anyOf: { emails } },
    },
  ],
});

describe('signing in with a mailed code', () => {
  let world: PopWorld;
  let backend: number;
  let cookies: Map<string, Map<string, string>>;
  const calls: { path: string; body: Record<string, unknown> }[] = [];

  before(async () => {
    world = await PopWorld.start();
    backend = await world.listen(
      createHttpServer((request, response) => response.end(JSON.stringify({ headers: request.headers }))),
    );
    const leaf = issueLeaf(world.ca, { dns: [], ip: ['127.0.0.1'] }, world.clock.unixMs(), createRandom());
    const control = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      const body = JSON.parse(text) as Record<string, unknown>;
      calls.push({ path: request.url ?? '', body });
      const [status, answer] = answerOfControl(request.url ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer && JSON.stringify(answer));
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
  beforeEach(() => {
    cookies = new Map();
    calls.length = 0;
    publish();
  });

  function publish(policy = listing('*@guests.example'), codeSignIn = true): void {
    world.publishBasics(resource(backend, { policy }), { kind: 'mail', id: 'org-1', codeSignIn });
  }

  function answerOfControl(path: string, body: Record<string, unknown>): [number, object | undefined] {
    if (path === '/internal/v1/email-codes') {
      if (body['email'] === 'limited@example.com') return [429, { retryAfterMs: 125_000 }];
      return [202, { attempt: ATTEMPT }];
    }
    const asked = calls.findLast((call) => call.path === '/internal/v1/email-codes')?.body;
    const isRight = body['code'] === CODE && body['browser'] === asked?.['browser'];
    if (!isRight) return [401, { code: 'sign-in-refused' }];
    const expiresUnixMs = world.clock.unixMs() + 3_600_000;
    if (asked?.['email'] === 'both@example.com')
      return [200, { kind: 'user', secondStep: { token: 'a.b.c', expiresUnixMs } }];
    if (asked?.['email'] === 'ada@example.com')
      return [200, { kind: 'user', token: world.portalToken({ methods: ['email-otp'] }), expiresUnixMs }];
    return [200, { kind: 'guest', email: asked?.['email'], resourceId: 'app', epoch: world.clock.unixMs() }];
  }

  async function go(url: string, form?: Record<string, string>): Promise<Answer> {
    const { hostname: host, pathname, search } = new URL(url, `https://${PORTAL_HOST}`);
    const jar = cookies.get(host) ?? new Map<string, string>();
    cookies.set(host, jar);
    const posted = form && {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `https://${host}:${world.port}`,
    };
    const answer = await world.fetch(host, pathname + search, {
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        'sec-fetch-mode': 'navigate',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...posted,
      },
      ...(form && { body: String(new URLSearchParams(form)) }),
    });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (/Max-Age=0(;|$)/.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  const hidden = ({ body }: Answer, name: string): string => {
    const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
    assert.ok(value !== undefined, `no field ${name} in ${body}`);
    return value.replaceAll('&amp;', '&');
  };
  const fields = (answer: Answer, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, hidden(answer, name)]));

  /** From the application to its sign-in page, and on to the page that asks for the code. */
  async function askFor(email: string): Promise<Answer> {
    const away = await go(`https://${APP_HOST}/notes?page=2`);
    const signIn = await go((await go(away.headers.location ?? '')).headers.location ?? '');
    return go('/sign-in/email-code', { ...fields(signIn, 'csrf', 'return'), email });
  }

  const type = (page: Answer, code: string, changes: Record<string, string> = {}) =>
    go('/sign-in/email-code', { ...fields(page, 'csrf', 'return', 'email', 'attempt', 'proof'), code, ...changes });

  async function enter(): Promise<Answer> {
    const proved = await type(await askFor(GUEST), CODE);
    assert.equal(proved.status, 303, proved.body);
    const entered = await go(proved.headers.location ?? '');
    return go(new URL(entered.headers.location ?? '', `https://${APP_HOST}`).href);
  }

  test('lets a guest of the list in, for that application, with the address in the headers', async () => {
    const { headers } = JSON.parse((await enter()).body);
    assert.deepEqual([headers['remote-user'], headers['remote-email']], [GUEST, GUEST]);
    assert.equal(headers['remote-groups'], undefined);
    const [, payload = ''] = headers['x-manis-assertion'].split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([claims.sub, claims.email], [`guest:${GUEST}`, GUEST]);
    assert.equal(cookies.get(PORTAL_HOST)?.has('__Host-manis_portal'), false, 'a guest has no session at the portal');
  });

  test('refuses a guest at the next request once the list has another address', async () => {
    await enter();
    publish(listing('else@guests.example'));
    assert.equal((await go(`https://${APP_HOST}/`)).status, 302, 'asked to sign in as somebody else');
    publish();
    assert.equal((await go(`https://${APP_HOST}/`)).status, 200);
  });

  test('refuses a guest whose address was revoked', async () => {
    await enter();
    const atUnixMs = world.clock.unixMs();
    world.revoke({ kind: 'user', userId: `guest:${GUEST}`, minimumEpoch: atUnixMs + 1, atUnixMs });
    assert.equal((await go(`https://${APP_HOST}/`)).status, 302);
    world.clock.advance(10);
    assert.equal((await enter()).status, 200, 'who is on the list still may prove it again');
  });

  test('a guest who signs out is out here at once, and control is told', async () => {
    await enter();
    const page = await go(`https://${APP_HOST}/.manis/sign-out`);
    const token = cookies.get(APP_HOST)?.get('__Host-manis_session');
    const done = await go(`https://${APP_HOST}/.manis/sign-out`, fields(page, 'csrf'));
    assert.equal(done.status, 303);
    const resource = { id: 'app', host: APP_HOST };
    const told = () => calls.find(({ path }) => path === '/internal/v1/sign-out');
    while (!told()) await new Promise((resolve) => setImmediate(resolve));
    assert.partialDeepStrictEqual(told()?.body, { token, resource });
    cookies.get(APP_HOST)?.set('__Host-manis_session', token ?? '');
    assert.equal((await go(`https://${APP_HOST}/`)).status, 302, 'the copy of a cookie is of no use');
  });

  test('signs a user in where that is allowed', async () => {
    const proved = await type(await askFor('ada@example.com'), CODE);
    assert.match(proved.headers.location ?? '', /^\/authorize\?/);
    assert.ok(cookies.get(PORTAL_HOST)?.has('__Host-manis_portal'));
  });

  test('leads on to the second factor of a user who has one', async () => {
    const proved = await type(await askFor('both@example.com'), CODE);
    assert.match(proved.headers.location ?? '', /^\/second-step\?/);
    assert.equal(cookies.get(PORTAL_HOST)?.has('__Host-manis_portal'), false);
  });

  test('says the same of every address', async () => {
    const page = (email: string) =>
      askFor(email).then(({ status, body }) => [
        status,
        body.replaceAll(email, 'X').replace(/(?:value|data-device-nonce)="[^"]*"/g, ''),
      ]);
    assert.deepEqual(await page('nobody@example.com'), await page(GUEST));
  });

  test('is not fooled by a code, an attempt or an address that belongs to another browser', async () => {
    const page = await askFor(GUEST);
    assert.equal((await type(page, '000000')).status, 401);
    assert.equal((await type(page, '12345')).status, 400);
    assert.equal((await type(page, CODE, { email: 'eve@example.org' })).status, 403);
    assert.equal((await type(page, CODE, { attempt: 'B'.repeat(22) })).status, 403);
    cookies.delete(PORTAL_HOST);
    assert.equal((await type(page, CODE)).status, 403);
    assert.equal(calls.filter(({ path }) => path.endsWith('/check')).length, 1);
  });

  test('has another code sent, and tells of limits', async () => {
    const page = await askFor(GUEST);
    const again = await go('/sign-in/email-code', fields(page, 'csrf', 'return', 'email'));
    assert.equal(again.status, 200);
    assert.equal(calls.filter(({ path }) => path === '/internal/v1/email-codes').length, 2);
    assert.equal((await askFor('limited@example.com')).status, 429);
  });

  test('is offered only where it could help', async () => {
    const offered = async () => (await go('/sign-in')).body.includes('/sign-in/email-code');
    assert.equal(await offered(), true);
    publish(undefined, false);
    assert.equal(await offered(), false, 'the portal is for users');
    const away = await go(`https://${APP_HOST}/`);
    const signIn = await go((await go(away.headers.location ?? '')).headers.location ?? '');
    assert.ok(signIn.body.includes('/sign-in/email-code'), 'guests are welcome there');
  });

  test('keeps code and address out of every URL', async () => {
    const page = await askFor(GUEST);
    const proved = await type(page, CODE);
    for (const url of [proved.headers.location ?? '', ...calls.map(({ path }) => path)])
      assert.ok(!url.includes(CODE) && !url.includes('guests.example'), url);
  });
});
