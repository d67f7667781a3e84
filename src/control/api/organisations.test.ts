/** Organisations, groups, roles, invitations and keys by the API: who may do what, and that nobody gives what they lack. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { Answer, PopWorld } from '../../testing/control-world.ts';

let pop: PopWorld;
let first: { id: string };
let acme: { id: string };

const world = controlWithPop(async (one) => {
  pop = one;
  first = await world.must('GET', '/organisation');
  acme = await world.must('POST', '/organisations', { name: 'Acme', domains: ['Acme.manis.localhost'] });
});

/** The API with a key or token, in an organisation. */
function by(token: string, organisationId?: string) {
  const headers = { authorization: `Bearer ${token}`, ...(organisationId && { 'manis-organisation': organisationId }) };
  return (method: string, path: string, body?: unknown): Promise<Answer> =>
    world.call(method, `/api/v1${path}`, body, headers);
}
const admin = (organisationId?: string) => by(world.apiToken, organisationId);

async function must(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}
const codeOf = async (answer: Promise<Answer>): Promise<string> => (await answer).body?.code;

/** A new account in an organisation with these roles, and a token of theirs. */
async function person(organisationId: string, name: string, roles: string[]) {
  const api = admin(organisationId);
  const made = await must(api('POST', '/users', { email: `${name}@example.org`, name, roles }));
  const { token } = await must(api('POST', '/api-tokens', { name, userId: made.id }));
  return { id: made.id as string, api: by(token, organisationId) };
}

test('an organisation begins with its roles and its owner, who stays', async () => {
  const me = await must(admin(acme.id)('GET', '/me'));
  assert.deepEqual([me.organisationId, me.roles, me.isInstallationAdmin], [acme.id, ['owner'], true]);
  assert.deepEqual(
    me.memberships.map(({ name }: { name: string }) => name),
    ['Manis', 'Acme'],
  );
  assert.equal((await must(admin()('GET', '/me'))).organisationId, first.id, 'where nothing is said, the first');
  const { items } = await must(admin(acme.id)('GET', '/roles'));
  // Made in one moment, so their ids are in any order.
  const builtIn = items.flatMap((role: { name: string; builtIn: boolean }) => (role.builtIn ? role.name : []));
  assert.deepEqual(builtIn.sort(), ['admin', 'member', 'owner']);
  assert.equal(await codeOf(admin(acme.id)('PATCH', `/users/${me.id}`, { roles: [] })), 'last-owner');
  assert.equal(await codeOf(admin(acme.id)('DELETE', `/users/${me.id}`)), 'last-owner');
  assert.equal(await codeOf(admin('org_none')('GET', '/me')), 'organisation-unknown');
  await pop.until(() => pop.find('organisation', acme.id)?.name === 'Acme');
});

test('an administrator of an organisation administers it, and nothing else', async () => {
  const { api } = await person(acme.id, 'ada', ['admin']);
  assert.equal((await api('GET', '/users')).status, 200);
  for (const [method, path, body] of [
    ['GET', '/organisations', undefined],
    ['POST', '/organisations', { name: 'Mine' }],
    ['DELETE', `/organisations/${acme.id}`, undefined],
    ['DELETE', `/pops/${pop.enrolled.popId}`, undefined],
    ['GET', '/installation/administrators', undefined],
    ['DELETE', '/organisation', undefined],
  ] as const)
    assert.deepEqual([await codeOf(api(method, path, body)), path], ['rights-missing', path]);
  assert.equal(await codeOf(api('PATCH', '/organisation', { dnsZone: 'apps.example.com' })), 'rights-missing');
  assert.deepEqual((await must(api('GET', '/status'))).controlNodes, []);
});

