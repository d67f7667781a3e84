/** Invitations at the portal: with a new account, with the invited one, and with another one. */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { after, before, beforeEach, describe, test } from 'node:test';
import { issueLeaf } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import { PORTAL_HOST, PopWorld, user } from '../testing/pop-world.ts';

const LINK = '/invitation/mni_secret';
const NAVIGATES = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

describe('invitations', () => {
  let world: PopWorld;
  const invitation = { organisation: 'Acme <Ltd>', email: 'ada@example.com', hasAccount: false };
  let answers: Record<string, [status: number, body: unknown]> = {};
  /** Happens at control when a new account was told of. */
  let answered: () => void = () => {};
  let calls: { path: string; body: Record<string, unknown> }[] = [];

  before(async () => {
    world = await PopWorld.start();
    world.publishBasics(user('ada', []), user('eve', []));
    const leaf = issueLeaf(world.ca, { dns: [], ip: ['127.0.0.1'] }, world.clock.unixMs(), createRandom());
    const control = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      const path = (request.url ?? '').replace('/internal/v1/', '');
      calls.push({ path, body: text === '' ? {} : JSON.parse(text) });
      const [status, body] = answers[path] ?? [404, { code: 'invitation-unknown' }];
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        body === undefined ? undefined : JSON.stringify(body),
        path === 'invitations' ? answered : undefined,
      );
    });
    const baseUrl = `https://127.0.0.1:${await world.listen(control)}`;
    const caPem = world.ca.certificatePem;
    world.link.open({ controlId: 'control-1', baseUrl, authentication: 'pop-1.secret', caPem });
  });
  after(() => world.stop());
  beforeEach(() => {
    calls = [];
    answered = () => {};
    answers = { 'invitations/mni_secret': [200, invitation] };
  });

  const cookieOf = (userId: string) =>
    `__Host-manis_portal=${world.portalToken({ subject: { kind: 'user', userId } })}`;
  const show = (cookie = '', path = LINK) => world.fetch(PORTAL_HOST, path, { headers: { ...NAVIGATES, cookie } });
  function send(fields: Record<string, string>, cookie = '', origin?: string) {
    const from = origin ?? `https://${PORTAL_HOST}:${world.port}`;
    const headers = { ...NAVIGATES, cookie, origin: from, 'content-type': 'application/x-www-form-urlencoded' };
    return world.fetch(PORTAL_HOST, LINK, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  }
  const filled = { name: 'Ada', password: 'a river in the hills', repeat: 'a river in the hills' };

  test('who has no account makes one, and is signed in', async () => {
    const page = await show();
    assert.equal(page.status, 200);
    assert.match(page.body, /Join Acme &lt;Ltd&gt;/);
    assert.match(page.body, /value="ada@example.com" readonly/);
    const token = world.portalToken();
    answers['invitations'] = [200, { token, expiresUnixMs: world.clock.unixMs() + 60_000, sessionId: 'x' }];
    const joined = await send(filled);
    assert.deepEqual([joined.status, joined.headers.location], [303, '/']);
    assert.match(joined.headers['set-cookie']?.[0] ?? '', /^__Host-manis_portal=/);
    const { body } = calls.at(-1) ?? assert.fail('control was asked');
    assert.deepEqual([body['token'], body['name'], body['password']], ['mni_secret', 'Ada', filled.password]);
  });

  test('a new account goes on when the PoP has the snapshot that it is in', async () => {
    const applied = world.publishDelta(user('eve', []));
    const { epoch, revision } = applied?.type === 'applied' ? applied.version : assert.fail('the delta was applied');
    const token = world.portalToken({ subject: { kind: 'user', userId: 'newcomer' } });
    const version = { epoch, revision: revision + 1 };
    answers['invitations'] = [200, { token, expiresUnixMs: world.clock.unixMs() + 60_000, sessionId: 'x', version }];
    answered = () => void world.publishDelta(user('newcomer', []));
    const cookie = (await send(filled)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    assert.equal((await show(cookie, '/')).status, 200, 'nobody is sent to sign in');
  });

  test('what is wrong is said, and the name is kept', async () => {
    for (const [fields, says] of [
      [{ ...filled, name: ' ' }, /Say your name/],
      [{ ...filled, password: 'short', repeat: 'short' }, /at least 10 characters/],
      [{ ...filled, repeat: 'another one, typed' }, /not the same/],
    ] as const) {
      const answer = await send(fields);
      assert.equal(answer.status, 400);
      assert.match(answer.body, says);
    }
    answers['invitations'] = [400, { code: 'password-weak' }];
    const weak = await send(filled);
    assert.match(weak.body, /too easy to guess/);
    assert.match(weak.body, /value="Ada"/);
    assert.ok(!weak.body.includes(filled.password));
  });

  test('the account that is invited signs in, and joins by a button', async () => {
    answers['invitations/mni_secret'] = [200, { ...invitation, hasAccount: true }];
    assert.match((await show()).body, /href="\/sign-in\?return=%2Finvitation%2Fmni_secret"/);
    const other = await show(cookieOf('eve'));
    assert.match(other.body, /you are signed in as eve@example.com/);
    assert.ok(!other.body.includes('<form'));
    assert.match((await show(cookieOf('ada'))).body, /<form method="post" action="\/invitation\/mni_secret">/);
    answers['invitations/accept'] = [204, undefined];
    const joined = await send({}, cookieOf('ada'));
    assert.deepEqual([joined.status, joined.headers.location], [303, '/']);
    assert.equal(calls.at(-1)?.path, 'invitations/accept');
    const renewUrl = `https://${PORTAL_HOST}/reset/mnx_secret`;
    answers['invitations/accept'] = [200, { renewUrl }];
    const renewed = await send({}, cookieOf('ada'));
    assert.deepEqual([renewed.status, renewed.headers.location], [303, '/reset/mnx_secret']);
    assert.match(renewed.headers['set-cookie']?.[0] ?? '', /^__Host-manis_portal=;.*Max-Age=0/);
    calls = [];
    assert.equal((await send({}, cookieOf('eve'))).status, 200, 'another account is told so');
    assert.ok(calls.every(({ path }) => path !== 'invitations/accept'));
    assert.equal((await send({}, cookieOf('ada'), 'https://evil.example')).status, 403, 'a form of another site');
  });

  test('a link that is spent, and control that is away, are told apart', async () => {
    assert.equal((await show('', '/invitation/mni_other')).status, 404);
    answers['invitations/mni_secret'] = [503, { code: 'store-busy' }];
    assert.equal((await show()).status, 503);
  });
});
