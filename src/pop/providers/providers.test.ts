import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ProviderSettings, presetDefaults } from '../../core/identity/index.ts';
import type { AuditEvent, IdentityProviderRecord } from '../../core/link/index.ts';
import { issueLeaf } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, resource, target, user } from '../../testing/pop-world.ts';
import { StandInProvider } from '../../testing/stand-in-provider.ts';

const NAVIGATES = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

let world: PopWorld;
let stand: StandInProvider;
let control: Server;
let controlPort = 0;
const calls: { path: string; body: Record<string, unknown> }[] = [];
/** What control answers to the next calls. */
let answers: Record<string, [status: number, body: unknown]> = {};
let jar = new Map<string, Map<string, string>>();

before(async () => {
  world = await PopWorld.start();
  stand = await StandInProvider.start('generic');
  world.onStop(() => stand.stop());
  const backend = await world.listen(
    createHttpServer((request, response) => response.end(`hello ${request.headers['remote-user']}`)),
  );
  world.publishBasics(resource(backend));
  const other = { id: 'other', name: 'Other', host: 'other.manis.localhost', organisationId: 'org-2' };
  world.publish(
    provider('one'),
    { ...user('ada', ['staff']), identities: [{ providerId: 'idp-one', subject: 'ada-at-stand' }] },
    { ...user('eve', []), identities: [{ providerId: 'idp-one', subject: 'eve-at-stand' }], asksFactor: true },
    resource(backend, { ...other, targets: [target(backend, { id: 'other-target' })] }),
  );
  const leaf = issueLeaf(world.ca, { dns: [], ip: ['127.0.0.1'] }, world.clock.unixMs(), createRandom());
  control = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    calls.push({ path: request.url ?? '', body: text === '' ? {} : JSON.parse(text) });
    const [status, body] = answers[request.url ?? ''] ?? [404, { code: 'not-found' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body));
  });
  controlPort = await world.listen(control);
});
after(() => world.stop());
beforeEach(() => {
  jar = new Map();
  answers = {};
  calls.length = 0;
  stand.person = { sub: 'ada-at-stand', email: 'ada@example.com', email_verified: true, sid: 'session-1' };
  for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
  world.link.close();
});