test('nobody gives rights that they lack', async () => {
  const api = admin(acme.id);
  await must(
    api('POST', '/roles', { name: 'clerk', permissions: ['user.read', 'user.write', 'role.write', 'group.write'] }),
  );
  const clerk = await person(acme.id, 'clerk', ['clerk']);
  const other = await person(acme.id, 'other', []);
  const owners = await must(api('POST', '/groups', { name: 'chiefs', roles: ['owner'] }));
  const me = (await must(api('GET', '/me'))).id;
  for (const [method, path, body] of [
    ['PATCH', `/users/${clerk.id}`, { roles: ['clerk', 'owner'] }],
    ['POST', '/users', { email: 'x@example.org', name: 'X', roles: ['admin'] }],
    ['POST', '/roles', { name: 'mighty', permissions: ['audit.read'] }],
    ['PUT', `/groups/${owners.id}/members/${clerk.id}`, undefined],
    ['DELETE', `/groups/${owners.id}`, undefined],
    ['PATCH', `/groups/${owners.id}`, { roles: [] }],
    ['PATCH', `/users/${me}`, { password: 'a river in the hills' }],
    ['DELETE', `/users/${me}`, undefined],
  ] as const)
    assert.deepEqual([await codeOf(clerk.api(method, path, body)), path], ['rights-missing', path]);
  const role = await must(clerk.api('POST', '/roles', { name: 'reader', permissions: ['user.read'] }));
  assert.equal(await codeOf(clerk.api('PATCH', `/roles/${role.id}`, { permissions: ['key.write'] })), 'rights-missing');
  await must(clerk.api('PATCH', `/users/${other.id}`, { roles: ['reader'] }));
  assert.equal((await other.api('GET', '/users')).status, 200, 'a role that was given counts at once');
  await must(clerk.api('DELETE', `/roles/${role.id}`));
  assert.equal(await codeOf(other.api('GET', '/users')), 'rights-missing');
  assert.equal(
    await codeOf(clerk.api('DELETE', `/roles/${(await must(api('GET', '/roles'))).items[0].id}`)),
    'role-reserved',
  );
});

test('groups carry roles, and PoPs hear of them', async () => {
  const api = admin(acme.id);
  await must(api('POST', '/roles', { name: 'auditor', permissions: ['audit.read'] }));
  const { id, api: his } = await person(acme.id, 'gil', []);
  const group = await must(api('POST', '/groups', { name: 'finance', roles: ['auditor'] }));
  assert.equal(await codeOf(his('GET', '/audit')), 'rights-missing');
  await must(api('PUT', `/groups/${group.id}/members/${id}`));
  assert.equal((await his('GET', '/audit')).status, 200);
  const told = () => pop.find('user', id)?.memberships;
  await pop.until(() => told()?.[0]?.groups?.[0] === 'finance');
  assert.deepEqual(told(), [{ organisationId: acme.id, roles: ['auditor'], groups: ['finance'] }]);
  assert.deepEqual((await must(api('GET', `/users/${id}`))).groups, ['finance']);
  await must(api('DELETE', `/groups/${group.id}/members/${id}`));
  await pop.until(() => told()?.[0]?.roles.length === 0);
  const stranger = await person(first.id, 'stranger', []);
  assert.equal(await codeOf(api('PUT', `/groups/${group.id}/members/${stranger.id}`)), 'not-found');
});

test('an account that is a member elsewhere is nobody’s to change, and only its membership ends', async () => {
  const shared = await person(first.id, 'shared', []);
  const { url } = await must(admin(acme.id)('POST', '/invitations', { email: 'shared@example.org', roles: [] }));
  const token = new URL(url).pathname.split('/').at(-1);
  await must(
    by((await must(admin()('POST', '/api-tokens', { name: 's', userId: shared.id }))).token)(
      'POST',
      '/me/invitations',
      { token },
    ),
  );
  const { api } = await person(acme.id, 'boss', ['owner']);
  for (const change of [{ password: 'a river in the hills' }, { email: 'mine@example.org' }, { disabled: true }])
    assert.equal(await codeOf(api('PATCH', `/users/${shared.id}`, change)), 'account-shared');
  assert.equal(await codeOf(api('DELETE', `/users/${shared.id}/sessions`)), 'account-shared');
  assert.equal(await codeOf(api('POST', '/api-tokens', { name: 'spy', userId: shared.id })), 'account-shared');
  assert.equal((await api('DELETE', `/users/${shared.id}`)).status, 204);
  assert.equal(await codeOf(api('GET', `/users/${shared.id}`)), 'not-found');
  assert.equal((await admin()('GET', `/users/${shared.id}`)).status, 200, 'the account is there as before');
});

