/** Programs that are signed in with a code, asked as programs and PoPs ask. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRandom } from '../../io/random.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { FACTOR_FRESH_MS } from '../factors/constants.ts';
import {
  PROGRAM_ASK_INTERVAL_MS,
  PROGRAM_CODE_LIFE_MS,
  PROGRAM_CODES_PER_ACCOUNT,
  PROGRAM_SIGN_INS_MAX,
  PROGRAM_SIGN_INS_PER_NETWORK,
  PROGRAM_TOKEN_IDLE_MS,
} from './constants.ts';
import { beginProgramSignIn, takeProgramToken } from './program-sign-ins.ts';

const PASSWORD = 'seven quiet otters at noon';
const world = new ControlWorld();
const clock = new VirtualClock(1000, Date.now());
const client = { clientAddress: '192.0.2.7', userAgent: 'test', browser: 'browser-1' };
let pop: PopWorld;
let made = 0;

let observed: ReturnType<ControlWorld['start']>;

before(async () => {
  observed = world.start({ clock, random: createRandom() });
  await observed;
  pop = await world.addPop('ams');
});
after(() => world.end());

const ask = (path: string, body: object) => world.asPop(pop, path, { ...client, ...body });

async function person(): Promise<{ id: string; session: string }> {
  const email = `person${made++}@example.org`;
  const { id } = await world.must('POST', '/users', { email, name: email, password: PASSWORD });
  const { body } = await ask('/sign-in', { email, password: PASSWORD });
  return { id, session: body.token };
}

const begin = async () =>
  (await world.call('POST', '/api/v1/program-sign-ins', { program: 'manis', computer: 'desk' })).body;
const take = (secret: string) => world.call('POST', '/api/v1/program-sign-ins/token', { secret });
const decide = (session: string, code: string, approved: boolean) =>
  ask('/program-sign-ins', { session, code, approved });
const me = (token: string) => world.call('GET', '/api/v1/me', undefined, { authorization: `Bearer ${token}` });

test('a program waits until somebody has looked at what it is and decided; its token is given once', async () => {
  const { session, id } = await person();
  const { secret, userCode: code, url } = await begin();
  assert.equal(url, 'https://manis.localhost:8443/program');
  assert.equal((await take(secret)).body.code, 'sign-in-pending');
  assert.equal((await take(secret)).body.code, 'sign-in-too-often');
  clock.advance(PROGRAM_ASK_INTERVAL_MS);
  assert.equal((await take(secret)).body.code, 'sign-in-pending');
  const { body: shown } = await ask('/program-sign-ins/read', { session, code: code.toLowerCase() });
  assert.deepEqual([shown.program, shown.computer, shown.relation], ['manis', 'desk', 'other']);
  const from = async (clientAddress: string) =>
    (await ask('/program-sign-ins/read', { session, code, clientAddress })).body.relation;
  assert.deepEqual(
    [await from('127.0.0.1'), await from('::1'), await from('2001:db8::1')],
    ['same', 'same', 'other-family'],
  );
  assert.equal((await decide(session, code, true)).status, 204);
  assert.equal((await decide(session, code, true)).body.code, 'sign-in-code-unknown', 'a code is good once');
  const { body } = await take(secret);
  assert.equal((await me(body.token)).body.id, id);
  assert.equal((await take(secret)).body.code, 'sign-in-code-unknown');
  const own = await world.call('GET', '/api/v1/me/tokens', undefined, { authorization: `Bearer ${body.token}` });
  assert.deepEqual(
    own.body.items.map((item: { name: string; isThis: boolean }) => [item.name, item.isThis]),
    [['manis on desk', true]],
  );
});

test('a session that has not just proved who it is decides nothing', async () => {
  const { session } = await person();
  clock.advance(FACTOR_FRESH_MS + 1_000);
  const { userCode: code } = await begin();
  assert.equal((await ask('/program-sign-ins/read', { session, code })).body.code, 'step-up-required');
  assert.equal((await decide(session, code, true)).body.code, 'step-up-required');
});

test('a refusal is final, and a code that nobody typed in time is gone', async () => {
  const { session } = await person();
  const refused = await begin();
  await decide(session, refused.userCode, false);
  assert.equal((await take(refused.secret)).body.code, 'sign-in-refused');
  const late = await begin();
  clock.advance(PROGRAM_CODE_LIFE_MS);
  assert.equal((await take(late.secret)).body.code, 'sign-in-code-unknown');
  assert.equal((await decide((await person()).session, late.userCode, true)).body.code, 'sign-in-code-unknown');
});

test('nobody guesses codes', async () => {
  const { session } = await person();
  const read = (code: string) => ask('/program-sign-ins/read', { session, code });
  for (let i = 0; i < PROGRAM_CODES_PER_ACCOUNT; i++)
    assert.equal((await read('BBBBBBBB')).body.code, 'sign-in-code-unknown');
  const { userCode: code } = await begin();
  const limited = await read(code);
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers['retry-after']) > 0);
});

test('a sign-in lives by being used, and ends with all sessions of its user', async () => {
  const signedIn = async () => {
    const { session, id } = await person();
    const { secret, userCode: code } = await begin();
    await decide(session, code, true);
    return { id, token: (await take(secret)).body.token as string };
  };
  const [used, idle] = [await signedIn(), await signedIn()];
  clock.advance(PROGRAM_TOKEN_IDLE_MS - 1_000);
  assert.equal((await me(used.token)).status, 200);
  clock.advance(2_000);
  assert.equal((await me(used.token)).status, 200);
  assert.equal((await me(idle.token)).status, 401);
  await world.must('DELETE', `/users/${used.id}/sessions`);
  assert.equal((await me(used.token)).status, 401);
});

test('what was signed in and not taken yet ends with all sessions of its user, too', async () => {
  const { session, id } = await person();
  const { secret, userCode: code } = await begin();
  assert.equal((await decide(session, code, true)).status, 204);
  await world.must('DELETE', `/users/${id}/sessions`);
  assert.equal((await take(secret)).body.code, 'sign-in-code-unknown');
});

test('of two people who type one code at once, one decides', async () => {
  const [first, second] = [await person(), await person()];
  const { userCode: code } = await begin();
  const answers = await Promise.all([decide(first.session, code, true), decide(second.session, code, false)]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [204, 404]);
});

test('a network begins no more than its share, however many addresses it has', async () => {
  const { control } = (await observed).observed;
  const beginFrom = (clientAddress: string) =>
    beginProgramSignIn(control, { program: 'x', computer: '', clientAddress });
  const refusals: unknown[] = [];
  for (let i = 0; i < PROGRAM_SIGN_INS_PER_NETWORK + 5; i++)
    await beginFrom(`2001:db8:7:${i.toString(16)}::1`).catch((error: { code: string }) => refusals.push(error.code));
  assert.deepEqual(refusals, Array(5).fill('sign-in-rate-limited'));
  await beginFrom('2001:db8:8::1');
  for (let i = 0; i < PROGRAM_SIGN_INS_PER_NETWORK; i++) await beginFrom(`198.51.100.${i}`);
  await assert.rejects(beginFrom('198.51.100.250'), { code: 'sign-in-rate-limited' });
});

test('whoever fills all the room there is makes room for others', async () => {
  const { control } = (await observed).observed;
  const beginFrom = (clientAddress: string) =>
    beginProgramSignIn(control, { program: 'x', computer: '', clientAddress });
  const alone = await beginFrom('203.0.113.9');
  const nowUnixMs = clock.unixMs();
  const rows = Array.from({ length: PROGRAM_SIGN_INS_MAX }, (_, i) => ({
    ...{ id: `prg_flood_${i}`, secret_hash: `s${i}`, code_hash: `c${i}`, program: 'x', computer: '' },
    ...{ client_address: `2001:db8:${i.toString(16)}::1`, user_id: null, state: 'waiting' as const },
    ...{ created_unix_ms: nowUnixMs, expires_unix_ms: nowUnixMs + PROGRAM_CODE_LIFE_MS, asked_unix_ms: 0 },
  }));
  await control.store.transaction(async (transaction) => {
    for (let at = 0; at < rows.length; at += 500)
      await transaction
        .insertInto('program_sign_ins')
        .values(rows.slice(at, at + 500))
        .execute();
  });
  const later = await beginFrom('2a00:1450::1');
  for (const { secret } of [alone, later])
    await assert.rejects(takeProgramToken(control, secret, '192.0.2.1'), { code: 'sign-in-pending' });
  await control.store.transaction((transaction) =>
    transaction.deleteFrom('program_sign_ins').where('id', 'like', 'prg_flood_%').execute(),
  );
});
