/** Second steps at a control node, asked as PoPs ask: enrolment, replay, limits, recovery, enforcement, reset. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashOfRecoveryCode } from '../../io/factors/recovery-codes.ts';
import { totpCodeAt } from '../../io/factors/totp.ts';
import { createRandom } from '../../io/random.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const PASSWORD = 'seven quiet otters at noon';
const world = new ControlWorld();
const clock = new VirtualClock(1000, Date.now());
const client = { clientAddress: '192.0.2.7', userAgent: 'test', browser: 'browser-1' };
let pop: PopWorld;
let made = 0;

before(async () => {
  await world.start({ clock, random: createRandom() });
  pop = await world.addPop('ams');
});
after(() => world.end());

const ask = (path: string, body: object) => world.asPop(pop, path, { ...client, ...body });
const nextStep = () => clock.advance(30_000);

async function person(changes: object = {}): Promise<{ id: string; email: string }> {
  const email = `person${made++}@example.org`;
  const { id } = await world.must('POST', '/users', { email, name: email, password: PASSWORD, ...changes });
  return { id, email };
}

const signIn = (email: string, more: object = {}) => ask('/sign-in', { email, password: PASSWORD, ...more });

async function session(email: string): Promise<string> {
  const { body } = await signIn(email);
  assert.ok(body.token, JSON.stringify(body));
  return body.token as string;
}

/** Adds an authenticator; the session is a stronger one after that. */
async function enrol(by: { session?: string; step?: string }) {
  const begun = await ask('/security', { ...by, change: { kind: 'totp-begin' } });
  assert.equal(begun.status, 200, JSON.stringify(begun.body));
  const secret = begun.body.totp.secret as string;
  const code = totpCodeAt(secret, clock.unixMs());
  const done = await ask('/security', { ...by, change: { kind: 'totp-confirm', code, name: 'Phone' } });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  nextStep();
  return { secret, code, codes: done.body.recoveryCodes as string[], session: done.body.session?.token as string };
}

async function stepOf(email: string, more: object = {}): Promise<string> {
  const { body } = await signIn(email, more);
  assert.ok(body.secondStep, JSON.stringify(body));
  return body.secondStep.token as string;
}

const prove = (step: string, method: string, code: string, more: object = {}) =>
  ask('/second-step', { step, method, code, ...more });

