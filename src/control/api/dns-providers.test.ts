import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openSqliteStore } from '../../io/store/index.ts';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';

describe('DNS providers', () => {
  const world = new ControlWorld();
  let tenant: (method: string, path: string, body?: unknown) => Promise<Answer>;
  before(async () => {
    await world.start();
    const other = await world.must('POST', '/organisations', { name: 'Other' });
    const headers = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': other.id };
    const owner = { email: 'eve@other.example', name: 'Eve', roles: ['owner'] };
    const eve = (await world.call('POST', '/api/v1/users', owner, headers)).body;
    const { token } = (await world.call('POST', '/api/v1/api-tokens', { name: 'eve', userId: eve.id }, headers)).body;
    tenant = (method, path, body) => world.call(method, `/api/v1${path}`, body, { authorization: `Bearer ${token}` });
  });
  after(() => world.end());

  const SECRET = 'do-not-tell-0123456789';
  const cloudflare = { name: 'cf', kind: 'cloudflare', secret: SECRET };

  test('tell their settings and never their secret, and keep it sealed', async () => {
    const made = await world.must('POST', '/dns-providers', cloudflare);
    assert.deepEqual(Object.keys(made).sort(), ['createdUnixMs', 'id', 'kind', 'name', 'source']);
    const seen = [
      made,
      await world.must('GET', '/dns-providers'),
      await world.must('PATCH', `/dns-providers/${made.id}`, { name: 'cf2', secret: `${SECRET}2` }),
      await world.must('GET', '/audit'),
      world.logLines,
    ];
    assert.ok(!JSON.stringify(seen).includes(SECRET));
    await world.must('DELETE', `/dns-providers/${made.id}`);
  });

  test('go nowhere else with a secret that they have', async () => {
    const rfc2136 = {
      name: 'ns',
      kind: 'rfc2136',
      server: 'ns.example.net',
      keyName: 'k',
      secret: btoa('x'.repeat(32)),
    };
    const made = await world.must('POST', '/dns-providers', rfc2136);
    assert.equal(made.algorithm, 'hmac-sha256');
    const moved = await world.api('PATCH', `/dns-providers/${made.id}`, { server: 'ns.example.org' });
    assert.equal(moved.body.code, 'dns-provider-invalid');
    await world.must('PATCH', `/dns-providers/${made.id}`, { server: 'ns.example.org', secret: btoa('y'.repeat(32)) });
  });

  test('go to private addresses, or elsewhere than the provider is, for administrators of the installation alone', async () => {
    for (const more of [{ allowPrivate: true }, { endpoint: 'https://cf.example.net' }]) {
      const answer = await tenant('POST', '/dns-providers', { ...cloudflare, ...more });
      assert.equal(answer.body.code, 'rights-missing', JSON.stringify(more));
    }
    assert.equal((await tenant('POST', '/dns-providers', cloudflare)).status, 201);
  });

  const unfit: [string, object][] = [
    ['a key that is too short', { name: 'a', kind: 'rfc2136', server: 'ns.example.net', keyName: 'k', secret: 'eA==' }],
    ['no server', { name: 'a', kind: 'rfc2136', keyName: 'k', secret: btoa('x'.repeat(32)) }],
    ['no access key id', { name: 'a', kind: 'route53', secret: 'x' }],
    ['a secret of two lines', { name: 'a', kind: 'cloudflare', secret: 'x\r\nHost: y' }],
  ];
  for (const [name, body] of unfit)
    test(`refused: ${name}`, async () => {
      const answer = await world.api('POST', '/dns-providers', body);
      assert.deepEqual([answer.status, answer.body.code], [400, 'dns-provider-invalid']);
    });

  test('of another organisation serve no domain, and one in use stays', async () => {
    const [theirs] = (await tenant('GET', '/dns-providers')).body.items;
    const domain = { name: 'example.com', mode: 'wildcard-cname', challenge: 'dns-01' };
    const refused = await world.api('POST', '/domains', { ...domain, dnsProviderId: theirs.id });
    assert.equal(refused.body.code, 'dns-provider-unknown');
    const own = await world.must('POST', '/dns-providers', cloudflare);
    await world.must('POST', '/domains', { ...domain, dnsProviderId: own.id });
    const used = await world.api('DELETE', `/dns-providers/${own.id}`);
    assert.deepEqual([used.status, used.body.detail], [409, 'example.com would have no provider']);
  });

  test('a test that fails says why', async () => {
    const answer = await world.api('POST', '/dns-providers', {
      ...cloudflare,
      name: 'here',
      endpoint: 'https://127.0.0.1:9',
    });
    const { status, body } = await world.api('POST', `/dns-providers/${answer.body.id}/test`, {
      name: 'a.example.com',
    });
    assert.deepEqual([status, body.code], [502, 'dns-provider-unreachable']);
  });

  test('lie in the store as nobody can read them', async () => {
    await world.stop();
    const store = await openSqliteStore({ dataDir: world.dataDir, nowUnixMs: 0 });
    const rows = await store.database.selectFrom('dns_providers').selectAll().execute();
    await store.close();
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(SECRET));
  });
});