test('an invitation is for one address, once, until it is too old', async () => {
  const api = admin(acme.id);
  const { items: groups } = await must(api('GET', '/groups'));
  const made = await must(
    api('POST', '/invitations', { email: 'Zoe@Example.org', roles: ['auditor'], groups: [groups[1].name] }),
  );
  assert.match(made.url, /^https:\/\/manis\.localhost:8443\/invitation\/mni_[\w-]{43}$/);
  assert.deepEqual([made.email, made.mailed], ['zoe@example.org', false]);
  assert.ok(!JSON.stringify((await must(api('GET', '/invitations'))).items).includes(made.url.split('/').at(-1)));
  const token = made.url.split('/').at(-1);
  const other = await person(first.id, 'eve', []);
  assert.equal(await codeOf(other.api('POST', '/me/invitations', { token })), 'invitation-for-another');
  const internal = (method: string, path: string, body?: unknown) =>
    world.call(method, `/internal/v1${path}`, body, pop.headers);
  const client = { clientAddress: '192.0.2.1', userAgent: 'browser' };
  assert.deepEqual((await internal('GET', `/invitations/${token}`)).body, {
    organisation: 'Acme',
    email: 'zoe@example.org',
    hasAccount: false,
  });
  const join = { token, name: 'Zoe', ...client };
  assert.equal((await internal('POST', '/invitations', { ...join, password: 'short' })).body.code, 'password-weak');
  const joined = await internal('POST', '/invitations', { ...join, password: 'a river in the hills' });
  assert.deepEqual([joined.status, joined.body.user.email], [200, 'zoe@example.org']);
  const zoe = await must(api('GET', `/users/${joined.body.user.id}`));
  assert.deepEqual([zoe.roles, zoe.groups], [['auditor'], [groups[1].name]]);
  assert.equal(
    (await internal('POST', '/invitations', { ...join, password: 'a river in the hills' })).body.code,
    'invitation-unknown',
  );
  assert.equal((await internal('GET', `/invitations/${token}`)).body.code, 'invitation-unknown');
  assert.equal(await codeOf(admin()('GET', `/users/${zoe.id}`)), 'not-found', 'she is a member where she was invited');

  const withdrawn = await must(api('POST', '/invitations', { email: 'eve@example.org' }));
  await must(api('DELETE', `/invitations/${withdrawn.id}`));
  const late = { token: withdrawn.url.split('/').at(-1) };
  assert.equal(await codeOf(other.api('POST', '/me/invitations', late)), 'invitation-unknown');
  const again = await must(api('POST', '/invitations', { email: 'eve@example.org' }));
  const taken = { ...join, token: again.url.split('/').at(-1), password: 'a river in the hills' };
  assert.equal((await internal('POST', '/invitations', taken)).body.code, 'email-taken', 'no link changes a password');
  assert.equal(await codeOf(api('POST', '/invitations', { email: 'a@example.org', roles: ['none'] })), 'role-unknown');
  assert.equal(
    await codeOf(api('POST', '/invitations', { email: 'a@example.org', groups: ['none'] })),
    'group-unknown',
  );
});

