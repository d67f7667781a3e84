// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Policies of resources and of the organisation, named lists, and the simulator. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { NAMED_LISTS_MAX } from '../constants.ts';

const world = new ControlWorld();
let pop: PopWorld;
let resource: { id: string };

const rule = (id: string, when: unknown, then: unknown) => ({ id, name: `The rule ${id}`, enabled: true, when, then });

/** The example of docs/policy.md. */
const ENGINEERING = {
  rules: [
    rule('elsewhere', { not: { country: ['DE', 'AT', 'CH'] } }, { kind: 'deny' }),
    rule(
      'engineers',
      {
        time: {
          days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
          from: '07:00',
          to: '20:00',
          zone: 'Europe/Berlin',
        },
      },
      { kind: 'authenticate', anyOf: { roles: ['engineering'] }, methods: ['passkey'] },
    ),
  ],
};

before(async () => {
  await world.start();
  pop = await world.addPop('ams');
  const settings = { name: 'Wiki', host: 'wiki.manis.localhost', policy: ENGINEERING };
  resource = await world.must('POST', '/resources', settings);
});
after(() => world.end());

const publishedPolicy = () => [...(pop.state?.ofKind('organisationPolicy') ?? [])][0];

test("the organisation's rules only restrict, reach the PoPs, and are in the audit", async () => {
  assert.deepEqual(await world.must('GET', '/organisation/policy'), { rules: [] });
  const wrong = { rules: [rule('a', { all: [] }, { kind: 'bypass' })] };
  const refused = await world.api('PUT', '/organisation/policy', wrong);
  assert.deepEqual([refused.status, refused.body.code], [400, 'policy-invalid']);
  assert.equal(refused.body.problems[0].path, 'rules[0].then.kind');
  const policy = { rules: [rule('a', { list: ['blocked'] }, { kind: 'deny' })] };
  assert.deepEqual(await world.must('PUT', '/organisation/policy', policy), policy);
  assert.deepEqual(await world.must('GET', '/organisation/policy'), policy);
  await pop.until(() => publishedPolicy()?.policy.rules.length === 1);
  const { items } = await world.must('GET', '/audit?limit=200');
  assert.ok(items.some((event: { action: string }) => event.action === 'organisation.policy.change'));
  await world.must('PUT', '/organisation/policy', { rules: [] });
});

test('named lists: add, replace, read, remove, and what is refused', async () => {
  const made = await world.must('PUT', '/lists/office', { kind: 'addresses', entries: ['192.0.2.0/24', 'private'] });
  assert.deepEqual([made.name, made.kind, made.entries], ['office', 'addresses', ['192.0.2.0/24', 'private']]);
  await pop.until(() => publishedPolicy()?.lists['office'] !== undefined);
  await world.must('PUT', '/lists/office', { kind: 'addresses', entries: ['192.0.2.7'] });
  assert.deepEqual((await world.must('GET', '/lists/office')).entries, ['192.0.2.7']);
  assert.equal((await world.must('GET', '/lists')).items.length, 1);
  for (const [name, body, path] of [
    ['office', { kind: 'addresses', entries: ['192.0.2.300'] }, 'entries[0]'],
    ['office', { kind: 'countries', entries: ['de'] }, 'entries[0]'],
    ['office', { kind: 'asns', entries: ['AS1'] }, 'entries[0]'],
    ['office', { kind: 'emails', entries: [] }, 'entries'],
    ['office', { kind: 'colours', entries: ['red'] }, 'kind'],
    ['office', { kind: 'users', entries: ['a'], more: 1 }, 'more'],
    ['office', [], ''],
  ] as const) {
    const refused = await world.api('PUT', `/lists/${name}`, body);
    assert.deepEqual([refused.status, refused.body.code, refused.body.problems[0].path], [400, 'policy-invalid', path]);
  }
  assert.equal(
    (await world.api('PUT', '/lists/Office', { kind: 'users', entries: ['a'] })).body.code,
    'request-invalid',
  );
  assert.equal((await world.api('DELETE', '/lists/office')).status, 204);
  assert.equal((await world.api('DELETE', '/lists/office')).body.code, 'not-found');
  assert.equal((await world.api('GET', '/lists/office')).body.code, 'not-found');
});

test('an organisation has so many lists and no more', async () => {
  const put = (i: number) => world.api('PUT', `/lists/l${i}`, { kind: 'users', entries: ['a'] });
  for (let i = 0; i < NAMED_LISTS_MAX; i++) assert.equal((await put(i)).status, 200);
  const tooMany = await put(NAMED_LISTS_MAX);
  assert.deepEqual([tooMany.status, tooMany.body.code], [400, 'request-invalid']);
  assert.equal((await world.api('GET', `/lists/l${NAMED_LISTS_MAX}`)).status, 404, 'nothing of it was kept');
  for (let i = 0; i < NAMED_LISTS_MAX; i++) await world.api('DELETE', `/lists/l${i}`);
});

test('a policy is checked without being kept', async () => {
  assert.deepEqual(await world.must('POST', '/policy/check', ENGINEERING), { rules: 2 });
  const wrong = await world.api('POST', '/policy/check', {
    rules: [{ ...ENGINEERING.rules[0], when: { contry: ['DE'] } }],
  });
  assert.equal(wrong.body.problems[0].path, 'rules[0].when.contry');
  const bypass = { rules: [rule('a', { all: [] }, { kind: 'bypass' })] };
  assert.equal((await world.api('POST', '/policy/check?scope=organisation', bypass)).body.code, 'policy-invalid');
  assert.equal((await world.api('POST', '/policy/check', bypass)).status, 200);
});

