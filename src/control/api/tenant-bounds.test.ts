/** What keeps organisations of one installation from each other's accounts, names and room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totpCodeAt } from '../../io/factors/totp.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { Answer, PopWorld } from '../../testing/control-world.ts';

const PASSWORD = 'seven quiet otters at noon';
const address = { clientAddress: '192.0.2.7' };
const client = { ...address, userAgent: 'test', browser: 'b1' };
let pop: PopWorld;
let acme = '';
let globex = '';

const world = controlWithPop(async (one) => {
  pop = one;
  acme = (await world.must('POST', '/organisations', { name: 'Acme' })).id;
  globex = (await world.must('POST', '/organisations', { name: 'Globex', domains: ['globex.manis.localhost'] })).id;
});

const by = (token: string, organisationId?: string) => (method: string, path: string, body?: unknown) =>
  world.call(method, `/api/v1${path}`, body, {
    authorization: `Bearer ${token}`,
    ...(organisationId && { 'manis-organisation': organisationId }),
  });
const admin = (organisationId?: string) => by(world.apiToken, organisationId);
const internal = (path: string, body: unknown) => world.call('POST', `/internal/v1${path}`, body, pop.headers);
async function must(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}
const signIn = (email: string, password = PASSWORD) => internal('/sign-in', { email, password, ...client });

/** What somebody who prepares an account for another's address puts there: a password, an authenticator, a token. */
async function prepared(email: string) {
  const made = await must(admin(acme)('POST', '/users', { email, name: 'Vic', roles: [], password: PASSWORD }));
  const session = (await signIn(email)).body.token as string;
  const change = (asked: object) => internal('/security', { session, ...client, change: asked });
  const { totp } = await must(change({ kind: 'totp-begin' }));
  const code = totpCodeAt(totp.secret, Date.now());
  const confirmed = await must(change({ kind: 'totp-confirm', code, name: 'Mine' }));
  const { token } = await must(admin(acme)('POST', '/api-tokens', { name: 'mine', userId: made.id }));
  return { id: made.id as string, session: (confirmed.session?.token ?? session) as string, token: token as string };
}

const invitation = (email: string) => must(admin(globex)('POST', '/invitations', { email, roles: ['member'] }));
const secretOf = (url: string) => url.split('/').at(-1) ?? '';

test('an account that another organisation prepared keeps nothing that it was proved with when it joins', async () => {
  const email = 'vic@example.com';
  const { id, session, token } = await prepared(email);
  const { url } = await invitation(email);
  const asked = { token: secretOf(url), session, clientAddress: client.clientAddress };
  const joined = await internal('/invitations/accept', asked);
  assert.equal(joined.status, 200);
  assert.match(joined.body.renewUrl, /^https:\/\/manis\.localhost:8443\/reset\/mnx_/);
  assert.equal((await signIn(email)).body.code, 'sign-in-refused', 'the password that was set before');
  const factors = await must(admin(globex)('GET', `/users/${id}/factors`));
  assert.deepEqual([factors.authenticators, factors.passkeys, factors.recoveryCodesLeft], [[], [], 0]);
  assert.equal((await by(token)('GET', '/me')).status, 401, 'the token');
  assert.equal((await internal('/invitations/accept', asked)).body.code, 'session-ended', 'the session');
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'user' && entry.userId === id));

  const password = 'a river in the hills';
  const reset = { token: secretOf(joined.body.renewUrl), password, ...client, browser: undefined };
  assert.equal((await internal('/password-resets/finish', reset)).status, 204);
  assert.ok((await signIn(email, password)).body.token, 'who chose the new password is in');
  // From now on it is theirs: another invitation takes nothing away.
  const third = (await world.must('POST', '/organisations', { name: 'Third' })).id;
  const more = await must(admin(third)('POST', '/invitations', { email, roles: [] }));
  const live = (await signIn(email, password)).body.token;
  const again = await internal('/invitations/accept', { ...asked, token: secretOf(more.url), session: live });
  assert.equal(again.status, 204);
  assert.ok((await signIn(email, password)).body.token);
});

test('what an administrator sets afterwards makes it somebody else’s again', async () => {
  const email = 'wil@example.com';
  const { id, session } = await prepared(email);
  const accept = async (url: string, live: string) =>
    (await internal('/invitations/accept', { token: secretOf(url), session: live, ...address })).status;
  assert.equal(await accept((await invitation(email)).url, session), 200);
  await must(admin(acme)('DELETE', `/users/${id}`));
  const password = 'five grey herons wait';
  await must(admin(globex)('PATCH', `/users/${id}`, { password }));
  const back = await must(admin(acme)('POST', '/invitations', { email, roles: [] }));
  assert.equal(await accept(back.url, (await signIn(email, password)).body.token), 200, 'that password ends, too');
  assert.equal((await signIn(email, password)).body.code, 'sign-in-refused');
});

