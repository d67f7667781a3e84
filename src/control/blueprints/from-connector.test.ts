// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromBase64 } from '../../base/index.ts';
import type { BlueprintNews, SiteGrant } from '../../core/link/index.ts';
import { connectorProof } from '../../io/connector-proof.ts';
import { makeWireguardKeys } from '../../io/wireguard-keys.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

const keys = makeWireguardKeys();
let pop: PopWorld;
let siteId = '';
let connectorId = '';
let sequence = 1;

const world = controlWithPop(async (one) => {
  pop = one;
  siteId = (await world.must('POST', '/sites', { name: 'home' })).id;
  const { token } = await world.must('POST', `/sites/${siteId}/enrolment-tokens`, {});
  const enrolled = await world.call('POST', '/enrol/v1/connector', {
    token,
    wireguardKey: keys.publicKey,
    name: 'nas',
  });
  connectorId = enrolled.body.connectorId;
});

const publishing = { hosts: ['*.home.manis.localhost'], whenGone: 'empty' };
const allow = (change: object = {}) =>
  world.must('PATCH', `/sites/${siteId}`, { publishing: { ...publishing, ...change } });

function controlKey(): string {
  const record = pop.find('siteGrant', siteId);
  return (JSON.parse(record?.signed.payload ?? '{}') as SiteGrant).publishing?.key ?? '';
}