const ENGINEER = { kind: 'anybody', roles: ['engineering'], methods: ['passkey'] };
const MONDAY = '2026-03-02T09:00:00+01:00';
const GERMANY = { country: 'DE', continent: 'EU' };

test('the simulator tells outcome, reason, rule and every condition', async () => {
  const ask = (change: object) =>
    world.must('POST', '/policy/simulate', { resourceId: resource.id, time: MONDAY, place: GERMANY, ...change });
  const table: [ask: object, outcome: string][] = [
    [{ who: ENGINEER }, 'allow authenticated engineers'],
    [{}, 'challenge not-signed-in engineers'],
    [{ who: { ...ENGINEER, methods: ['password'] } }, 'challenge method-required engineers'],
    [{ who: { ...ENGINEER, roles: ['sales'] } }, 'deny role-missing engineers'],
    [{ who: ENGINEER, time: '2026-03-01T09:00:00Z' }, 'deny no-rule-matched null'],
    [{ who: ENGINEER, place: { country: 'US' } }, 'deny rule-denied elsewhere'],
    [{ who: ENGINEER, place: {}, address: '10.0.0.1' }, 'deny rule-denied-unknown elsewhere'],
    [{ who: ENGINEER, place: undefined, address: '193.0.6.139' }, 'deny rule-denied elsewhere'],
    [{ who: { kind: 'guest', email: 'a@example.com' } }, 'challenge not-signed-in engineers'],
    [{ who: { kind: 'holder', method: 'pin' } }, 'challenge not-signed-in engineers'],
  ];
  for (const [change, expected] of table) {
    const { outcome, reason, ruleId } = await ask(change);
    assert.equal(`${outcome} ${reason} ${ruleId}`, expected, JSON.stringify(change));
  }
  const told = await ask({ path: '//a/./b?c', who: ENGINEER, headers: { 'User-Agent': 'curl/8' } });
  assert.equal(told.ruleName, 'The rule engineers');
  assert.deepEqual(told.request, {
    path: '/a/b?c',
    unixMs: Date.parse(MONDAY),
    place: GERMANY,
    device: { kind: 'bot' },
  });
  const traced = told.rules.map((one: { ruleId: string; effect: string }) => `${one.ruleId} ${one.effect}`);
  assert.deepEqual(traced, ['elsewhere not-matched', 'engineers decided']);
  assert.deepEqual(told.rules[0].condition, {
    kind: 'not',
    value: 'false',
    children: [{ kind: 'country', value: 'true', config: ['DE', 'AT', 'CH'], children: [] }],
  });
  assert.deepEqual((await ask({})).ways, { accounts: true, methods: ['passkey'], credentials: [], guests: false });
  assert.equal((await ask({ who: { kind: 'holder', method: 'pin' } })).asNobody, true);
});

test('a member is judged by their roles, a draft by the lists that there are, a host as at a PoP', async () => {
  await world.must('POST', '/roles', { name: 'engineering' });
  const body = { email: 'ada@example.com', name: 'Ada', roles: ['engineering'] };
  const made = await world.must('POST', '/users', body);
  const id = made.user?.id ?? made.id;
  const asked = { host: 'WIKI.manis.localhost', time: MONDAY, place: GERMANY };
  for (const user of [id, 'Ada@example.com']) {
    const who = { kind: 'user', user, methods: ['passkey'] };
    assert.equal((await world.must('POST', '/policy/simulate', { ...asked, who })).outcome, 'allow');
  }
  await world.must('PUT', '/lists/friends', { kind: 'users', entries: [id] });
  const policy = { rules: [rule('draft', { list: ['friends'] }, { kind: 'bypass' })] };
  const draft = { policy, who: { kind: 'user', user: id } };
  assert.equal((await world.must('POST', '/policy/simulate', draft)).ruleId, 'draft');
  const closed = { rules: [rule('closed', { all: [] }, { kind: 'deny' })] };
  const first = await world.must('POST', '/policy/simulate', { ...draft, organisationPolicy: closed });
  assert.deepEqual([first.outcome, first.ruleId], ['deny', 'closed'], 'a draft of the rules before all others');
  for (const [question, code] of [
    [{ ...asked, organisationPolicy: { rules: [rule('open', { all: [] }, { kind: 'bypass' })] } }, 'policy-invalid'],
    [{ ...asked, who: { kind: 'user', user: 'usr_none' } }, 'not-found'],
    [{ resourceId: 'res_none' }, 'not-found'],
    [{}, 'request-invalid'],
    [{ host: 'nowhere.example' }, 'request-invalid'],
    [{ ...asked, path: '/a%2fb' }, 'request-invalid'],
    [{ ...asked, address: 'here' }, 'request-invalid'],
    [{ ...asked, time: 'noon' }, 'request-invalid'],
    [{ policy: { rules: 7 } }, 'policy-invalid'],
  ] as const)
    assert.equal((await world.api('POST', '/policy/simulate', question)).body.code, code, JSON.stringify(question));
});