/** What the PoP has kept for the audit, once a link takes it. */
async function delivered(): Promise<readonly AuditEvent[]> {
  const { link, ca } = world;
  link.open({ controlId: 'c', baseUrl: 'https://127.0.0.1:1', authentication: '', caPem: ca.certificatePem });
  const events = () => link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
  while (!events().some(({ reason }) => reason === 'signed-in-without-control')) {
    // More is sent when what was sent has been confirmed.
    link.events.received({ type: 'auditStored', ids: events().map(({ id }) => id) });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  link.close();
  return events();
}

function provider(name: string, changes: Partial<ProviderSettings> = {}): IdentityProviderRecord {
  return {
    kind: 'identityProvider',
    id: `idp-${name}`,
    organisationId: 'org-1',
    name,
    clientId: stand.clientId,
    clientSecret: stand.clientSecret,
    settings: {
      ...presetDefaults('generic'),
      ...{ preset: 'generic', label: 'Stand-in', issuer: stand.issuer, allowPrivate: true, emailTrust: 'claim' },
      ...{
        domains: [],
        linkDomains: [],
        provisioning: 'verified-email',
        defaultRoles: [],
        mfaValues: [],
        automatic: false,
      },
      ...changes,
    },
  };
}

function linkControl(): void {
  world.link.open({
    controlId: 'control-1',
    baseUrl: `https://127.0.0.1:${controlPort}`,
    authentication: 'pop-1.secret',
    caPem: world.ca.certificatePem,
  });
}

async function go(
  host: string,
  path: string,
  options: { form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const cookies = jar.get(host) ?? new Map<string, string>();
  jar.set(host, cookies);
  const { form, headers } = options;
  const posted = form && {
    'content-type': 'application/x-www-form-urlencoded',
    origin: `https://${host}:${world.port}`,
    'sec-fetch-site': 'same-origin',
  };
  const answer = await world.fetch(host, path, {
    method: form ? 'POST' : 'GET',
    headers: {
      ...NAVIGATES,
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...posted,
      ...headers,
    },
    ...(form && { body: String(new URLSearchParams(form)) }),
  });
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
    if (/Max-Age=0(;|$)/.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
  return answer;
}

const pathOf = (answer: Answer): string => {
  const { pathname, search } = new URL(answer.headers.location ?? '', 'https://x');
  return pathname + search;
};

/** To the provider and back: the answer to the callback. */
async function throughProvider(
  start: string,
  change: (query: URLSearchParams) => void = () => undefined,
): Promise<Answer> {
  const begun = await go(PORTAL_HOST, start);
  assert.equal(begun.status, 302, begun.body);
  const url = new URL(begun.headers.location ?? '');
  assert.equal(url.origin, stand.origin);
  const query = stand.signIn(url);
  change(query);
  return go(PORTAL_HOST, `/sign-in/provider/one/callback?${query}`, { headers: { 'sec-fetch-site': 'cross-site' } });
}

const START = '/sign-in/provider/one/start?return=/';

describe('with control', () => {
  beforeEach(linkControl);

  test('the page offers the provider, and control makes the session', async () => {
    const challenged = await go(APP_HOST, '/notes');
    const authorize = await go(PORTAL_HOST, pathOf(challenged));
    const page = await go(PORTAL_HOST, pathOf(authorize));
    assert.match(page.body, /Continue with Stand-in/);
    const start = (/href="(\/sign-in\/provider\/one\/start[^"]*)"/.exec(page.body)?.[1] ?? '').replaceAll('&amp;', '&');
    answers['/internal/v1/providers/sign-in'] = [
      200,
      {
        kind: 'passed',
        step: { token: world.portalToken(), expiresUnixMs: world.clock.unixMs() + 3_600_000 },
        idToken: 'the.id.token',
      },
    ];
    const back = await throughProvider(start);
    assert.equal(back.status, 302, back.body);
    assert.match(back.headers.location ?? '', /^\/authorize\?/);
    assert.deepEqual([...(jar.get(PORTAL_HOST)?.keys() ?? [])].sort(), ['__Host-manis_hint', '__Host-manis_portal']);
    const coded = await go(PORTAL_HOST, pathOf(back));
    await go(APP_HOST, pathOf(coded));
    assert.equal((await go(APP_HOST, '/notes')).body, 'hello ada@example.com');
    const { body } =
      calls.find(({ path }) => path.endsWith('/providers/sign-in')) ?? assert.fail('control was not asked');
    assert.equal(body['providerId'], 'idp-one');
    assert.equal(stand.asked.includes('/token'), false, 'the code is left to control');
  });

  test('a known device proves itself by what the page left, and what is no proof is left out', async () => {
    answers['/internal/v1/providers/sign-in'] = [200, { kind: 'refused', reason: 'account-missing' }];
    const told = async (cookie: string | undefined) => {
      jar = new Map([[PORTAL_HOST, new Map<string, string>()]]);
      if (cookie !== undefined) jar.get(PORTAL_HOST)?.set('__Host-manis_device', cookie);
      await throughProvider(START);
      return calls.findLast(({ path }) => path.endsWith('/providers/sign-in'))?.body['device'];
    };
    assert.deepEqual(await told('key-1.c2ln.v1.challenge.token'), {
      ...{ id: 'key-1', signature: 'c2ln', challenge: 'v1.challenge.token' },
    });
    for (const cookie of [undefined, 'key-1', 'key-1.c2ln', `${'k'.repeat(65)}.c2ln.v1`, `key.${'s'.repeat(129)}.v1`])
      assert.equal(await told(cookie), undefined, String(cookie));
  });

  test('a second step, where control asks for one', async () => {
    answers['/internal/v1/providers/sign-in'] = [
      200,
      { kind: 'passed', step: { secondStep: { token: 'v1.second', expiresUnixMs: world.clock.unixMs() + 60_000 } } },
    ];
    const back = await throughProvider(START);
    assert.equal(back.headers.location, '/second-step?return=%2F');
    assert.ok(!jar.get(PORTAL_HOST)?.has('__Host-manis_portal'));
  });

  test('refusals and failures are said on the sign-in page, in our words', async () => {
    const table: [status: number, body: unknown, text: RegExp][] = [
      [200, { kind: 'refused', reason: 'account-exists' }, /Sign in as you did before/],
      [200, { kind: 'refused', reason: 'domain-refused' }, /not let in here/],
      [403, { code: 'provider-denied' }, /did not let you in/],
      [400, { code: 'provider-token-wrong' }, /cannot be trusted/],
      [502, { code: 'provider-unreachable' }, /cannot be reached/],
      [502, { code: 'provider-client-refused' }, /client secret may have expired/],
    ];
    for (const [status, body, text] of table) {
      answers['/internal/v1/providers/sign-in'] = [status, body];
      const back = await throughProvider(START);
      assert.match(back.body, text);
      assert.ok(back.status >= 400);
    }
  });

  test('a state works once, in the browser that it was made for, at its own provider', async () => {
    answers['/internal/v1/providers/sign-in'] = [200, { kind: 'refused', reason: 'account-missing' }];
    let query = '';
    await throughProvider(START, (given) => {
      query = given.toString();
    });
    assert.match((await go(PORTAL_HOST, `/sign-in/provider/one/callback?${query}`)).body, /begun somewhere else/);
    world.publish(provider('two'));
    const begun = await go(PORTAL_HOST, START);
    const other = stand.signIn(new URL(begun.headers.location ?? ''));
    const count = calls.length;
    assert.match((await go(PORTAL_HOST, `/sign-in/provider/two/callback?${other}`)).body, /begun somewhere else/);
    jar = new Map();
    assert.match((await go(PORTAL_HOST, `/sign-in/provider/one/callback?${other}`)).body, /begun somewhere else/);
    assert.equal(calls.length, count, 'control is not troubled with it');
    assert.equal((await go(PORTAL_HOST, '/sign-in/provider/none/start')).status, 404);
  });

  test('connecting begins on our own page, and stays with who began it', async () => {
    jar.set(PORTAL_HOST, new Map([['__Host-manis_portal', world.portalToken()]]));
    const connect = '/sign-in/provider/one/connect?return=/providers';
    assert.equal((await go(PORTAL_HOST, connect, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.match((await go(PORTAL_HOST, '/providers')).body, /Connected accounts.*connected/s);
    answers['/internal/v1/providers/connect'] = [200, { connected: true }];
    assert.match((await throughProvider(connect)).body, /you can sign in with Stand-in, too/);
    answers['/internal/v1/providers/connect'] = [200, { connected: false }];
    assert.equal((await throughProvider(connect)).status, 409);
    const begun = await go(PORTAL_HOST, connect);
    const query = stand.signIn(new URL(begun.headers.location ?? ''));
    jar.get(PORTAL_HOST)?.set('__Host-manis_portal', world.portalToken({ subject: { kind: 'user', userId: 'eve' } }));
    assert.equal((await go(PORTAL_HOST, `/sign-in/provider/one/callback?${query}`)).status, 403);
  });

  test('a link from elsewhere that signs somebody in first does not go on to connect them', async () => {
    const connect = '/sign-in/provider/one/connect?return=/providers';
    const asked = await go(PORTAL_HOST, connect, { headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(asked.headers.location, '/sign-in?return=%2Fproviders');
    const page = await go(PORTAL_HOST, `/sign-in?return=${encodeURIComponent(connect)}`);
    assert.match(page.body, /name="return" value="\/"/);
    assert.doesNotMatch(page.body, /connect/);
  });

  test('trying it shows the claims and what becomes of them, as text', async () => {
    jar.set(PORTAL_HOST, new Map([['__Host-manis_portal', world.portalToken()]]));
    const claims = { sub: 'x', name: '<script>alert(1)</script>' };
    answers['/internal/v1/providers/try'] = [
      200,
      { claims, verdict: 'provision', account: 'x@example.com', roles: ['staff'], groups: [], unknown: ['nobody'] },
    ];
    const page = await throughProvider('/sign-in/provider/one/try');
    assert.match(page.body, /given a new account/);
    assert.match(page.body, /&lt;script&gt;/);
    assert.ok(!page.body.includes('<script>'));
    answers['/internal/v1/providers/try'] = [403, { code: 'rights-missing' }];
    assert.match((await throughProvider('/sign-in/provider/one/try')).body, /Only an administrator/);
  });

  test('signing out leads on to the provider, with what it wants to see', async () => {
    answers['/internal/v1/providers/sign-in'] = [
      200,
      {
        kind: 'passed',
        step: { token: world.portalToken(), expiresUnixMs: world.clock.unixMs() + 3_600_000 },
        idToken: 'the.id.token',
      },
    ];
    await throughProvider(START);
    answers['/internal/v1/sign-out'] = [204, null];
    const home = await go(PORTAL_HOST, '/');
    const csrf = /name="csrf" value="([^"]*)"/.exec(home.body)?.[1] ?? '';
    const out = await go(PORTAL_HOST, '/sign-out', { form: { csrf } });
    assert.equal(out.headers.location, '/providers/one/signing-out');
    const between = await go(PORTAL_HOST, '/providers/one/signing-out');
    assert.match(between.body, /http-equiv="refresh" content="0;url=\/providers\/one\/sign-out"/);
    const gone = await go(PORTAL_HOST, '/providers/one/sign-out');
    const url = new URL(gone.headers.location ?? '');
    assert.equal(url.pathname, '/logout');
    assert.equal(url.searchParams.get('id_token_hint'), 'the.id.token');
    assert.equal(url.searchParams.get('post_logout_redirect_uri'), `https://${PORTAL_HOST}:${world.port}/signed-out`);
    assert.equal((await go(PORTAL_HOST, '/providers/one/sign-out')).headers.location, '/signed-out');
  });

  test('a sign-out at the provider is told to control', async () => {
    answers['/internal/v1/providers/sign-out'] = [204, null];
    const told = (form: Record<string, string>) =>
      world.fetch(PORTAL_HOST, '/providers/one/back-channel-logout', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: String(new URLSearchParams(form)),
      });
    const answer = await told({ logout_token: 'x.y.z' });
    assert.deepEqual([answer.status, answer.headers['cache-control']], [200, 'no-store']);
    assert.equal((await told({})).status, 400);
    answers['/internal/v1/providers/sign-out'] = [400, { code: 'provider-token-wrong' }];
    assert.equal((await told({ logout_token: 'x.y.z' })).status, 400);
  });
});

describe('without control', () => {
  test('who is known signs in at the PoP, and opens what is behind it', async () => {
    const challenged = await go(APP_HOST, '/notes');
    const back = await throughProvider(
      `/sign-in/provider/one/start?${new URLSearchParams({ return: pathOf(challenged) })}`,
    );
    assert.equal(back.status, 302, back.body);
    const coded = await go(PORTAL_HOST, pathOf(back));
    await go(APP_HOST, pathOf(coded));
    assert.equal((await go(APP_HOST, '/notes')).body, 'hello ada@example.com');
    assert.partialDeepStrictEqual(
      (await delivered()).filter(({ reason }) => reason === 'signed-in-without-control'),
      [{ outcome: 'allow', userId: 'ada', path: '/sign-in/provider/one/callback' }],
    );
    // What belongs to another organisation is not this provider's to open.
    const elsewhere = await go('other.manis.localhost', '/');
    assert.match((await go(PORTAL_HOST, pathOf(elsewhere))).body, /not-a-member|provider-of-another/);
  });

  test('who is new, or is asked for a second factor, has to wait for control', async () => {
    stand.person = { sub: 'new-at-stand', email: 'new@example.com', email_verified: true };
    assert.match((await throughProvider(START)).body, /first sign-in with Stand-in needs the control plane/);
    stand.person = { sub: 'eve-at-stand' };
    assert.match((await throughProvider(START)).body, /second factor/);
    assert.ok(!jar.get(PORTAL_HOST)?.has('__Host-manis_portal'));
  });

  test('what does not hold is refused here as well', async () => {
    for (const claims of [{ iss: 'https://evil.example' }, { aud: 'another' }, { nonce: 'replayed' }]) {
      stand.faults.claims = claims;
      assert.match((await throughProvider(START)).body, /cannot be trusted/);
    }
  });

  test('a sign-out at the provider ends it here at once, and the provider is told that it was not all', async () => {
    await throughProvider(START);
    assert.match((await go(PORTAL_HOST, '/')).body, /Signed in as/);
    const told = async (logout_token: string) =>
      (
        await world.fetch(PORTAL_HOST, '/providers/one/back-channel-logout', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: String(new URLSearchParams({ logout_token })),
        })
      ).status;
    assert.equal(await told('x.y.z'), 400);
    assert.equal(await told(await stand.logoutToken({ sub: 'nobody' })), 503);
    assert.match((await go(PORTAL_HOST, '/')).body, /Signed in as/);
    assert.equal(await told(await stand.logoutToken({ sid: 'session-1' })), 503);
    assert.equal((await go(PORTAL_HOST, '/')).status, 302);
    // That session of the provider is over for good; a new one is not.
    assert.match((await throughProvider(START)).body, /Ask your administrator/);
    stand.person = { ...stand.person, sid: 'session-2' };
    assert.equal((await throughProvider(START)).status, 302);
  });

  test('the browser is led to the one provider of a resource, and may choose otherwise', async () => {
    const challenged = await go(APP_HOST, '/notes');
    const authorize = await go(PORTAL_HOST, pathOf(challenged));
    world.publish(provider('one', { automatic: true }));
    const led = await go(PORTAL_HOST, pathOf(authorize));
    assert.match(led.headers.location ?? '', /^\/sign-in\/provider\/one\/start\?return=/);
    assert.equal((await go(PORTAL_HOST, `${pathOf(authorize)}&choose=1`)).status, 200);
    world.publish(provider('one'));
  });
});