test('an API key may what its scopes say, in its organisation', async () => {
  const api = admin(acme.id);
  const site = await must(api('POST', '/sites', { name: 'cellar' }));
  const made = await must(api('POST', '/keys', { name: 'ci', scopes: ['site.read'] }));
  assert.match(made.key, /^mnk_[\w-]{43}$/);
  assert.equal(made.start, made.key.slice(0, 10));
  const key = by(made.key);
  assert.deepEqual((await must(key('GET', '/sites'))).items[0].id, site.id);
  for (const [method, path, body] of [
    ['POST', '/sites', { name: 'attic' }],
    ['GET', '/users', undefined],
    ['GET', '/me', undefined],
    ['GET', '/organisations', undefined],
    ['POST', '/keys', { name: 'k', scopes: ['site.read'] }],
  ] as const)
    assert.deepEqual([await codeOf(key(method, path, body)), path], ['rights-missing', path]);
  assert.equal(await codeOf(by(made.key, first.id)('GET', '/sites')), 'organisation-unknown');
  const { items } = await must(api('GET', '/keys'));
  assert.ok(items[0].lastUsedUnixMs > 0 && !JSON.stringify(items).includes(made.key));
  assert.equal((await api('DELETE', `/keys/${made.id}`)).status, 204);
  assert.equal(await codeOf(key('GET', '/sites')), 'authentication-failed');
  const old = await must(api('POST', '/keys', { name: 'old', scopes: ['site.read'], expiresUnixMs: Date.now() - 1 }));
  assert.equal(await codeOf(by(old.key)('GET', '/sites')), 'authentication-failed');
  assert.equal(await codeOf(api('POST', '/keys', { name: 'k', scopes: ['pop.write'] })), 'request-invalid');
  const writer = await must(api('POST', '/keys', { name: 'w', scopes: ['key.write', 'user.write'] }));
  assert.equal(await codeOf(by(writer.key)('POST', '/keys', { name: 'k', scopes: ['key.write'] })), 'rights-missing');
  const mover = by((await must(api('POST', '/keys', { name: 'm', scopes: ['resource.write'] }))).key);
  const open = { name: 'Open', host: 'open.acme.manis.localhost', policy: { rules: [] } };
  assert.equal(await codeOf(mover('POST', '/resources', open)), 'rights-missing', 'who gets in is policy.write');
  const me = (await must(api('GET', '/me'))).id;
  assert.equal(await codeOf(by(writer.key)('POST', '/api-tokens', { name: 'k', userId: me })), 'rights-missing');
});

test('a key of a person never may more than they', async () => {
  const { id, api } = await person(acme.id, 'kim', ['admin']);
  const { key } = await must(
    api('POST', '/keys', { name: 'mine', personal: true, scopes: ['user.read', 'site.read'] }),
  );
  assert.equal((await by(key)('GET', '/users')).status, 200);
  assert.equal(await codeOf(api('POST', '/keys', { name: 'x', scopes: ['organisation.remove'] })), 'rights-missing');
  await must(admin(acme.id)('PATCH', `/users/${id}`, { roles: [] }));
  assert.equal(await codeOf(by(key)('GET', '/users')), 'rights-missing');
  await must(admin(acme.id)('DELETE', `/users/${id}`));
  assert.equal(await codeOf(by(key)('GET', '/users')), 'authentication-failed');
});

test('a key may be limited to resources', async () => {
  const api = admin(acme.id);
  const [one, two] = [
    await must(api('POST', '/resources', { name: 'One', host: 'one.acme.manis.localhost' })),
    await must(api('POST', '/resources', { name: 'Two', host: 'two.acme.manis.localhost' })),
  ];
  const scopes = ['resource.read', 'policy.write', 'site.read'];
  const key = by((await must(api('POST', '/keys', { name: 'one', scopes, resourceIds: [one.id] }))).key);
  assert.equal((await key('GET', `/resources/${one.id}`)).status, 200);
  assert.equal((await key('PUT', `/resources/${one.id}/policy`, { rules: [] })).status, 200);
  for (const path of [`/resources/${two.id}`, '/resources', '/sites', '/targets'])
    assert.deepEqual([await codeOf(key('GET', path)), path], ['rights-missing', path]);
  const theirs = await must(admin()('POST', '/resources', { name: 'Three', host: 'three.manis.localhost' }));
  assert.equal(await codeOf(api('POST', '/keys', { name: 'x', scopes, resourceIds: [theirs.id] })), 'resource-unknown');
});

