import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { StandInProvider } from '../../testing/stand-in-provider.ts';

const client = { clientAddress: '192.0.2.7', userAgent: 'test' };
const SECRET = 'stand-in-secret';
const world = new ControlWorld();
let pop: PopWorld;
let stand: StandInProvider;
let providerId = '';

before(async () => {
  await world.start();
  pop = await world.addPop('One');
  stand = await StandInProvider.start('generic');
  for (const name of ['engineering', 'night-shift']) await world.must('POST', '/roles', { name, permissions: [] });
  const made = await world.must('POST', '/providers', {
    ...{ preset: 'generic', name: 'stand', clientId: stand.clientId, clientSecret: SECRET, issuer: stand.issuer },
    ...{ allowPrivate: true, domains: ['example.com'], mapping: { roles: 'groups', groups: 'groups' } },
  });
  providerId = made.id;
  await pop.until(() => pop.find('identityProvider', providerId) !== undefined);
});
after(async () => {
  await stand.stop();
  await world.end();
});

/** A person comes back from the provider; the PoP asks control. */
async function comeBack(path = 'sign-in', more: Record<string, unknown> = {}) {
  const { status, body } = await ask(path, more);
  // What a first step says, in one piece.
  return { status, body: { ...body, ...body.step } };
}

async function ask(path: string, more: Record<string, unknown>) {
  const attempt = { id: 'state', nonce: 'nonce', verifier: 'verifier', fresh: false };
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(attempt.verifier));
  const url = new URL(`${stand.origin}/authorize`);
  url.search = new URLSearchParams({
    state: attempt.id,
    nonce: attempt.nonce,
    code_challenge: Buffer.from(digest).toString('base64url'),
    redirect_uri: 'https://manis.localhost:8443/sign-in/provider/stand/callback',
  }).toString();
  const body = { providerId, attempt, query: stand.signIn(url).toString(), ...client, ...more };
  return world.call('POST', `/internal/v1/providers/${path}`, body, pop.headers);
}