async function handIn(
  resources: object,
  change: { proof?: string; sequence?: number; problems?: BlueprintNews[] } = {},
) {
  const document = JSON.stringify({ manis: 1, resources });
  const told = {
    connectorId,
    kind: 'docker',
    sequence: change.sequence ?? ++sequence,
    document,
    problems: change.problems ?? [],
  };
  const payload = JSON.stringify(told);
  const proof = change.proof ?? connectorProof(fromBase64(keys.privateKey) ?? new Uint8Array(), controlKey(), payload);
  const answer = await world.call(
    'POST',
    '/internal/v1/connector-blueprints',
    { connectorId, payload, proof },
    pop.headers,
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as { outcome: string; text: string; problems: BlueprintNews[]; againMs?: number };
}

const WIKI = { host: 'wiki.home.manis.localhost', targets: [{ url: 'http://172.18.0.2:80' }], policy: { rules: [] } };
const PUBLIC = { rules: [{ id: 'a', name: 'a', when: { all: [] }, then: { kind: 'bypass' } }] };
const resourceNamed = async (name: string) =>
  (await world.must('GET', '/resources')).items.find((one: { name: string }) => one.name === name);

describe('a connector that publishes', () => {
  test('is refused until its site lets it, and its grant has no key before', async () => {
    assert.equal(controlKey(), '');
    await allow();
    await pop.until(() => controlKey() !== '');
    assert.deepEqual((await handIn({ wiki: WIKI })).outcome, 'applied');
    const wiki = await resourceNamed('wiki');
    assert.equal(wiki.source, `docker:${connectorId}`);
    const [target] = (await world.must('GET', `/resources/${wiki.id}/targets`)).items;
    assert.deepEqual([target.siteId, target.url], [siteId, 'http://172.18.0.2:80']);
  });

  test('is believed by its own key alone, and once', async () => {
    assert.match((await handIn({}, { proof: 'x'.repeat(43) })).text, /not the word of a connector/);
    assert.match((await handIn({}, { sequence: 1 })).text, /something newer/);
    assert.ok(await resourceNamed('wiki'));
  });

  for (const [what, entry, reason] of [
    ['a host of others', { ...WIKI, host: 'bank.manis.localhost' }, 'host-not-allowed'],
    ['a host two labels below', { ...WIKI, host: 'a.b.home.manis.localhost' }, 'host-not-allowed'],
    ['a wildcard', { ...WIKI, host: '*.home.manis.localhost' }, 'host-not-allowed'],
    ['an open door', { ...WIKI, policy: PUBLIC }, 'bypass-not-allowed'],
    ['a way past the policy', { ...WIKI, http: { cors: { preflight: 'pass' } } }, 'bypass-not-allowed'],
    ['a target elsewhere', { ...WIKI, targets: [{ site: 'other', url: 'http://a' }] }, 'site-not-allowed'],
    ['a port of PoPs', { kind: 'tcp', listen: { first: 1 } }, 'kind-not-allowed'],
    [
      'a port of PoPs for TLS',
      { kind: 'tls', host: 'a.home.manis.localhost', listen: { first: 22 }, targets: [{ url: 'tcp://172.18.0.2:22' }] },
      'kind-not-allowed',
    ],
    ['nothing', null, 'entry-malformed'],
  ] as const)
    test(`may not publish ${what}, and the others go on`, async () => {
      const good = { ...WIKI, host: 'good.home.manis.localhost' };
      const { outcome, problems } = await handIn({ bad: entry, wiki: WIKI, good });
      assert.deepEqual([outcome, problems.map((one) => [one.place, one.reason])], ['applied', [['bad', reason]]]);
      assert.equal(await resourceNamed('bad'), undefined);
      assert.ok(await resourceNamed('good'));
    });

  test('may not have other nouns', async () => {
    const document = 'manis: 1\nroles: { root: { permissions: [user.write] } }\nresources: {}';
    const payload = JSON.stringify({ connectorId, kind: 'file', sequence: 1, document, problems: [] });
    const proof = connectorProof(fromBase64(keys.privateKey) ?? new Uint8Array(), controlKey(), payload);
    const body = { connectorId, payload, proof };
    const answer = await world.call('POST', '/internal/v1/connector-blueprints', body, pop.headers);
    assert.deepEqual(
      answer.body.problems.map(({ reason }: BlueprintNews) => reason),
      ['noun-not-allowed'],
    );
    assert.ok(!(await world.must('GET', '/roles')).items.some(({ name }: { name: string }) => name === 'root'));
  });

  test('may not hand in little that says much', async () => {
    const document = `x-a: &a "${'x'.repeat(400_000)}"\nresources: { a: { host: a.home.manis.localhost, b: *a, c: *a, d: *a } }`;
    const payload = JSON.stringify({ connectorId, kind: 'docker', sequence: ++sequence, document, problems: [] });
    const proof = connectorProof(fromBase64(keys.privateKey) ?? new Uint8Array(), controlKey(), payload);
    const body = { connectorId, payload, proof };
    const answer = await world.call('POST', '/internal/v1/connector-blueprints', body, pop.headers);
    assert.deepEqual(
      answer.body.problems.map(({ reason }: BlueprintNews) => reason),
      ['document-too-long'],
    );
    await handIn({ wiki: WIKI });
  });

  test('does not take a name that people have: theirs stays', async () => {
    await world.must('POST', '/resources', { name: 'mine', host: 'mine.home.manis.localhost' });
    const { problems } = await handIn({ wiki: WIKI, mine: { ...WIKI, host: 'stolen.home.manis.localhost' } });
    assert.deepEqual(
      problems.map(({ place, reason }) => [place, reason]),
      [['mine', 'blueprint-conflict']],
    );
    assert.match(problems[0]?.text ?? '', /belongs to the console/);
    assert.equal((await resourceNamed('mine')).host, 'mine.home.manis.localhost');
  });

  test('does not take a host of another resource either', async () => {
    const taken = { ...WIKI, host: 'mine.home.manis.localhost' };
    const { problems } = await handIn({ wiki: WIKI, taken });
    assert.deepEqual(
      problems.map(({ place, reason }) => [place, reason]),
      [['taken', 'host-taken']],
    );
  });

  test('a container that stopped leaves its resource without targets', async () => {
    await handIn({ wiki: WIKI });
    assert.equal((await handIn({})).againMs, undefined);
    const wiki = await resourceNamed('wiki');
    assert.deepEqual((await world.must('GET', `/resources/${wiki.id}/targets`)).items, []);
    await handIn({ wiki: WIKI });
    assert.equal((await world.must('GET', `/resources/${wiki.id}/targets`)).items.length, 1);
  });

  test('or, as the site says, is removed after a while', async () => {
    await allow({ whenGone: 'remove', graceMs: 60_000 });
    const { againMs = 0 } = await handIn({});
    assert.ok(againMs > 0 && againMs <= 60_000, String(againMs));
    assert.ok(await resourceNamed('wiki'));
    await allow({ whenGone: 'remove', graceMs: 0 });
    await handIn({});
    assert.equal(await resourceNamed('wiki'), undefined);
  });

  test('what its labels got wrong is kept for people to see', async () => {
    const problems = [{ place: 'container web: manis.port', reason: 'port-unclear', text: 'say which port' }];
    await handIn({}, { problems });
    const { items } = await world.must('GET', '/blueprint/connectors');
    const docker = items.find(({ kind }: { kind: string }) => kind === 'docker');
    assert.deepEqual([docker.connectorName, docker.siteName, docker.problems], ['nas', 'home', problems]);
    const { warnings } = await world.must('GET', '/status');
    assert.ok(
      warnings.some((text: string) => /nas.*port-unclear/.test(text)),
      warnings.join(),
    );
  });
});