test('nobody claims a host of another organisation, nor one below it', async () => {
  const claim = (organisationId: string, host: string) =>
    codeOf(admin(organisationId)('POST', '/resources', { name: host, host }));
  await must(admin()('POST', '/resources', { name: 'W', host: '*.wild.example' }));
  await must(admin()('POST', '/resources', { name: 'S', host: 'shop.plain.example' }));
  for (const [organisationId, host, code] of [
    [acme.id, 'shop.plain.example', 'host-taken'],
    [acme.id, 'a.wild.example', 'host-taken'],
    [acme.id, 'a.b.wild.example', 'host-taken'],
    [acme.id, '*.wild.example', 'host-taken'],
    [acme.id, '*.plain.example', 'host-taken'],
    [acme.id, 'other.manis.localhost', 'host-reserved'],
    [acme.id, '*.other.manis.localhost', 'host-reserved'],
    [first.id, 'x.acme.manis.localhost', 'host-reserved'],
    [first.id, 'acme.manis.localhost', 'host-reserved'],
    [acme.id, 'manis.localhost', 'host-invalid'],
    [acme.id, 'wild.example', undefined],
    [acme.id, 'shop2.acme.manis.localhost', undefined],
    [first.id, 'b.wild.example', undefined],
  ] as const)
    assert.deepEqual([await claim(organisationId, host), organisationId, host], [code, organisationId, host]);
  const { items } = await must(admin(acme.id)('GET', '/resources'));
  const own = items.find(({ host }: { host: string }) => host === 'wild.example');
  const moved = admin(acme.id)('PATCH', `/resources/${own.id}`, { host: 'c.wild.example' });
  assert.equal(await codeOf(moved), 'host-taken', 'a change is a claim, too');
  assert.equal((await must(admin(acme.id)('GET', `/resources/${own.id}`))).host, 'wild.example');
  const domains = (names: string[]) => codeOf(admin()('PATCH', `/organisations/${acme.id}`, { domains: names }));
  assert.equal(await domains(['manis.localhost']), 'host-reserved');
  assert.equal(await domains(['plain.example']), 'host-taken');
});

test('an organisation goes when nothing is left in it', async () => {
  assert.equal(await codeOf(admin()('DELETE', `/organisations/${first.id}`)), 'organisation-in-use');
  assert.equal(await codeOf(admin()('DELETE', `/organisations/${acme.id}`)), 'organisation-in-use');
  const brief = await must(admin()('POST', '/organisations', { name: 'Brief' }));
  assert.equal((await admin(brief.id)('DELETE', '/organisation')).status, 204);
  assert.equal(await codeOf(admin(brief.id)('GET', '/me')), 'organisation-unknown');
  await pop.until(() => pop.find('organisation', brief.id) === undefined);
});

test('administrators of the installation are made and unmade, but for the last', async () => {
  const { id, api } = await person(first.id, 'deputy', []);
  assert.equal(await codeOf(api('GET', '/organisations')), 'rights-missing');
  await must(admin()('PUT', `/installation/administrators/${id}`));
  assert.equal((await api('GET', '/organisations')).status, 200);
  assert.equal(
    await codeOf(api('GET', '/users')),
    'rights-missing',
    'the installation is one thing, an organisation another',
  );
  const owner = await person(first.id, 'owner', ['owner']);
  assert.equal(
    await codeOf(owner.api('PATCH', `/users/${id}`, { password: 'a river in the hills' })),
    'rights-missing',
  );
  await must(admin()('DELETE', `/installation/administrators/${id}`));
  const me = (await must(admin()('GET', '/me'))).id;
  assert.equal(await codeOf(admin()('DELETE', `/installation/administrators/${me}`)), 'last-admin');
  await must(admin()('PUT', `/organisations/${acme.id}/owners/${id}`));
  assert.equal(
    (
      await must(
        by((await must(admin()('POST', '/api-tokens', { name: 'd', userId: me }))).token, acme.id)(
          'GET',
          `/users/${id}`,
        ),
      )
    ).roles[0],
    'owner',
  );
});