test('names of organisations are each one’s own, however they are written', async () => {
  const code = async (answer: Promise<Answer>) => (await answer).body.code;
  for (const name of ['Acme', ' acme ', 'ACME', 'Ａｃｍｅ'])
    assert.equal(await code(world.api('POST', '/organisations', { name })), 'name-taken', name);
  assert.equal(await code(admin(globex)('PATCH', '/organisation', { name: 'acme' })), 'name-taken');
  assert.equal(await code(world.api('PATCH', `/organisations/${globex}`, { name: 'Acme' })), 'name-taken');
  await must(admin(acme)('PATCH', '/organisation', { name: 'ACME' }));
  await must(admin(acme)('PATCH', '/organisation', { name: 'Acme' }));
});

const site = { name: 'Office' };
const ADDS: [noun: string, path: string, body: (i: number) => object][] = [
  ['sites', '/sites', (i) => ({ name: `Site ${i}` })],
  ['resources', '/resources', (i) => ({ name: `R${i}`, host: `r${i}.globex.manis.localhost` })],
  ['users', '/users', (i) => ({ email: `u${i}@globex.example`, name: 'U', roles: [] })],
  ['roles', '/roles', (i) => ({ name: `role-${i}`, permissions: [] })],
  ['groups', '/groups', (i) => ({ name: `group-${i}`, roles: [] })],
  ['invitations', '/invitations', (i) => ({ email: `i${i}@globex.example` })],
  ['apiKeys', '/keys', (i) => ({ name: `key ${i}`, scopes: ['user.read'] })],
  [
    'providers',
    '/providers',
    (i) => ({ preset: 'generic', name: `p${i}`, clientId: 'x', clientSecret: 'y', issuer: 'https://id.example' }),
  ],
  ['credentials', '/credentials', (i) => ({ name: `c${i}`, method: 'service-token', resourceIds: [resourceId] })],
];
let resourceId = '';

test('an organisation has no more of anything than it may, and an administrator of the installation says how much', async () => {
  const api = admin(globex);
  const { siteId } = { siteId: (await must(api('POST', '/sites', site))).id };
  resourceId = (await must(api('POST', '/resources', { name: 'R', host: 'r.globex.manis.localhost' }))).id;
  const target = { siteId, url: 'http://127.0.0.1:9' };
  for (const [noun, path, body] of [
    ...ADDS,
    ['targets', `/resources/${resourceId}/targets`, () => target] as const,
    ['connectors', `/sites/${siteId}/enrolment-tokens`, () => ({})] as const,
  ]) {
    await must(world.api('PATCH', `/organisations/${globex}`, { quotas: { [noun]: 0 } }));
    const refused = await api('POST', path, body(0));
    assert.deepEqual([refused.status, refused.body.code], [409, 'quota-reached'], noun);
    assert.match(refused.body.detail, /all the .* that it may have: 0/);
    await must(world.api('PATCH', `/organisations/${globex}`, { quotas: { [noun]: null } }));
    await must(api('POST', path, body(0)));
    assert.ok(
      (await admin(acme)('POST', '/roles', { name: `r-${noun.toLowerCase()}`, permissions: [] })).status < 300,
      'others',
    );
  }
  const { quotas } = await must(api('GET', '/organisation'));
  assert.equal(quotas.resources, 500);
  assert.equal(
    (await world.must('GET', '/organisation')).quotas.resources,
    null,
    'the first is the installation’s own',
  );
  const own = await person();
  assert.equal((await own('PATCH', `/organisations/${globex}`, { quotas: { users: 9 } })).body.code, 'rights-missing');
});

async function person() {
  const made = await must(admin(globex)('POST', '/users', { email: 'o@globex.example', name: 'O', roles: ['owner'] }));
  const { token } = await must(admin(globex)('POST', '/api-tokens', { name: 'o', userId: made.id }));
  return by(token, globex);
}

test('an identity is disconnected by the organisation that its holder is a member of', async () => {
  const provider = await must(
    admin(acme)('POST', '/providers', {
      ...{ preset: 'generic', name: 'acme-id', clientId: 'x', clientSecret: 'y', issuer: 'https://id.example' },
    }),
  );
  const stranger = await must(
    admin(globex)('POST', '/users', { email: 'stranger@globex.example', name: 'S', roles: [] }),
  );
  const answer = await admin(acme)('DELETE', `/users/${stranger.id}/identities/${provider.id}`);
  assert.deepEqual([answer.status, answer.body.code], [404, 'not-found']);
  assert.match(answer.body.detail, /user/);
});

test('the audit is searched by blocks of addresses', async () => {
  const { items } = await world.must('GET', '/audit?clientAddress=127.0.0.0%2F8&limit=5');
  assert.ok(items.length > 0);
  assert.deepEqual((await world.must('GET', '/audit?clientAddress=198.51.100.0%2F24')).items, []);
  assert.equal((await world.api('GET', '/audit?clientAddress=10.0.0.1%2F8')).body.code, 'request-invalid');
});
