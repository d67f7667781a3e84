import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClock } from '../../io/clock.ts';
import { ControlWorld } from '../../testing/control-world.ts';
import { QUICK_TUNNEL_LEASE_MS } from '../quick-tunnels/constants.ts';

const world = new ControlWorld();
const machine = createClock();
let aheadMs = 0;
const clock = { nowMs: machine.nowMs, unixMs: () => machine.unixMs() + aheadMs };

before(async () => {
  await world.start({ clock });
});
after(() => world.end());

const APPLICATION = { url: 'unix:/tmp/x.sock', keptUrl: 'http://localhost:3000' };
const make = (body: object = {}) => world.must('POST', '/quick-tunnels', { applications: [APPLICATION], ...body });
const hosts = async () => (await world.must('GET', '/resources')).items.map(({ host }: { host: string }) => host);

test('site, resource, PIN and token are made at once, marked with their end, and end at once', async () => {
  const made = await make({ lifetimeMs: 3_600_000 });
  assert.match(made.secret, /^\d{8}$/);
  assert.match(made.joinToken, /^mnc_/);
  const [{ resourceId, host, url }] = made.applications;
  assert.match(host, /^try-[a-z0-9]{10}\.manis\.localhost$/);
  assert.equal(url, `https://${host}:8443/`);
  const resource = await world.must('GET', `/resources/${resourceId}`);
  const site = await world.must('GET', `/sites/${made.siteId}`);
  assert.deepEqual([resource.expiresUnixMs, site.expiresUnixMs], [made.expiresUnixMs, made.expiresUnixMs]);
  const [credential] = (await world.must('GET', `/credentials?resourceId=${resourceId}`)).items;
  assert.deepEqual([credential.method, credential.expiresUnixMs], ['pin', made.expiresUnixMs]);
  const live = await world.must('GET', `/quick-tunnels/${made.id}`);
  assert.equal(live.ready, false, 'nobody serves it');
  await world.must('DELETE', `/quick-tunnels/${made.id}`);
  for (const path of [`/resources/${resourceId}`, `/sites/${made.siteId}`, `/credentials/${credential.id}`])
    assert.equal((await world.api('GET', path)).status, 404, path);
});

test('the guard says who gets in', async () => {
  const guards: [guard: object, then: unknown][] = [
    [
      { kind: 'pin', secret: '482913' },
      { kind: 'authenticate', anyOf: { credentials: ['pin'] } },
    ],
    [{ kind: 'password' }, { kind: 'authenticate', anyOf: { credentials: ['resource-password'] } }],
    [{ kind: 'signed-in' }, { kind: 'authenticate', anyOf: 'signed-in' }],
    [{ kind: 'public' }, { kind: 'bypass' }],
  ];
  for (const [guard, then] of guards) {
    const made = await make({ guard });
    const [{ resourceId }] = made.applications;
    const { policy } = await world.must('GET', `/resources/${resourceId}`);
    assert.deepEqual(policy.rules[0].then, then);
    await world.must('DELETE', `/quick-tunnels/${made.id}`);
  }
  const weak = await world.api('POST', '/quick-tunnels', {
    applications: [APPLICATION],
    guard: { kind: 'pin', secret: '111111' },
  });
  assert.equal(weak.body.code, 'secret-weak');
});

test('a role that may have quick tunnels can neither open one to everybody nor take any name', async () => {
  const { key } = await world.must('POST', '/keys', { name: 'dev', scopes: ['quick-tunnel.write'] });
  const headers = { authorization: `Bearer ${key}` };
  const ask = async (body: object) =>
    world.call('POST', '/api/v1/quick-tunnels', { applications: [APPLICATION], ...body }, headers);
  assert.equal((await ask({})).status, 201);
  assert.equal((await ask({ guard: { kind: 'public' } })).body.code, 'rights-missing');
  const named = { applications: [{ ...APPLICATION, host: 'www.example.org' }] };
  assert.equal((await ask(named)).body.code, 'rights-missing');
  for (const host of ['shop', 'login', 'try-abcdefghjk'])
    assert.equal((await ask({ applications: [{ ...APPLICATION, host }] })).body.code, 'rights-missing', host);
  const { key: names } = await world.must('POST', '/keys', {
    name: 'names',
    scopes: ['quick-tunnel.write', 'resource.write'],
  });
  const body = { applications: [{ ...APPLICATION, host: 'shop' }] };
  const made = await world.call('POST', '/api/v1/quick-tunnels', body, { authorization: `Bearer ${names}` });
  assert.equal(made.body.applications[0].host, 'shop.manis.localhost');
});

test('one whose program is silent is over, and so is one whose time is', async () => {
  const silent = await make({ lifetimeMs: 86_400_000 });
  const renewed = await make({ lifetimeMs: 86_400_000 });
  aheadMs += QUICK_TUNNEL_LEASE_MS - 1_000;
  await world.must('POST', `/quick-tunnels/${renewed.id}/renew`);
  aheadMs += 2_000;
  await make();
  const left = await hosts();
  assert.ok(!left.includes(silent.applications[0].host));
  assert.ok(left.includes(renewed.applications[0].host));
  assert.equal((await world.api('POST', `/quick-tunnels/${silent.id}/renew`)).status, 404);
  const { items } = await world.must('GET', '/audit?action=quick-tunnel.end');
  assert.ok(items.some(({ subject, actor }: Record<string, string>) => subject === silent.id && actor === 'system'));
});

test('what is kept is ordinary from then on, and a folder cannot be', async () => {
  const made = await make({ lifetimeMs: 3_600_000 });
  const [{ resourceId }] = made.applications;
  await world.must('POST', `/quick-tunnels/${made.id}/keep`, { name: 'Shop' });
  const resource = await world.must('GET', `/resources/${resourceId}`);
  assert.deepEqual([resource.name, resource.expiresUnixMs], ['Shop', null]);
  const [target] = (await world.must('GET', `/resources/${resourceId}/targets`)).items;
  assert.equal(target.url, 'http://localhost:3000');
  aheadMs += 7_200_000;
  await make();
  assert.equal((await world.api('GET', `/resources/${resourceId}`)).status, 200);
  const folder = await make({ applications: [{ url: 'unix:/tmp/y.sock' }] });
  assert.equal((await world.api('POST', `/quick-tunnels/${folder.id}/keep`)).body.code, 'quick-tunnel-not-kept');
});

test('an organisation has no more of them than its quota', async () => {
  const { organisationId } = await world.must('GET', '/me');
  const had = (await world.must('GET', '/quick-tunnels')).items.length;
  await world.must('PATCH', `/organisations/${organisationId}`, { quotas: { quickTunnels: had } });
  const refused = await world.api('POST', '/quick-tunnels', { applications: [APPLICATION] });
  assert.equal(refused.body.code, 'quota-reached');
});
