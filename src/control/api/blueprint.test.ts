import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ControlWorld } from '../../testing/control-world.ts';

const world = new ControlWorld();
before(async () => {
  await world.start();
});
after(() => world.end());

const SIGNED_IN = `{ rules: [ { id: all, name: Everybody, when: { all: [] }, then: { kind: authenticate, anyOf: signed-in } } ] }`;
const FIRST = `manis: 1
sites:
  home:
resources:
  wiki:
    host: Wiki.manis.localhost
    targets:
      - site: home
        url: http://localhost:4000
        check: { kind: http, path: /health }
      - { site: home, url: "http://localhost:4001", priority: 1 }
    policy: ${SIGNED_IN}
    http:
      routes:
        - { name: api, when: { path: { prefix: /api } }, forward: { targets: [ "http://localhost:4001" ] } }
  db:
    kind: tcp
    listen: { first: 15432 }
    targets: [ { site: home, url: "tcp://10.0.0.5:5432" } ]
roles:
  engineering:
groups:
  backend: { roles: [engineering] }
lists:
  office: { kind: addresses, entries: [192.0.2.0/24] }
providers:
  corporate: { preset: keycloak, clientId: manis, clientSecret: { env: CORPORATE }, issuer: "https://id.example.com/realms/a" }
domains:
  example.com: { mode: cname, certificate: local }
credentials:
  guests: { method: pin, resources: [wiki], secret: { env: PIN } }
organisation:
  secondFactor: { requiredRoles: [engineering] }
`;
const SECRETS = { 'env:CORPORATE': 'very secret words', 'env:PIN': '835217' };
const steps = (plan: { steps: { verb: string; noun: string; name: string }[] }): string[] =>
  plan.steps.map(({ verb, noun, name }) => `${verb} ${noun} ${name}`);
const apply = (text: string, more: object = {}) =>
  world.api('POST', '/blueprint/apply', { text, source: 'file:infra', secrets: SECRETS, ...more });
const plan = (text: string, more: object = {}) =>
  world.api('POST', '/blueprint/plan', { text, source: 'file:infra', secrets: SECRETS, ...more });