describe('signing in through a provider', () => {
  beforeEach(() => {
    stand.person = { sub: 'ann-1', email: 'ann@example.com', email_verified: true, name: 'Ann', sid: 'session-1' };
    for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
  });

  test('makes an account for a verified address, once, and PoPs know it by its subject', async () => {
    const first = await comeBack();
    assert.equal(first.body.kind, 'passed', JSON.stringify(first.body));
    assert.deepEqual([first.body.user.email, first.body.user.name], ['ann@example.com', 'Ann']);
    assert.ok(first.body.idToken, 'to be shown at sign-out');
    const second = await comeBack();
    assert.equal(second.body.user.id, first.body.user.id);
    await pop.until(() => pop.find('user', first.body.user.id)?.identities !== undefined);
    assert.deepEqual(pop.find('user', first.body.user.id)?.identities, [{ providerId, subject: 'ann-1' }]);
    // Her address changes; she stays who she is.
    stand.person = { ...stand.person, email: 'ann.new@example.com' };
    assert.equal((await comeBack()).body.user.id, first.body.user.id);
  });

  test('gives the roles and groups that the mapping says, as far as there are such, and takes them away again', async () => {
    stand.person = { ...stand.person, groups: ['engineering', 'night-shift', 'no-such-role', 'owner'] };
    const { id } = (await comeBack()).body.user;
    const member = () => world.must('GET', `/users/${id}`);
    assert.deepEqual((await member()).roles, ['engineering', 'night-shift'], 'never the role of an owner');
    await world.must('POST', '/groups', { name: 'chiefs', roles: ['owner'] });
    stand.person = { ...stand.person, groups: ['engineering', 'night-shift', 'chiefs'] };
    await comeBack();
    assert.deepEqual((await member()).groups, [], 'nor a group that has it');
    await pop.until(() => pop.find('user', id)?.roles.includes('engineering') === true);
    // One of them is given by an administrator besides, before the provider takes it away: it was the provider's.
    stand.person = { ...stand.person, groups: ['engineering'] };
    await comeBack();
    assert.deepEqual((await member()).roles, ['engineering']);
    await world.must('PATCH', `/users/${id}`, { roles: ['engineering', 'member'] });
    stand.person = { ...stand.person, groups: [] };
    await comeBack();
    assert.deepEqual((await member()).roles, ['member'], 'what an administrator gave stays');
    await pop.until(() => pop.find('user', id)?.roles.includes('engineering') === false);
  });

  test('claims give and take memberships of further organisations, with the roles that are called so there', async () => {
    const organisations = await Promise.all(
      ['Acme', 'Globex'].map((name) => world.must('POST', '/organisations', { name })),
    );
    const [acme, globex] = organisations.map(({ id }) => id as string);
    const organisation = "groups[?starts_with(@, 'company:')].split(@, ':')[1]";
    await world.must('PATCH', `/providers/${providerId}`, { mapping: { roles: 'groups', organisation } });
    const memberships = async (groups: readonly string[]) => {
      stand.person = { sub: 'dora-1', email: 'dora@example.com', email_verified: true, groups };
      const { id } = (await comeBack()).body.user;
      const held = (await world.must('GET', `/users/${id}/identities`)).items[0].provided;
      const of = (kind: string) =>
        held
          .filter((one: { kind: string }) => one.kind === kind)
          .map(({ organisationId, name }: { organisationId: string; name: string }) => [organisationId, name]);
      return { id, membership: of('membership'), role: of('role') };
    };
    const both = await memberships(['company:Acme', 'company:Globex', 'company:Unknown', 'member']);
    assert.deepEqual(
      both.membership.sort(),
      [
        [acme, ''],
        [globex, ''],
      ].sort(),
    );
    assert.equal(both.role.filter(([id]: string[]) => id !== acme && id !== globex).length, 1);
    const known = () =>
      pop
        .find('user', both.id)
        ?.memberships?.map(({ organisationId }) => organisationId)
        .sort();
    await pop.until(() => known()?.includes(globex ?? '') === true);
    assert.deepEqual((await memberships(['company:Acme'])).membership, [[acme, '']]);
    await pop.until(() => known()?.includes(globex ?? '') === false);
    assert.deepEqual((await memberships([])).membership, []);
    await world.must('PATCH', `/providers/${providerId}`, { mapping: { roles: 'groups', groups: 'groups' } });
    for (const id of [acme, globex]) await world.must('DELETE', `/organisations/${id}`);
  });

  test('an owner, and whoever is an administrator of the installation, is never linked by an address', async () => {
    await world.must('PATCH', `/providers/${providerId}`, { linkDomains: ['example.com'] });
    await world.must('POST', '/users', { email: 'owner@example.com', name: 'Owner', roles: ['owner'] });
    stand.person = { sub: 'rogue-1', email: 'owner@example.com', email_verified: true };
    assert.equal((await comeBack()).body.reason, 'account-exists');
    await world.must('PATCH', `/providers/${providerId}`, { linkDomains: [] });
  });

  test('refuses addresses that are not verified, of other domains, or of others', async () => {
    stand.person = { sub: 'bob-1', email: 'bob@example.com', email_verified: false };
    assert.equal((await comeBack()).body.reason, 'domain-refused');
    stand.person = { sub: 'bob-1', email: 'bob@elsewhere.example', email_verified: true };
    assert.equal((await comeBack()).body.reason, 'domain-refused');
    await world.must('POST', '/users', { email: 'boss@example.com', name: 'Boss', roles: ['admin'] });
    stand.person = { sub: 'mallory-1', email: 'boss@example.com', email_verified: true };
    assert.equal((await comeBack()).body.reason, 'account-exists');
  });

  test('links where the administrator trusts the provider for the domain', async () => {
    const { id } = await world.must('POST', '/users', { email: 'carla@example.com', name: 'Carla', roles: [] });
    stand.person = { sub: 'carla-1', email: 'Carla@Example.com', email_verified: true };
    assert.equal((await comeBack()).body.reason, 'account-exists');
    await world.must('PATCH', `/providers/${providerId}`, { linkDomains: ['example.com'] });
    assert.equal((await comeBack()).body.user.id, id);
    await world.must('PATCH', `/providers/${providerId}`, { linkDomains: [] });
    assert.equal((await comeBack()).body.user.id, id, 'once linked, known by subject');
    const { items } = await world.must('GET', `/users/${id}/identities`);
    assert.deepEqual(
      items.map(({ subject }: { subject: string }) => subject),
      ['carla-1'],
    );
  });

  test('a disabled user does not come in', async () => {
    const { user } = (await comeBack()).body;
    await world.must('PATCH', `/users/${user.id}`, { disabled: true });
    assert.equal((await comeBack()).body.reason, 'user-disabled');
    await world.must('PATCH', `/users/${user.id}`, { disabled: false });
  });

  test('the session says where it came from, and the word for two factors is taken where that is set', async () => {
    stand.person = { ...stand.person, amr: ['mfa'] };
    const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[2] ?? '', 'base64url').toString());
    const plain = claimsOf((await comeBack()).body.token);
    assert.deepEqual([plain.amr, plain.vp, plain.vs], [['oidc'], providerId, 'session-1']);
    // Who was signed in at the provider for an hour proved it an hour ago.
    const hourAgo = Math.floor(Date.now() / 1000) - 3_600;
    stand.faults.claims = { auth_time: hourAgo };
    assert.equal(claimsOf((await comeBack()).body.token).at, hourAgo * 1000);
    stand.faults.claims = { auth_time: -1 };
    assert.equal((await comeBack()).body.code, 'provider-token-wrong');
    stand.faults.claims = { auth_time: hourAgo + 7_200 };
    const ahead = claimsOf((await comeBack()).body.token);
    assert.ok(ahead.at <= ahead.iat);
    delete stand.faults.claims;
    await world.must('PATCH', `/providers/${providerId}`, { mfaValues: ['mfa'] });
    assert.deepEqual(claimsOf((await comeBack()).body.token).amr, ['oidc', 'mfa']);
    stand.faults.claims = { auth_time: hourAgo };
    assert.equal(claimsOf((await comeBack()).body.token).ma, hourAgo * 1000, 'nor were two factors given just now');
    await world.must('PATCH', `/providers/${providerId}`, { mfaValues: [] });
  });

  test('a failure of the provider is said in words, without what it wrote', async () => {
    stand.faults.claims = { aud: 'another' };
    const answer = await comeBack();
    assert.equal(answer.body.code, 'provider-token-wrong');
    stand.faults.down = true;
    assert.equal((await comeBack()).body.code, 'provider-unreachable');
  });

  test('a sign-out at the provider ends what came of it on every PoP', async () => {
    const { token, sessionId, user } = (await comeBack()).body;
    const me = () => world.call('GET', '/api/v1/me', undefined, { cookie: `__Host-manis_portal=${token}` });
    assert.equal((await me()).status, 200);
    const out = (logoutToken: string) =>
      world.call(
        'POST',
        '/internal/v1/providers/sign-out',
        { providerId, logoutToken, clientAddress: '' },
        pop.headers,
      );
    assert.equal((await out('not a token')).body.code, 'provider-token-wrong');
    // What PoPs would refuse would be sent to them over and over.
    assert.equal((await out(await stand.logoutToken({ sid: 'session-1\n' }))).body.code, 'provider-token-wrong');
    assert.equal((await out(await stand.logoutToken({ sub: 'nobody-here' }))).status, 204);
    assert.equal((await me()).status, 200);
    assert.equal((await out(await stand.logoutToken({ sid: 'session-1' }))).status, 204);
    await pop.until(() => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === sessionId));
    await pop.until(() => pop.entries.some((entry) => entry.kind === 'provider' && entry.userId === user.id));
    assert.equal((await me()).status, 401);
  });

  test('connecting belongs to whoever is signed in, and takes nothing from others', async () => {
    const { token } = (await comeBack()).body;
    stand.person = { sub: 'second-1', email: 'other@nowhere.example', email_verified: false };
    assert.deepEqual((await comeBack('connect', { token })).body, { connected: true });
    stand.person = { sub: 'carla-1' };
    assert.deepEqual((await comeBack('connect', { token })).body, { connected: false });
    assert.equal((await comeBack('connect', { token: 'x' })).body.code, 'session-ended');
  });

  test('adds no other way to an account that is a member of another organisation, too', async () => {
    const { user } = (await comeBack()).body;
    const other = await world.must('POST', '/organisations', { name: 'Elsewhere' });
    await world.must('PATCH', `/users/${user.id}`, { roles: ['admin'] });
    const inOther = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': other.id };
    const invited = await world.call('POST', '/api/v1/invitations', { email: user.email }, inOther);
    const hers = (await world.must('POST', '/api-tokens', { name: 'hers', userId: user.id })).token;
    const bearer = { authorization: `Bearer ${hers}` };
    const token = new URL(invited.body.url).pathname.split('/').at(-1);
    assert.equal((await world.call('POST', '/api/v1/me/invitations', { token }, bearer)).status, 200);
    assert.equal((await world.call('GET', '/api/v1/me', undefined, bearer)).status, 401, 'made before she joined');
    const session = (await comeBack()).body.token;
    stand.person = { sub: 'mallory-1' };
    assert.equal((await comeBack('connect', { token: session })).body.code, 'account-shared');
    for (const kind of ['totp-begin', 'recovery-codes']) {
      const body = { session, browser: 'b', ...client, change: { kind } };
      const answer = await world.call('POST', '/internal/v1/security', body, pop.headers);
      assert.deepEqual([kind, answer.body.code], [kind, 'account-shared']);
    }
    const portal = { cookie: `__Host-manis_portal=${session}`, 'sec-fetch-site': 'same-origin' };
    const made = await world.call('POST', '/api/v1/api-tokens', { name: 'spy' }, portal);
    assert.equal(made.body.code, 'account-shared');
    await world.call('DELETE', `/api/v1/users/${user.id}`, undefined, inOther);
    await world.must('PATCH', `/users/${user.id}`, { roles: [] });
  });

  test('trying a provider is for administrators, and changes nothing', async () => {
    const { token } = (await comeBack()).body;
    assert.equal((await comeBack('try', { token })).body.code, 'rights-missing');
  });
});

