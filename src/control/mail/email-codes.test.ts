// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { MailWorld } from '../../testing/mail-world.ts';
import { EMAIL_CODE_TRIES, MAILS_PER_ADDRESS } from '../constants.ts';

const BROWSER = 'b'.repeat(43);
const NEW_PASSWORD = 'seven quiet herons wade';

let world: ControlWorld;
let mail: MailWorld;
let pop: PopWorld;
let guestResource: string;
/** Every test has its own network, so that none uses up what another is limited by. */
let network = 0;

before(async () => {
  world = new ControlWorld();
  await world.start();
  mail = await MailWorld.start();
  pop = await world.addPop('One');
  await set({ codeSignIn: true });
  await world.must('POST', '/users', { email: 'ada@example.com', name: 'Ada', password: 'quite a long password 1' });
  await world.must('POST', '/users', { email: 'off@example.com', name: 'Off', disabled: true });
  const rule = (email: string) => ({
    ...{ id: 'guests', name: 'Guests', enabled: true, when: { all: [] } },
    then: { kind: 'authenticate', anyOf: { emails: [email] } },
  });
  const policy = { rules: [rule('*@guests.example')] };
  guestResource = (await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.manis.localhost', policy })).id;
});
beforeEach(() => {
  network++;
  mail.mails.length = 0;
});
after(async () => {
  await world.end();
  await mail.stop();
});

const client = () => ({ clientAddress: `198.51.100.${network}`, userAgent: 'test' });

function set(changes: Record<string, unknown>) {
  const settings = { host: '127.0.0.1', port: mail.port, caPem: mail.caPem, fromAddress: 'manis@example.com' };
  return world.must('PUT', '/mail', { ...settings, ...changes });
}

const post = (path: string, body: object): Promise<Answer> =>
  world.call('POST', `/internal/v1${path}`, { ...body, ...client() }, pop.headers);

async function ask(email: string, resourceId?: string): Promise<string> {
  const answer = await post('/email-codes', { email, browser: BROWSER, ...(resourceId && { resourceId }) });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  return answer.body.attempt;
}

const check = (attempt: string, code: string, browser = BROWSER) =>
  post('/email-codes/check', { attempt, code, browser });
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

describe('a mailed code', () => {
  test('signs a user in, once', async () => {
    const attempt = await ask('Ada@Example.com');
    const code = await mail.nextCode('ada@example.com');
    const answer = await check(attempt, code);
    assert.deepEqual([answer.status, answer.body.kind, answer.body.user.email], [200, 'user', 'ada@example.com']);
    assert.deepEqual((await check(attempt, code)).body.code, 'sign-in-refused');
  });

  test('is spent by one of several that race', async () => {
    const attempt = await ask('ada@example.com');
    const code = await mail.nextCode('ada@example.com');
    const answers = await Promise.all([1, 2, 3, 4].map(() => check(attempt, code)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  test('is good in the browser that asked for it alone', async () => {
    const attempt = await ask('ada@example.com');
    const code = await mail.nextCode('ada@example.com');
    assert.equal((await check(attempt, code, 'c'.repeat(43))).status, 401);
    assert.equal((await check('A'.repeat(22), code)).status, 401);
    assert.equal((await check(attempt, code)).status, 200);
  });

  test('is dead after five tries, though the sixth is right', async () => {
    const attempt = await ask('ada@example.com');
    const code = await mail.nextCode('ada@example.com');
    for (let i = 0; i < EMAIL_CODE_TRIES; i++) assert.equal((await check(attempt, wrong(code))).status, 401);
    assert.equal((await check(attempt, code)).status, 401);
  });

  test('replaces the one that the address had for the same purpose', async () => {
    await forget();
    const first = await ask('ada@example.com');
    const firstCode = await mail.nextCode('ada@example.com');
    const second = await ask('ada@example.com');
    const secondCode = await mail.nextCode('ada@example.com');
    assert.equal((await check(first, firstCode)).status, 401);
    assert.equal((await check(second, secondCode)).status, 200);
  });

  test('lets a guest prove an address that the list of the resource holds, for that resource', async () => {
    const attempt = await ask('bo@guests.example', guestResource);
    const got = await mail.next('bo@guests.example');
    assert.equal(got.subject, 'Your code for Wiki');
    const code = /^ {4}(\d{6})$/m.exec(got.text ?? '')?.[1] ?? '';
    const { status, body } = await check(attempt, code);
    assert.deepEqual(
      [status, body.kind, body.email, body.resourceId],
      [200, 'guest', 'bo@guests.example', guestResource],
    );
  });

  test('is refused where the address was taken off the list meanwhile', async () => {
    const attempt = await ask('cy@guests.example', guestResource);
    const code = await mail.nextCode('cy@guests.example');
    const policy = (await world.must('GET', `/resources/${guestResource}`)).policy;
    await world.must('PATCH', `/resources/${guestResource}`, { policy: { rules: [] } });
    assert.equal((await check(attempt, code)).status, 401);
    await world.must('PATCH', `/resources/${guestResource}`, { policy });
  });

  test('is answered alike for every address, whether anybody is mailed or not', async () => {
    for (const [email, resourceId] of [
      ['nobody@example.com', undefined],
      ['off@example.com', undefined],
      ['off@example.com', guestResource],
      ['bo@guests.example', undefined],
      ['nobody@example.com', guestResource],
      ['not an address', undefined],
    ] as const) {
      const attempt = await ask(email, resourceId);
      assert.match(attempt, /^[A-Za-z0-9_-]{22}$/);
      assert.equal((await check(attempt, '123456')).body.code, 'sign-in-refused');
    }
    await ask('ada@example.com');
    await mail.next('ada@example.com');
    assert.equal(mail.mails.length, 0, 'the one that came last came alone');
  });

  test('is mailed to one address a few times at most, whether it is anybody or not', async () => {
    for (const email of ['dan@guests.example', 'nobody-2@example.com']) {
      for (let i = 0; i < MAILS_PER_ADDRESS; i++) await ask(email, guestResource);
      const answer = await post('/email-codes', { email, browser: BROWSER });
      assert.deepEqual([answer.status, answer.body.code], [429, 'sign-in-rate-limited']);
    }
  });

  test('does not sign users in where that is not allowed', async () => {
    await forget();
    const attempt = await ask('ada@example.com');
    const code = await mail.nextCode('ada@example.com');
    await set({ codeSignIn: false });
    assert.equal((await check(attempt, code)).status, 401, 'not even with a code from before');
    await set({ codeSignIn: true });
  });
});

test('a guest revoked loses what was proved before, on every PoP', async () => {
  await world.must('POST', '/guests/revoke', { email: 'Bo@guests.example' });
  await pop.until(() =>
    pop.entries.some((entry) => entry.kind === 'user' && entry.userId === 'guest:bo@guests.example'),
  );
});

describe('a forgotten password', () => {
  test('is replaced by a link that works once, ends sessions, and is told of', async () => {
    const before = await post('/sign-in', { email: 'ada@example.com', password: 'quite a long password 1' });
    assert.equal(before.status, 200);
    await forget();
    assert.equal((await post('/password-resets', { email: 'ada@example.com' })).status, 202);
    const link = await mail.nextLink('ada@example.com');
    assert.match(link.href, /^https:\/\/manis\.localhost:8443\/reset\/mnx_[A-Za-z0-9_-]{43}$/);
    const token = link.pathname.slice('/reset/'.length);
    assert.equal(
      (await world.call('POST', '/internal/v1/password-resets/read', { token }, pop.headers)).body.email,
      'ada@example.com',
    );
    const weak = await post('/password-resets/finish', { token, password: 'password' });
    assert.equal(weak.body.code, 'password-weak');
    assert.equal((await post('/password-resets/finish', { token, password: NEW_PASSWORD })).status, 204);
    assert.equal(
      (await post('/password-resets/finish', { token, password: NEW_PASSWORD })).body.code,
      'password-reset-unknown',
    );
    assert.equal((await mail.next('ada@example.com')).subject, 'Your Manis password was changed');
    const renewed = await post('/sessions/renew', { token: before.body.token }).catch(() => undefined);
    assert.notEqual(renewed?.status, 200);
    assert.equal((await post('/sign-in', { email: 'ada@example.com', password: NEW_PASSWORD })).status, 200);
  });

  test('is answered alike for every address, and a newer link replaces the older', async () => {
    await forget();
    for (const email of ['nobody@example.com', 'off@example.com', 'ada@example.com', 'ada@example.com'])
      assert.deepEqual((await post('/password-resets', { email })).body, {});
    const links = [await mail.nextLink('ada@example.com'), await mail.nextLink('ada@example.com')];
    const answers = [];
    for (const { pathname } of links) {
      const token = pathname.slice('/reset/'.length);
      const { status } = await world.call('POST', '/internal/v1/password-resets/read', { token }, pop.headers);
      answers.push(status);
    }
    assert.deepEqual(answers.sort(), [200, 404]);
    assert.equal(mail.mails.length, 0);
  });
});

test('a sign-in from a device that was not used before is told, and from a known one is not', async () => {
  await set({ deviceNotices: true, codeSignIn: true });
  const signIn = (userAgent: string) =>
    world.call(
      'POST',
      '/internal/v1/sign-in',
      {
        ...{ email: 'ada@example.com', password: NEW_PASSWORD, ...client(), userAgent },
      },
      pop.headers,
    );
  await signIn('Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0');
  await mail.next('ada@example.com');
  await signIn('Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/141.2');
  await signIn('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15');
  const told = await mail.next('ada@example.com');
  assert.equal(told.subject, 'New sign-in to your Manis account');
  assert.match(told.text ?? '', /Macintosh.*198\.51\.100\./s);
  assert.equal(mail.mails.length, 0);
});

test('nothing of it all is in the log, the audit or the store in clear', async () => {
  const attempt = await ask('eve@guests.example', guestResource);
  const code = await mail.nextCode('eve@guests.example');
  const rows = await world.must('GET', '/audit');
  for (const text of [JSON.stringify(rows), world.logLines.join('')]) {
    assert.ok(!text.includes(attempt), 'the attempt');
    assert.ok(!new RegExp(`\\b${code}\\b`).test(text), 'the code');
    assert.ok(!text.includes(NEW_PASSWORD));
    assert.ok(!text.includes('mnx_'));
  }
});

/** Starts the counts of mails anew. */
async function forget(): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(`${world.dataDir}/control.sqlite`);
  database.exec(`delete from sign_in_tries where id like 'mail:%'`);
  database.close();
}