describe('an authenticator', () => {
  test('is set up with a code of it, after which a password alone opens nothing', async () => {
    const { email } = await person();
    const { secret, codes, session: stronger } = await enrol({ session: await session(email) });
    assert.equal(codes.length, 10);
    assert.ok(stronger, 'the session has two factors now');
    const step = await stepOf(email);
    const read = await ask('/second-step/read', { step });
    assert.deepEqual(
      read.body.offered.map((one: { method: string }) => one.method),
      ['totp', 'recovery-code'],
    );
    const wrong = await prove(step, 'totp', '000000');
    assert.deepEqual([wrong.status, wrong.body.code], [401, 'factor-refused']);
    assert.equal((await prove(step, 'totp', totpCodeAt(secret, clock.unixMs()))).status, 200);
  });

  test('a code is good once, and a second step is finished once', async () => {
    const { email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const [one, other] = [await stepOf(email), await stepOf(email)];
    const code = totpCodeAt(secret, clock.unixMs());
    assert.equal((await prove(one, 'totp', code)).status, 200);
    assert.equal((await prove(other, 'totp', code)).body.code, 'factor-refused');
    nextStep();
    const again = await prove(one, 'totp', totpCodeAt(secret, clock.unixMs()));
    assert.equal(again.body.code, 'second-step-ended');
  });

  test('the code that set it up is used up', async () => {
    const { email } = await person();
    const { code } = await enrol({ session: await session(email) });
    assert.equal((await prove(await stepOf(email), 'totp', code)).body.code, 'factor-refused');
  });

  test('a second step belongs to the browser that began it', async () => {
    const { email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const code = totpCodeAt(secret, clock.unixMs());
    const stolen = await prove(await stepOf(email), 'totp', code, { browser: 'browser-2' });
    assert.equal(stolen.body.code, 'second-step-ended');
  });

  test('five wrong codes are enough, whatever is signed in anew; a recovery code still helps, and others are not hurt', async () => {
    const { email } = await person();
    const { secret, codes } = await enrol({ session: await session(email) });
    for (let i = 0; i < 5; i++) assert.equal((await prove(await stepOf(email), 'totp', '000000')).status, 401);
    const right = await prove(await stepOf(email), 'totp', totpCodeAt(secret, clock.unixMs()));
    assert.deepEqual([right.status, right.body.code], [429, 'sign-in-rate-limited']);
    assert.equal((await prove(await stepOf(email), 'recovery-code', codes[0] ?? '')).status, 200);
    assert.equal((await signIn((await person()).email)).status, 200);
  });

  test('who does not know the password cannot use up the tries of the one who does', async () => {
    const { email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    for (let i = 0; i < 9; i++) await signIn(email, { password: 'wrong', clientAddress: '198.51.100.1' });
    assert.equal((await prove(await stepOf(email), 'totp', totpCodeAt(secret, clock.unixMs()))).status, 200);
  });
});

describe('recovery codes', () => {
  test('are good once; a new set ends the old one', async () => {
    const { id, email } = await person();
    const enrolled = await enrol({ session: await session(email) });
    const [first = '', second = ''] = enrolled.codes;
    assert.equal((await prove(await stepOf(email), 'recovery-code', first)).status, 200);
    assert.equal((await prove(await stepOf(email), 'recovery-code', first)).body.code, 'factor-refused');
    const renewed = await ask('/security', { session: enrolled.session, change: { kind: 'recovery-codes' } });
    assert.equal(renewed.body.recoveryCodes.length, 10);
    assert.equal((await prove(await stepOf(email), 'recovery-code', second)).body.code, 'factor-refused');
    const { items } = await world.must('GET', '/audit?limit=200');
    const told = JSON.stringify(items);
    for (const code of [...enrolled.codes, ...renewed.body.recoveryCodes])
      assert.ok(
        !told.includes(code) && !told.includes(hashOfRecoveryCode(id, code) ?? code),
        'no code is in the audit',
      );
    assert.ok(!world.logLines.some((line) => line.includes(first) || line.includes(enrolled.secret)));
  });
});

describe('changing factors', () => {
  test('asks for a fresh proof, of a factor where there is one', async () => {
    const { email } = await person();
    const before = await session(email);
    const { secret, session: stronger } = await enrol({ session: before });
    const weak = await ask('/security', { session: before, change: { kind: 'recovery-codes' } });
    assert.deepEqual([weak.status, weak.body.code], [403, 'step-up-required']);
    clock.advance(16 * 60_000);
    const old = await ask('/security', { session: stronger, change: { kind: 'totp-begin' } });
    assert.equal(old.body.code, 'step-up-required');
    const code = totpCodeAt(secret, clock.unixMs());
    const fresh = await ask('/second-step', { session: stronger, method: 'totp', code });
    assert.equal(fresh.status, 200);
    const done = await ask('/security', { session: fresh.body.token, change: { kind: 'totp-begin' } });
    assert.equal(done.status, 200);
  });

  test('a session can be proved anew by the password, which makes it no stronger', async () => {
    const { email } = await person();
    const own = await session(email);
    clock.advance(16 * 60_000);
    assert.equal((await ask('/second-step', { session: own, method: 'password', code: 'wrong' })).status, 401);
    const fresh = await ask('/second-step', { session: own, method: 'password', code: PASSWORD });
    assert.equal((await ask('/security', { session: fresh.body.token, change: { kind: 'totp-begin' } })).status, 200);
  });

  test('the last factor takes recovery codes and remembered browsers with it', async () => {
    const { email } = await person();
    const { session: own } = await enrol({ session: await session(email) });
    const { body } = await ask('/security/read', { session: own });
    const [authenticator] = body.authenticators;
    assert.equal(authenticator.name, 'Phone');
    const change = { kind: 'totp-remove', id: authenticator.id };
    assert.equal((await ask('/security', { session: own, change })).status, 200);
    assert.ok((await signIn(email)).body.token);
  });

  test("somebody else's authenticator is none", async () => {
    const [one, other] = [await person(), await person()];
    const { session: own } = await enrol({ session: await session(one.email) });
    await enrol({ session: await session(other.email) });
    const { authenticators } = await world.must('GET', `/users/${other.id}/factors`);
    const change = { kind: 'totp-remove', id: authenticators[0].id };
    assert.equal((await ask('/security', { session: own, change })).status, 404);
  });

  test('a new password ends the other sessions and keeps this one', async () => {
    const { email } = await person();
    const [own, other] = [await session(email), await session(email)];
    const next = 'eight loud badgers at dusk';
    const weak = { kind: 'password', current: PASSWORD, next: 'password12' };
    assert.equal((await ask('/security', { session: own, change: weak })).body.code, 'password-weak');
    const wrong = { kind: 'password', current: 'not it', next };
    assert.equal((await ask('/security', { session: own, change: wrong })).body.code, 'factor-refused');
    const done = await ask('/security', { session: own, change: { kind: 'password', current: PASSWORD, next } });
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.equal((await ask('/security/read', { session: other })).body.code, 'session-ended');
    assert.equal((await ask('/security/read', { session: own })).body.code, 'session-ended', 'its old token, too');
    const mine = await ask('/security/read', { session: done.body.session.token });
    assert.equal(mine.body.sessions.length, 1);
    assert.ok(mine.body.sessions[0].isThis);
  });
});

describe('a remembered browser', () => {
  test('leaves the second step out, is no factor, and can be forgotten', async () => {
    const { email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const code = totpCodeAt(secret, clock.unixMs());
    const done = await prove(await stepOf(email), 'totp', code, { remember: true });
    const remembered = done.body.remembered.token as string;
    const quick = await signIn(email, { remembered });
    assert.ok(quick.body.token);
    const claims = JSON.parse(Buffer.from(quick.body.token.split('.')[2], 'base64url').toString());
    assert.deepEqual(claims.amr, ['password', 'remembered-browser']);
    const other = await person();
    await enrol({ session: await session(other.email) });
    assert.ok((await signIn(other.email, { remembered })).body.secondStep, 'for its user alone');
    await ask('/security', { session: quick.body.token, change: { kind: 'forget-browsers' } });
    assert.ok((await signIn(email, { remembered })).body.secondStep);
  });

  test('is forgotten with a new password, and proves nothing that changes factors', async () => {
    const { id, email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const code = totpCodeAt(secret, clock.unixMs());
    const done = await prove(await stepOf(email), 'totp', code, { remember: true });
    const remembered = done.body.remembered.token as string;
    await world.must('PATCH', '/organisation/mfa', { rememberedCounts: true });
    const quick = await signIn(email, { remembered });
    const change = await ask('/security', { session: quick.body.token, change: { kind: 'totp-begin' } });
    await world.must('PATCH', '/organisation/mfa', { rememberedCounts: false });
    assert.equal(change.body.code, 'step-up-required');
    await world.must('PATCH', `/users/${id}`, { password: PASSWORD });
    assert.ok((await signIn(email, { remembered })).body.secondStep);
  });

  test('is forgotten when an administrator sets a password, disables the user or ends their sessions', async () => {
    const { id, email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const password = 'nine loud herons at dusk';
    const ends: [string, () => Promise<unknown>][] = [
      ['end of sessions', () => world.api('DELETE', `/users/${id}/sessions`)],
      ['disabled', () => world.must('PATCH', `/users/${id}`, { disabled: true })],
      ['password', () => world.must('PATCH', `/users/${id}`, { password })],
    ];
    for (const [what, end] of ends) {
      const code = totpCodeAt(secret, clock.unixMs());
      const { remembered } = (await prove(await stepOf(email), 'totp', code, { remember: true })).body;
      nextStep();
      assert.ok((await signIn(email, { remembered: remembered.token })).body.token, what);
      await end();
      await world.must('PATCH', `/users/${id}`, { disabled: false });
      const again = await signIn(email, { remembered: remembered.token, ...(what === 'password' && { password }) });
      assert.ok(again.body.secondStep, what);
      assert.equal((await world.must('GET', `/users/${id}/factors`)).rememberedBrowsers, 0);
    }
  });

  test('is remembered for thirty days', async () => {
    const { email } = await person();
    const { secret } = await enrol({ session: await session(email) });
    const code = totpCodeAt(secret, clock.unixMs());
    const { body } = await prove(await stepOf(email), 'totp', code, { remember: true });
    assert.equal(body.remembered.expiresUnixMs, clock.unixMs() + 30 * 86_400_000);
  });
});

describe('a factor that is required', () => {
  test('is set up in the second step, by role or by everybody, once the grace period is over', async () => {
    await world.must('POST', '/roles', { name: 'engineering' });
    const [engineer, clerk] = [await person({ roles: ['engineering'] }), await person()];
    await world.must('PATCH', '/organisation/mfa', { requiredRoles: ['engineering'], graceMs: 3_600_000 });
    assert.ok((await signIn(engineer.email)).body.token, 'there is time');
    clock.advance(3_600_001);
    const step = await stepOf(engineer.email);
    assert.ok((await signIn(clerk.email)).body.token, 'others need none');
    assert.equal((await ask('/second-step/read', { step })).body.need, 'enrol');
    const { session: own, codes } = await enrol({ step });
    assert.equal(codes.length, 10);
    const claims = JSON.parse(Buffer.from(own.split('.')[2] ?? '', 'base64url').toString());
    assert.deepEqual(claims.amr, ['password', 'totp', 'mfa']);
    const late = await ask('/security', { step, change: { kind: 'totp-begin' } });
    assert.equal(late.body.code, 'step-up-required', 'a second step sets up the first factor and no other');
    await world.must('PATCH', '/organisation/mfa', { required: true, graceMs: 0 });
    assert.ok((await signIn(clerk.email)).body.secondStep);
    await world.must('PATCH', '/organisation/mfa', { required: false, requiredRoles: [] });
  });
});

describe('an administrator', () => {
  test('takes lost factors away, which ends sessions and is in the audit', async () => {
    const { id, email } = await person();
    const { session: own } = await enrol({ session: await session(email) });
    await pop.until(() => pop.find('user', id)?.asksFactor === true);
    for (let i = 0; i < 5; i++) await prove(await stepOf(email), 'totp', '000000');
    assert.equal((await world.api('DELETE', `/users/${id}/factors`)).status, 204);
    assert.equal((await ask('/security/read', { session: own })).body.code, 'session-ended');
    await pop.until(() => pop.find('user', id)?.asksFactor === undefined);
    await enrol({ session: await session(email) });
    const { items } = await world.must('GET', '/audit?limit=100');
    const event = items.find((one: { action: string; subject: string }) => one.action === 'user.reset-factors');
    assert.deepEqual([event.subject, event.detail.removed], [id, 1]);
  });
});
