/** Codes by mail as a second factor, asked as PoPs ask: off by default, for people without another factor, after another proof. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, describe, test } from 'node:test';
import { totpCodeAt } from '../../io/factors/totp.ts';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { MailWorld } from '../../testing/mail-world.ts';

const PASSWORD = 'seven quiet otters at noon';
const BROWSER = 'b'.repeat(43);

let world: ControlWorld;
let mail: MailWorld;
let pop: PopWorld;
let made = 0;

before(async () => {
  world = new ControlWorld();
  await world.start();
  mail = await MailWorld.start();
  pop = await world.addPop('One');
  const server = { host: '127.0.0.1', port: mail.port, caPem: mail.caPem, fromAddress: 'manis@example.com' };
  await world.must('PUT', '/mail', { ...server, codeSignIn: true });
});
beforeEach(() => allow({ required: true, emailCodes: true }));
after(async () => {
  await world.end();
  await mail.stop();
});

const allow = (settings: object) => world.must('PATCH', '/organisation/mfa', { graceMs: 0, ...settings });

/** Each person has an own network, so that nobody uses up what others are limited by. */
const ask = (path: string, body: object): Promise<Answer> => {
  const client = { clientAddress: `198.51.100.${made}`, userAgent: 'test', browser: BROWSER };
  return world.call('POST', `/internal/v1${path}`, { ...client, ...body }, pop.headers);
};

async function person(): Promise<string> {
  const email = `person${++made}@example.org`;
  await world.must('POST', '/users', { email, name: email, password: PASSWORD });
  return email;
}

const signIn = async (email: string) => (await ask('/sign-in', { email, password: PASSWORD })).body;
const stepOf = async (email: string): Promise<string> => (await signIn(email)).secondStep.token;
const offered = async (step: string) => {
  const { body } = await ask('/second-step/read', { step });
  return [body.need, ...body.offered.map(({ method }: { method: string }) => method)];
};
const prove = (step: string, challenge: string, code: string, more: object = {}) =>
  ask('/second-step', { step, method: 'email-otp', challenge, code, ...more });

/** Has a code mailed for a step. */
async function mailed(email: string, step: string): Promise<{ attempt: string; code: string }> {
  const answer = await ask('/second-step/mail', { step });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { attempt: answer.body.attempt, code: await mail.nextCode(email) };
}