describe('providers in the API', () => {
  const base = { preset: 'okta', name: 'okta', clientId: 'c', clientSecret: 'a-very-secret-word' };

  test('their secrets are never told again', async () => {
    const made = await world.must('POST', '/providers', { ...base, issuer: 'https://dev.okta.example' });
    assert.equal(made.hasClientSecret, true);
    assert.equal(made.redirectUri, 'https://manis.localhost:8443/sign-in/provider/okta/callback');
    const told = [made, await world.must('GET', '/providers'), await world.must('GET', '/audit')];
    assert.ok(!JSON.stringify(told).includes('a-very-secret-word'));
    assert.ok(!world.logLines.join('\n').includes('a-very-secret-word'));
    // Whoever may change a provider must not send its secret to themselves.
    const moved = await world.api('PATCH', `/providers/${made.id}`, { issuer: 'https://evil.example' });
    assert.equal(moved.body.code, 'provider-secret-needed');
    await world.must('PATCH', `/providers/${made.id}`, { issuer: 'https://new.okta.example', clientSecret: 'another' });
    const removed = await world.api('DELETE', `/providers/${made.id}`);
    assert.equal(removed.status, 204);
    assert.equal((await world.api('GET', `/providers/${made.id}`)).status, 404);
  });

  const wrong: [what: Record<string, unknown>, code: string][] = [
    [{ ...base, name: 'x' }, 'provider-invalid'],
    [{ ...base, name: 'Not A Slug' }, 'request-invalid'],
    [{ ...base, name: 'x', issuer: 'http://id.example' }, 'provider-invalid'],
    [{ ...base, name: 'x', issuer: 'ftp://id.example' }, 'request-invalid'],
    [{ ...base, name: 'x', issuer: 'https://user:pass@id.example' }, 'request-invalid'],
    [{ ...base, name: 'x', issuer: 'https://id.example?x=1' }, 'request-invalid'],
    [{ ...base, name: 'x', issuer: 'https://id.example', mapping: { roles: 'groups[' } }, 'mapping-invalid'],
    [
      { ...base, name: 'x', issuer: 'https://id.example', mapping: { roles: '[@,@]|[@,@]|[@,@]|[@,@]|[@,@]' } },
      'mapping-invalid',
    ],
    [{ ...base, name: 'x', issuer: 'https://id.example', emailTrust: 'assume' }, 'provider-invalid'],
    [{ ...base, name: 'x', issuer: 'https://id.example', scopes: ['profile'] }, 'provider-invalid'],
    [{ ...base, name: 'stand', issuer: 'https://id.example' }, 'name-taken'],
    [{ ...base, name: 'x', issuer: 'https://id.example', label: 'half \ud800' }, 'request-invalid'],
    [{ ...base, name: 'x', preset: 'unheard-of', issuer: 'https://id.example' }, 'request-invalid'],
  ];
  for (const [body, code] of wrong)
    test(`${JSON.stringify(body).slice(0, 110)} is refused`, async () => {
      assert.equal((await world.api('POST', '/providers', body)).body.code, code);
    });

  test('one that reaches beyond its organisation is for administrators of the installation', async () => {
    const { id: userId } = await world.must('POST', '/users', { email: 'bo@b.example', name: 'Bo', roles: ['admin'] });
    const { token } = await world.must('POST', '/api-tokens', { name: 'bo', userId });
    const headers = { authorization: `Bearer ${token}` };
    const codeOf = async (method: string, path: string, body: object) =>
      (await world.call(method, `/api/v1${path}`, body, headers)).body.code;
    const mine = { ...base, issuer: 'https://id.example' };
    for (const more of [{ allowPrivate: true }, { mapping: { organisation: 'orgs' } }])
      assert.equal(await codeOf('POST', '/providers', { ...mine, name: 'mine', ...more }), 'rights-missing');
    const wide = await world.must('POST', '/providers', { ...mine, name: 'wide', mapping: { organisation: 'orgs' } });
    for (const change of [{ issuer: 'https://evil.example', clientSecret: 's' }, { mapping: {} }, { label: 'Evil' }])
      assert.equal(await codeOf('PATCH', `/providers/${wide.id}`, change), 'rights-missing');
    assert.equal(await codeOf('PATCH', `/providers/${wide.id}`, { enabled: false }), undefined);
  });

  test('a resource leads to one provider, which must be there', async () => {
    const refused = await world.api('POST', '/resources', {
      name: 'W',
      host: 'w.manis.localhost',
      providerId: 'idp_none',
    });
    assert.equal(refused.body.code, 'provider-unknown');
    const made = await world.must('POST', '/resources', { name: 'W', host: 'w.manis.localhost', providerId });
    await pop.until(() => pop.find('resource', made.id)?.providerId === providerId);
  });

  test('the check says what is there, and where to try it', async () => {
    const found = await world.must('POST', `/providers/${providerId}/test`, {});
    assert.equal(found.issuer, stand.issuer);
    assert.equal(found.tryUrl, 'https://manis.localhost:8443/sign-in/provider/stand/try');
  });

  test("another issuer knows nobody: subjects were the old one's", async () => {
    const { items } = await world.must('GET', '/users');
    const ann = items.find(({ email }: { email: string }) => email === 'ann@example.com');
    assert.equal((await world.must('GET', `/users/${ann.id}/identities`)).items.length, 2);
    const elsewhere = { issuer: `${stand.issuer}/elsewhere`, clientSecret: SECRET };
    await world.must('PATCH', `/providers/${providerId}`, elsewhere);
    assert.equal((await world.must('GET', `/users/${ann.id}/identities`)).items.length, 0);
    await world.must('PATCH', `/providers/${providerId}`, { issuer: stand.issuer, clientSecret: SECRET });
    await world.must('DELETE', `/users/${ann.id}`);
  });

  test('turning a provider off ends what came through it', async () => {
    stand.person = { sub: 'ann-1', email: 'ann@example.com', email_verified: true };
    const { sessionId } = (await comeBack()).body;
    await world.must('PATCH', `/providers/${providerId}`, { enabled: false });
    await pop.until(() => pop.entries.some((entry) => entry.kind === 'session' && entry.sessionId === sessionId));
    await pop.until(() => pop.find('identityProvider', providerId) === undefined);
    assert.equal((await comeBack()).body.code, 'provider-unknown');
  });
});
