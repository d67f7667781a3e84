/** Several control nodes over one PostgreSQL: the live stream of the console, and organisations as documents. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ControlWorld, PopWorld } from '../../src/testing/control-world.ts';
import { EventReader } from '../../src/testing/event-reader.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { ControlNodes, popOnEach } from '../lab/control-nodes.ts';
import { startControlProcess } from '../lab/control-process.ts';
import { POSTGRES_REQUIREMENTS } from '../lab/postgres-server.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';

const missing = missingRequirement(POSTGRES_REQUIREMENTS);
if (missing !== undefined && mustHaveTools()) throw new Error(`${missing}; in CI nothing is skipped`);

interface Change {
  readonly noun: string;
  readonly verb: string;
  readonly id: string;
}

describe('the console with several control nodes', { skip: missing }, () => {
  let all: ControlNodes;
  before(async () => {
    all = await ControlNodes.start();
  });
  after(() => all.end());

  const open: EventReader[] = [];
  after(() => open.forEach((stream) => void stream.close()));
  /** As the console does through a PoP: at the control node that the PoP is linked with. */
  const look = async (world: ControlWorld, token = world.apiToken): Promise<EventReader> => {
    const { url, caFile } = world.control;
    const stream = await EventReader.open(`${url}/api/v1/live`, { authorization: `Bearer ${token}` }, caFile);
    open.push(stream);
    await stream.next('hello');
    return stream;
  };
  const changeOf = async (stream: EventReader, id: string): Promise<Change> => {
    for (;;) {
      const change: Change = await stream.next('change');
      if (change.id === id) return change;
    }
  };
  const addSite = async (world: ControlWorld, name: string): Promise<string> =>
    (await world.must('POST', '/sites', { name })).id;

  test('a change through one node is seen at another in less than a second, and once', async (t) => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const stream = await look(b);
    for (let i = 0; i < 5; i++) {
      const id = await addSite(a, `site ${i}`);
      const answeredMs = performance.now();
      assert.deepEqual(await changeOf(stream, id), { noun: 'site', verb: 'add', id });
      t.diagnostic(`${(performance.now() - answeredMs).toFixed(0)} ms after the answer`);
    }
    const last = await addSite(b, 'here');
    await changeOf(stream, last);
    assert.equal(stream.text.split(last).length, 2, 'told once, although the store tells of it too');
  });

  test('PostgreSQL is started again below the stream: it stays open, and tells of what comes then', async () => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const stream = await look(b);
    await changeOf(stream, await addSite(a, 'before'));
    await all.server.kill();
    const lost = await eventually(
      () => a.api('POST', '/sites', { name: 'lost' }),
      ({ status }) => status !== 500,
    );
    assert.equal(lost.status, 503);
    await all.server.restart();
    const { body } = await eventually(
      () => a.api('POST', '/sites', { name: 'after' }),
      ({ status }) => status === 201,
    );
    await changeOf(stream, body.id);
    assert.ok(!stream.text.includes('event: over'), 'nobody was taken for somebody whose session has ended');
  });

  test('the node of a stream is killed: its PoP goes to another one, and the stream there begins with everything', async () => {
    const database = await all.server.createDatabase();
    const url = all.server.url(database);
    const [a, b] = [all.newWorld(), all.newWorld()];
    await a.start({ store: { url } });
    const doomed = await startControlProcess(b.dataDir, url);
    b.adopt(doomed);
    await eventually(
      () => a.must('GET', '/status'),
      ({ controlNodes }) => controlNodes.length === 2,
    );
    const pop = (await popOnEach([a, b]))[1] as PopWorld;
    await pop.until(() => [...(pop.state?.ofKind('control') ?? [])].length === 2);
    const token = b.apiToken;
    const stream = await look(b, token);
    await changeOf(stream, await addSite(a, 'seen at the first'));
    await doomed.kill();
    await stream.ended();
    const missed = await addSite(a, 'missed');
    await pop.until(() => pop.link?.controlId === a.control.controlId);
    const again = await look(a, token);
    await again.next('network');
    const sites = (await a.must('GET', '/sites')).items as { id: string }[];
    assert.ok(sites.some(({ id }) => id === missed));
    await changeOf(again, await addSite(a, 'seen at the second'));
  });

  const apply = (world: ControlWorld, text: string, more: object = {}) =>
    world.api('POST', '/blueprint/apply', { text, source: 'file:infra', ...more });
  const named = async (world: ControlWorld, name: string) =>
    (await world.must('GET', '/resources')).items.find((one: { name: string }) => one.name === name);

  test('a document is tried, applied, exported and owned the same through either node', async () => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const pops = await popOnEach([a, b]);
    const planned = await b.must('POST', '/blueprint/plan', { text: DOCUMENT, source: 'file:infra' });
    assert.deepEqual([planned.applied, planned.steps.length], [false, 4]);
    assert.deepEqual((await a.must('GET', '/sites')).items, [], 'a plan leaves nothing');
    const applied = await apply(a, DOCUMENT, { basis: planned.basis });
    assert.equal(applied.status, 200, JSON.stringify(applied.body));
    const wiki = await named(b, 'wiki');
    assert.equal(wiki.source, 'file:infra');
    for (const pop of pops) await pop.until(() => pop.find('resource', wiki.id) !== undefined);
    const again = await b.must('POST', '/blueprint/plan', { text: DOCUMENT, source: 'file:infra' });
    assert.deepEqual(again.steps, [], 'what is there is what was asked for');
    const [one, other] = [(await a.must('GET', '/blueprint')).text, (await b.must('GET', '/blueprint')).text];
    assert.equal(one, other);
    const refused = await b.api('PATCH', `/resources/${wiki.id}`, { name: 'mine' });
    assert.equal(refused.status, 409, 'an edit of what a file owns');
    const foreign = await b.api('POST', '/blueprint/apply', {
      text: DOCUMENT.replace(':4000', ':5000'),
      source: 'file:other',
    });
    assert.deepEqual([foreign.status, foreign.body.code], [409, 'blueprint-conflict']);
    assert.equal((await apply(b, 'manis: 1\n', { prune: true })).status, 200);
    assert.equal(await named(a, 'wiki'), undefined);
    for (const pop of pops) await pop.until(() => pop.find('resource', wiki.id) === undefined);
  });

  test('documents that two nodes apply at once are applied one after the other, each whole', async () => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const names = Array.from({ length: 4 }, (_, i) => `app-${i}`);
    const of = (team: string) => documentOf(names.map((name) => `${team}-${name}`));
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all([
        a.api('POST', '/blueprint/apply', { text: of(`red${round}`), source: 'file:red', prune: true }),
        b.api('POST', '/blueprint/apply', { text: of(`blue${round}`), source: 'file:blue', prune: true }),
      ]);
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body.applied]),
        [
          [200, true],
          [200, true],
        ],
      );
    }
    const items = (await a.must('GET', '/resources')).items as { name: string; source: string }[];
    assert.deepEqual(
      items.map(({ name, source }) => `${source} ${name}`).toSorted(),
      ['blue', 'red'].flatMap((team) => names.map((name) => `file:${team} ${team}2-${name}`)).toSorted(),
    );
  });

  test('of two that want the same thing at once one is told whose it is, and leaves nothing of its own', async () => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const text = (team: string) => documentOf(['shared', `${team}-own`]).replace('host: shared', `host: ${team}`);
    const answers = await Promise.all([
      a.api('POST', '/blueprint/apply', { text: text('red'), source: 'file:red' }),
      b.api('POST', '/blueprint/apply', { text: text('blue'), source: 'file:blue' }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    const won = answers[0]?.status === 200 ? 'red' : 'blue';
    assert.equal(answers.find(({ status }) => status === 409)?.body.code, 'blueprint-conflict');
    const items = (await b.must('GET', '/resources')).items as { name: string; source: string }[];
    assert.deepEqual(items.map(({ name }) => name).toSorted(), [`${won}-own`, 'shared'].toSorted());
    assert.ok(items.every(({ source }) => source === `file:${won}`));
  });

  test('of two that go by the same plan at once one is told that it is stale', async () => {
    const [a, b] = (await all.startNodes(2)).nodes as [ControlWorld, ControlWorld];
    const { basis } = await a.must('POST', '/blueprint/plan', { text: documentOf(['x']), source: 'file:red' });
    const answers = await Promise.all([
      a.api('POST', '/blueprint/apply', { text: documentOf(['x']), source: 'file:red', basis }),
      b.api('POST', '/blueprint/apply', { text: documentOf(['y']), source: 'file:blue', basis }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    assert.equal(answers.find(({ status }) => status === 409)?.body.code, 'blueprint-stale');
  });
});

const DOCUMENT = `manis: 1
sites:
  home:
resources:
  wiki:
    host: wiki.manis.localhost
    targets: [ { site: home, url: "http://localhost:4000" } ]
    policy: { rules: [] }
roles:
  engineering:
groups:
  backend: { roles: [engineering] }
`;

function documentOf(names: readonly string[]): string {
  const one = (name: string) => `  ${name}: { host: ${name}.manis.localhost, policy: { rules: [] } }\n`;
  return `manis: 1\nresources:\n${names.map(one).join('')}`;
}