describe('a code by mail as a second factor', () => {
  test('is off by default: whoever must have a factor sets one up, and no code is sent', async () => {
    await allow({ emailCodes: false });
    assert.equal((await world.must('GET', '/organisation/mfa')).emailCodes, false);
    const step = await stepOf(await person());
    assert.deepEqual(await offered(step), ['enrol']);
    assert.equal((await ask('/second-step/mail', { step })).body.code, 'factor-refused');
  });

  test('is asked of nobody who need not have a factor', async () => {
    await allow({ required: false });
    assert.ok((await signIn(await person())).token);
  });

  test('is two factors with a password, once', async () => {
    const email = await person();
    const step = await stepOf(email);
    assert.deepEqual(await offered(step), ['prove', 'email-otp']);
    const { attempt, code } = await mailed(email, step);
    const other = await prove(step, attempt, code, { browser: 'c'.repeat(43) });
    assert.equal(other.body.code, 'second-step-ended');
    const { status, body } = await prove(step, attempt, code);
    assert.equal(status, 200, JSON.stringify(body));
    const claims = JSON.parse(Buffer.from(body.token.split('.')[2] ?? '', 'base64url').toString());
    assert.deepEqual(claims.amr, ['password', 'email-otp', 'mfa']);
    assert.ok(claims.ma > 0);
    assert.equal((await prove(await stepOf(email), attempt, code)).body.code, 'factor-refused', 'used up');
  });

  test('of somebody else, or one that was mailed to sign in with, is worth nothing', async () => {
    const [ada, eve] = [await person(), await person()];
    const ofEve = await mailed(eve, await stepOf(eve));
    const step = await stepOf(ada);
    assert.equal((await prove(step, ofEve.attempt, ofEve.code)).body.code, 'factor-refused');
    const { attempt } = (await ask('/email-codes', { email: ada })).body;
    assert.equal((await prove(step, attempt, await mail.nextCode(ada))).body.code, 'factor-refused');
    const second = await mailed(ada, step);
    const first = await ask('/email-codes/check', { attempt: second.attempt, code: second.code });
    assert.equal(first.body.code, 'sign-in-refused', 'nor does it sign in by itself');
  });

  test('is guessed five times at most, whatever is asked for anew', async () => {
    const email = await person();
    for (let i = 0; i < 5; i++) {
      const step = await stepOf(email);
      const { attempt, code } = i < 2 ? await mailed(email, step) : { attempt: 'A'.repeat(22), code: '1' };
      assert.equal((await prove(step, attempt, code === '000000' ? '000001' : '000000')).status, 401);
    }
    const step = await stepOf(email);
    const { attempt, code } = await mailed(email, step);
    assert.equal((await prove(step, attempt, code)).status, 429);
  });

  test('never follows a sign-in by mail: the mailbox alone is one factor', async () => {
    const email = await person();
    const { attempt } = (await ask('/email-codes', { email })).body;
    const { body } = await ask('/email-codes/check', { attempt, code: await mail.nextCode(email) });
    const step = body.secondStep.token;
    assert.deepEqual(await offered(step), ['enrol']);
    assert.equal((await ask('/second-step/mail', { step })).body.code, 'factor-refused');
    const other = await mailed(email, await stepOf(email));
    assert.equal((await prove(step, other.attempt, other.code)).body.code, 'factor-refused');
  });

  test('is one where every organisation of a person says so, and no sooner', async () => {
    const email = await person();
    const { id: other } = await world.must('POST', '/organisations', { name: 'Other' });
    const { items } = await world.must('GET', '/users?limit=200');
    const userId = items.find((one: { email: string }) => one.email === email).id;
    const database = new DatabaseSync(`${world.dataDir}/control.sqlite`);
    const join = 'insert into memberships (organisation_id, user_id, created_unix_ms) values (?, ?, 0)';
    database.prepare(join).run(other, userId);
    database.close();
    assert.deepEqual(await offered(await stepOf(email)), ['enrol']);
  });

  test('never stands in for a factor of one’s own', async () => {
    const email = await person();
    const first = await stepOf(email);
    const proved = await mailed(email, first);
    const { token: session } = (await prove(first, proved.attempt, proved.code)).body;
    const { totp } = (await ask('/security', { session, change: { kind: 'totp-begin' } })).body;
    const before = await mailed(email, await stepOf(email));
    const change = { kind: 'totp-confirm', code: totpCodeAt(totp.secret, Date.now()) };
    assert.equal((await ask('/security', { session, change })).status, 200);
    const step = await stepOf(email);
    assert.deepEqual(await offered(step), ['prove', 'totp', 'recovery-code']);
    assert.equal((await ask('/second-step/mail', { step })).body.code, 'factor-refused');
    assert.equal((await prove(step, before.attempt, before.code)).body.code, 'factor-refused');
  });

  test('strengthens a session that a rule asks more of', async () => {
    await allow({ required: false });
    const email = await person();
    const { token: session } = await signIn(email);
    const { attempt } = (await ask('/second-step/mail', { session })).body;
    const given = { session, method: 'email-otp', challenge: attempt, code: await mail.nextCode(email) };
    const { body } = await ask('/second-step', given);
    const claims = JSON.parse(Buffer.from(body.token.split('.')[2] ?? '', 'base64url').toString());
    assert.deepEqual(claims.amr, ['password', 'email-otp', 'mfa']);
  });

  test('codes are in neither the audit nor the log', async () => {
    const email = await person();
    const { attempt, code } = await mailed(email, await stepOf(email));
    const told = JSON.stringify(await world.must('GET', '/audit?limit=200')) + world.logLines.join('');
    assert.ok(!told.includes(attempt) && !new RegExp(`\\b${code}\\b`).test(told));
  });
});