describe('a blueprint', () => {
  test('is tried without a trace', async () => {
    const { status, body } = await plan(FIRST);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.applied, body.steps.length], [false, 10]);
    assert.deepEqual((await world.must('GET', '/sites')).items, []);
  });

  test('is applied, all of it, each change in the audit', async () => {
    const { status, body } = await apply(FIRST);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(steps(body).slice(0, 3), [
      'create lists office',
      'create roles engineering',
      'update organisation organisation',
    ]);
    const { items } = await world.must('GET', '/audit?limit=60');
    const actions = items.map(({ action }: { action: string }) => action);
    for (const action of ['site.add', 'resource.add', 'target.add', 'role.add', 'credential.add', 'mfa.update'])
      assert.ok(actions.includes(action), `${action} in ${actions}`);
    const [db, wiki] = (await world.must('GET', '/resources')).items.sort((a: { name: string }, b: { name: string }) =>
      a.name < b.name ? -1 : 1,
    );
    assert.deepEqual([db.source, wiki.source, wiki.host], ['file:infra', 'file:infra', 'wiki.manis.localhost']);
  });

  test('changes nothing the second time, secrets known or not', async () => {
    for (const secrets of [SECRETS, {}]) {
      const { body } = await apply(FIRST, { secrets, prune: true });
      assert.deepEqual([body.steps, body.unchanged], [[], 10], JSON.stringify(body));
    }
  });

  test('comes back as it was', async () => {
    const { text } = await world.must('GET', '/blueprint');
    assert.doesNotMatch(text, /very secret|835217/);
    assert.match(text, /^# yaml-language-server: \$schema=https:/);
    const { body } = await plan(text, { secrets: {}, prune: true });
    assert.deepEqual(body.steps, [], JSON.stringify(body, null, 1));
    assert.match(text, /targets:\n\s+- home http:\/\/localhost:4001\n/);
  });

  test('tells each difference, and whose turn it is', async () => {
    const changed = FIRST.replace('localhost:4000', 'localhost:4002').replace('835217', '1');
    const { body } = await plan(changed);
    assert.deepEqual(body.steps, [
      {
        ...{ verb: 'update', noun: 'resources', name: 'wiki' },
        changes: [{ path: 'targets[0].url', before: 'http://localhost:4000', after: 'http://localhost:4002' }],
      },
    ]);
    const { body: secret } = await plan(FIRST, { secrets: { 'env:PIN': '926304' } });
    assert.deepEqual(secret.steps[0].changes, [{ path: 'secret', before: '(hidden)', after: '(hidden, another one)' }]);
  });

  test('keeps a target whose URL alone changes, and the routes to it', async () => {
    const before = (await world.must('GET', '/targets')).items;
    const { status, body } = await apply(FIRST.replaceAll('localhost:4001', 'localhost:4003'));
    assert.equal(status, 200, JSON.stringify(body));
    const after = (await world.must('GET', '/targets')).items;
    assert.deepEqual(
      after.map(({ id }: { id: string }) => id),
      before.map(({ id }: { id: string }) => id),
    );
    await apply(FIRST);
  });

  test('refuses a plan that was made of what is no more', async () => {
    const { body } = await plan(FIRST);
    await world.must('POST', '/sites', { name: 'meanwhile' });
    const { status, body: problem } = await apply(FIRST, { basis: body.basis });
    assert.deepEqual([status, problem.code], [409, 'blueprint-stale']);
  });

  test('is not edited elsewhere until it is released', async () => {
    const [{ id }] = (await world.must('GET', '/resources')).items;
    const refused = await world.api('PATCH', `/resources/${id}`, { name: 'mine' });
    assert.deepEqual([refused.status, refused.body.code, refused.body.owner], [409, 'owned-by-source', 'file:infra']);
    assert.match(refused.body.detail, /belongs to file:infra: change it there, or take it over/);
    const [target] = (await world.must('GET', `/resources/${id}/targets`)).items;
    assert.equal((await world.api('DELETE', `/targets/${target.id}`)).status, 409);
    await world.must('POST', '/blueprint/release', { noun: 'resources', id });
    assert.equal((await world.api('PATCH', `/resources/${id}`, { enabled: false })).status, 200);
    const conflict = await apply(FIRST);
    assert.deepEqual([conflict.status, conflict.body.code], [409, 'blueprint-conflict']);
    assert.match(conflict.body.detail, /belongs to the console: .*--take-over/);
    assert.equal((await apply(FIRST, { takeOver: true })).status, 200);
    assert.equal((await apply(FIRST)).body.steps.length, 0);
  });

  test('of another source does not take a name: the first stays', async () => {
    const other = await apply(FIRST.replace('localhost:4000', 'localhost:9'), { source: 'file:other' });
    assert.deepEqual([other.status, other.body.code], [409, 'blueprint-conflict']);
    assert.deepEqual(other.body.conflicts[0].owner, 'file:infra');
  });

  test('removes what only its own source had', async () => {
    const { body } = await apply('manis: 1\nsites: { home: }', { prune: true });
    assert.deepEqual(steps(body), [
      'delete credentials guests',
      ...['delete resources wiki', 'delete resources db', 'delete domains example.com', 'delete providers corporate'],
      ...['delete groups backend', 'delete roles engineering', 'delete lists office'],
    ]);
    const { items } = await world.must('GET', '/sites');
    assert.deepEqual(items.map(({ name }: { name: string }) => name).sort(), ['home', 'meanwhile']);
  });

  test('is all or nothing, and says where', async () => {
    const bad = `manis: 1
sites:
  a: {}
resources:
  one: { host: one.manis.localhost }
  two:
    host: one.manis.localhost
`;
    const { status, body } = await apply(bad);
    assert.deepEqual([status, body.code, body.problems[0].line], [409, 'host-taken', 6], JSON.stringify(body));
    assert.ok(!(await world.must('GET', '/sites')).items.some(({ name }: { name: string }) => name === 'a'));
  });

  for (const [what, text, line, path] of [
    ['no version', 'sites: {}', 1, 'manis'],
    ['an unknown key', 'manis: 1\nsite:\n  a: {}', 2, 'site'],
    ['an unknown field', 'manis: 1\nsites:\n  a:\n    nme: b', 4, 'sites.a.nme'],
    [
      'a wrong value',
      'manis: 1\nroles:\n  x:\n    permissions:\n      - site.read\n      - nope',
      6,
      'roles.x.permissions[1]',
    ],
    [
      'a wrong policy',
      `manis: 1\nresources:\n  w:\n    host: w.manis.localhost\n    policy:\n      rules:\n        - { id: a, name: b, when: { all: [] }, then: { kind: x } }`,
      7,
      'resources.w.policy.rules[0].then.kind',
    ],
    [
      'a site that is not there',
      `manis: 1\nresources:\n  w:\n    host: w.manis.localhost\n    targets:\n      - { site: nowhere, url: "http://a" }`,
      5,
      'resources.w.targets.site',
    ],
    [
      'a missing secret',
      'manis: 1\nproviders:\n  g:\n    preset: google\n    clientId: x\n    clientSecret: { env: NOPE }',
      6,
      'providers.g.clientSecret',
    ],
    [
      'a secret in the open',
      'manis: 1\nproviders:\n  g:\n    preset: google\n    clientId: x\n    clientSecret: hunter2',
      6,
      'providers.g.clientSecret',
    ],
    ['no YAML', 'manis: 1\nsites: [', 2, ''],
  ] as const)
    test(`says in which line there is ${what}`, async () => {
      const { status, body } = await plan(text);
      assert.equal(status, 400, JSON.stringify(body));
      assert.deepEqual([body.problems[0].line, body.problems[0].path], [line, path], JSON.stringify(body));
      assert.doesNotMatch(JSON.stringify(body), /hunter2/);
    });

  test('has a JSON Schema that editors complete it by', async () => {
    const { status, body } = await world.call('GET', '/api/v1/blueprint/schema');
    assert.equal(status, 200);
    const { properties } = body;
    assert.ok(properties.resources.additionalProperties.properties.targets.items.properties.check);
    assert.deepEqual(body.required, ['manis']);
  });

  test('of somebody with fewer rights does as much as they may', async () => {
    const { key: secret } = await world.must('POST', '/keys', {
      name: 'ci',
      scopes: ['organisation.read', 'site.read', 'site.write'],
    });
    const key = { authorization: `Bearer ${secret}` };
    const asked = (text: string) => world.call('POST', '/api/v1/blueprint/apply', { text }, key);
    assert.equal((await asked('manis: 1\nsites: { ci: }')).status, 200);
    const refused = await asked('manis: 1\nresources: { x: { host: x.manis.localhost } }');
    assert.deepEqual([refused.status, refused.body.code], [403, 'rights-missing']);
    const { body } = await world.call('GET', '/api/v1/blueprint', undefined, key);
    assert.ok(body.leftOut.includes('resources'));
    assert.doesNotMatch(body.text, /^resources:/m);
  });

  test('of somebody who may read alone does not say whose things are', async () => {
    await world.must('POST', '/blueprint/apply', { text: 'manis: 1\nsites: { shared: }' });
    const makeKey = async (scopes: string[]) => {
      const { key: secret } = await world.must('POST', '/keys', { name: scopes.join(), scopes });
      return { authorization: `Bearer ${secret}` };
    };
    const body = { text: 'manis: 1\nsites: { shared: }', source: 'file:mine', takeOver: true };
    const take = async (...scopes: string[]) =>
      world.call('POST', '/api/v1/blueprint/apply', body, await makeKey(scopes));
    const refused = await take('organisation.read', 'site.read');
    assert.deepEqual([refused.status, refused.body.code], [403, 'rights-missing']);
    const owned = async () =>
      (await world.must('GET', '/blueprint/owned')).items.map(({ name }: { name: string }) => name);
    assert.ok(!(await owned()).includes('shared'));
    assert.equal((await take('organisation.read', 'site.read', 'site.write')).status, 200);
    assert.ok((await owned()).includes('shared'));
    const [event] = (await world.must('GET', '/audit?limit=1')).items;
    assert.deepEqual(
      [event.action, event.detail.owner, event.detail.source],
      ['blueprint.take-over', 'dashboard', 'file:mine'],
    );
  });

  test('is told so many mistakes at a time', async () => {
    const text = `manis: 1\n${Array.from({ length: 300 }, (_, at) => `wrong${at}: 1`).join('\n')}`;
    const { status, body } = await plan(text);
    assert.deepEqual([status, body.problems.length], [400, 100]);
  });
});
