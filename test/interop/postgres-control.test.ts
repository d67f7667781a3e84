/** Several control nodes over one PostgreSQL, with PoPs linked to each: what one is told all know, and any may die. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { totpCodeAt } from '../../src/io/factors/totp.ts';
import { copyStore } from '../../src/io/store/archive/index.ts';
import type { ControlWorld, PopWorld } from '../../src/testing/control-world.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { ControlNodes, popOnEach } from '../lab/control-nodes.ts';
import { startControlProcess } from '../lab/control-process.ts';
import { POSTGRES_REQUIREMENTS, type PostgresServer } from '../lab/postgres-server.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';

const missing = missingRequirement(POSTGRES_REQUIREMENTS);
if (missing !== undefined && mustHaveTools()) throw new Error(`${missing}; in CI nothing is skipped`);

interface Node extends Record<'id' | 'url', string> {
  readonly alive: boolean;
}

describe('control in the plural', { skip: missing }, () => {
  let all: ControlNodes;
  let server: PostgresServer;
  before(async () => {
    all = await ControlNodes.start();
    server = all.server;
  });
  after(() => all.end());

  const newWorld = (): ControlWorld => all.newWorld();
  const startNodes = (count: number) => all.startNodes(count);
  const hasRole = (pop: PopWorld, role: string) =>
    [...(pop.state?.ofKind('user') ?? [])].some((user) => user.roles.includes(role));
  /** A role for the first administrator, through a node: the smallest change that PoPs see. */
  const giveRole = async (world: ControlWorld, name: string): Promise<void> => {
    await world.must('POST', '/roles', { name });
    const [admin] = (await world.must('GET', '/users')).items;
    await world.must('PATCH', `/users/${admin.id}`, { roles: [...admin.roles, name] });
  };

  test('nodes that start together on an empty database are one installation, and a set-up link works once', async () => {
    const { nodes } = await startNodes(3);
    const [a, b, c] = nodes as [ControlWorld, ControlWorld, ControlWorld];
    const status = await eventually(
      () => a.must('GET', '/status'),
      ({ controlNodes }) => controlNodes.every(({ alive }: Node) => alive) && controlNodes.length === 3,
    );
    assert.deepEqual(
      status.controlNodes.map(({ url }: Node) => url).toSorted(),
      nodes.map(({ control }) => control.url).toSorted(),
    );
    for (const world of nodes) {
      assert.equal((await world.must('GET', '/users')).items.length, 1, 'one administrator');
      const names = (await world.must('GET', '/roles')).items.map(({ name }: { name: string }) => name);
      assert.deepEqual(names.toSorted(), ['admin', 'member', 'owner'], 'each built-in role once');
    }
    const pop = await a.addPop('ams');
    const at = nodes.find(({ control }) => control.controlId === pop.link?.controlId) as ControlWorld;
    const tokens = nodes.map(({ control }) => control.setUp?.token ?? '');
    assert.equal(new Set(tokens).size, 3);
    const use = async (token: string) =>
      (
        await at.call(
          'POST',
          '/internal/v1/set-up',
          { token, password: 'a quiet long river', clientAddress: '::1' },
          pop.headers,
        )
      ).status;
    const [first, ...others] = tokens as [string, string, string];
    assert.deepEqual([await use(first), ...(await Promise.all(others.map(use)))], [200, 404, 404]);
    assert.ok(b && c);
  });

  test('a code of an authenticator is good once, whichever nodes it is brought to', async () => {
    const { nodes } = await startNodes(2);
    const pops = await popOnEach(nodes);
    const [a] = nodes as [ControlWorld, ControlWorld];
    const password = 'seven quiet otters at noon';
    await a.must('POST', '/users', { email: 'ada@example.org', name: 'Ada', password });
    const client = { clientAddress: '192.0.2.1', userAgent: 'test', browser: 'b' };
    const ask = async (at: number, path: string, body: object) => {
      const headers = pops[at]?.headers ?? {};
      return (nodes[at] as ControlWorld).call('POST', `/internal/v1${path}`, { ...client, ...body }, headers);
    };
    const signIn = async (at: number) => (await ask(at, '/sign-in', { email: 'ada@example.org', password })).body;
    const { token: session } = await signIn(0);
    const { body } = await ask(0, '/security', { session, change: { kind: 'totp-begin' } });
    const { secret } = body.totp;
    const now = Date.now();
    const change = { kind: 'totp-confirm', code: totpCodeAt(secret, now) };
    assert.equal((await ask(1, '/security', { session, change })).status, 200);
    const steps = [(await signIn(0)).secondStep.token, (await signIn(1)).secondStep.token];
    const code = totpCodeAt(secret, now + 30_000);
    const answers = await Promise.all(steps.map((step, at) => ask(at, '/second-step', { step, method: 'totp', code })));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 401]);
    const again = await ask(0, '/second-step', { step: (await signIn(1)).secondStep.token, method: 'totp', code });
    assert.equal(again.body.code, 'factor-refused');
  });

  test('a node with another portal host or port than those that run is refused, and one that starts alone is not', async () => {
    const { nodes, database } = await startNodes(1);
    const store = { url: server.url(database) };
    const refusal = (change: { portalHost?: string; publicPort?: number }) =>
      newWorld()
        .start({ store, ...change })
        .then(
          () => 'started',
          (error: { code?: string }) => error.code,
        );
    assert.equal(await refusal({ portalHost: 'else.localhost' }), 'control-settings-differ');
    assert.equal(await refusal({ publicPort: 443 }), 'control-settings-differ');
    assert.equal((await (nodes[0] as ControlWorld).must('GET', '/status')).controlNodes.length, 1, 'they left nothing');
    await (nodes[0] as ControlWorld).stop();
    assert.equal(await refusal({ publicPort: 443 }), 'started');
  });

  test('a change through one node reaches PoPs of another as a delta in less than a second', async (t) => {
    const { nodes } = await startNodes(2);
    const [a, b] = nodes as [ControlWorld, ControlWorld];
    const [onA, onB] = (await popOnEach(nodes)) as [PopWorld, PopWorld];
    const wholes = (pop: PopWorld) => pop.messages.filter(({ type }) => type === 'snapshot').length;
    const before = wholes(onB);
    for (const [i, world] of [a, b, a].entries()) {
      await giveRole(world, `role-${i}`);
      const startedMs = performance.now();
      await Promise.all([onA, onB].map((pop) => pop.until(() => hasRole(pop, `role-${i}`))));
      t.diagnostic(`${(performance.now() - startedMs).toFixed(1)} ms after the answer`);
    }
    const site = await b.must('POST', '/sites', { name: 'office' });
    await Promise.all([onA, onB].map((pop) => pop.until(() => pop.find('siteGrant', site.id) !== undefined)));
    await Promise.all(
      [onA, onB].map((pop) => pop.until(() => pop.state?.version.revision === a.control.version()?.revision)),
    );
    assert.deepEqual(onA.find('siteGrant', site.id), onB.find('siteGrant', site.id), 'signed once');
    assert.equal(onA.state?.hash(), onB.state?.hash(), 'one revision is the same from every node');
    assert.equal(wholes(onB), before);
  });

  test('a revocation through one node is acknowledged by PoPs of another, and every node tells of it', async () => {
    const { nodes } = await startNodes(2);
    const [a, b] = nodes as [ControlWorld, ControlWorld];
    const pops = (await popOnEach(nodes)) as [PopWorld, PopWorld];
    const gone = await b.addPop('gone');
    await a.must('DELETE', `/pops/${gone.enrolled.popId}`);
    await gone.until(() => gone.link === null);
    for (const world of nodes) {
      const { revocations, pops: told } = await eventually(
        () => world.must('GET', '/status'),
        (status) =>
          pops.every(({ enrolled }) => {
            const one = status.pops.find(({ id }: { id: string }) => id === enrolled.popId);
            return one?.connected && one.revocationsApplied?.sequence === status.revocations.sequence;
          }),
      );
      assert.ok(revocations.sequence > 0);
      assert.deepEqual(
        pops.map(({ enrolled }) => told.find(({ id }: { id: string }) => id === enrolled.popId).controlId),
        nodes.map(({ control }) => control.controlId),
      );
    }
    for (const pop of pops)
      assert.ok(pop.entries.some((entry) => entry.kind === 'key' && entry.keyId === gone.enrolled.popId));
  });

  test('tries to sign in are counted over all nodes', async () => {
    const { nodes } = await startNodes(2);
    const pops = await popOnEach(nodes);
    const statuses: number[] = [];
    for (let i = 0; i < 24; i++) {
      const which = i % 2;
      const body = { email: 'ann@example.org', password: 'x', clientAddress: `192.0.2.${i}` };
      const world = nodes[which] as ControlWorld;
      statuses.push((await world.call('POST', '/internal/v1/sign-in', body, (pops[which] as PopWorld).headers)).status);
    }
    assert.deepEqual(statuses, [...Array(10).fill(401), ...Array(14).fill(429)]);
  });

  test('a session that one node has begun goes on at another', async () => {
    const { nodes } = await startNodes(2);
    const [a, b] = nodes as [ControlWorld, ControlWorld];
    const [onA, onB] = (await popOnEach(nodes)) as [PopWorld, PopWorld];
    const person = { clientAddress: '::1' };
    const token = a.control.setUp?.token;
    const begun = await a.call(
      'POST',
      '/internal/v1/set-up',
      { token, password: 'a quiet long river', ...person },
      onA.headers,
    );
    assert.equal(begun.status, 200);
    const renewed = await b.call('POST', '/internal/v1/sessions/renew', { token: begun.body.token }, onB.headers);
    assert.equal(renewed.status, 200);
    await b.call('POST', '/internal/v1/sign-out', { token: begun.body.token }, onB.headers);
    const ended = await a.call('POST', '/internal/v1/sessions/renew', { token: begun.body.token }, onA.headers);
    assert.equal(ended.status, 401);
  });

  test('two nodes send each event once, whichever of them made it', async (t) => {
    const { nodes } = await startNodes(2);
    const [a, b] = nodes as [ControlWorld, ControlWorld];
    const ids: string[] = [];
    const receiver = createServer((request, response) => {
      ids.push(String(request.headers['webhook-id']));
      request.resume().on('end', () => response.writeHead(204).end());
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    t.after(() => receiver.close());
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const hook = { name: 'both', url, events: ['policy.changed'], allowPrivate: true };
    const { id } = await a.must('POST', '/webhooks', hook);
    const changes = 8;
    for (let i = 0; i < changes; i++) await (i % 2 ? a : b).must('PUT', '/organisation/policy', { rules: [] });
    const delivered = await eventually(
      async () => (await b.must('GET', `/webhooks/${id}/deliveries`)).items as { id: string; state: string }[],
      (items) => items.length === changes && items.every(({ state }) => state === 'delivered'),
    );
    assert.deepEqual([...ids].sort(), delivered.map((delivery) => delivery.id).sort());
  });

  test('a node is killed: its PoPs are at another one in seconds and hear of changes there', async (t) => {
    const database = await server.createDatabase();
    const a = newWorld();
    const b = newWorld();
    await a.start({ store: { url: server.url(database) } });
    const doomed = await startControlProcess(b.dataDir, server.url(database));
    b.adopt(doomed);
    await eventually(
      () => a.must('GET', '/status'),
      ({ controlNodes }) => controlNodes.length === 2,
    );
    const [onA, onB] = (await popOnEach([a, b])) as [PopWorld, PopWorld];
    await onA.until(() => [...(onA.state?.ofKind('control') ?? [])].length === 2);
    const startedMs = performance.now();
    await doomed.kill();
    await onB.until(() => onB.link?.controlId === a.control.controlId);
    t.diagnostic(`moved ${(performance.now() - startedMs).toFixed(0)} ms after the kill`);
    await giveRole(a, 'after-the-kill');
    await onB.until(() => hasRole(onB, 'after-the-kill'));
    const again = await startControlProcess(b.dataDir, server.url(database));
    b.adopt(again);
    assert.equal(again.controlId, doomed.controlId, 'the same node');
    await again.close();
  });

  test('PostgreSQL is killed: links stay, requests are told so, and everything goes on when it is back', async (t) => {
    const { nodes } = await startNodes(2);
    const [a, b] = nodes as [ControlWorld, ControlWorld];
    const [onA, onB] = (await popOnEach(nodes)) as [PopWorld, PopWorld];
    const links = [onA.link, onB.link];
    await server.kill();
    const answer = await eventually(
      () => a.api('POST', '/roles', { name: 'lost' }),
      ({ status }) => status !== 500,
    );
    assert.deepEqual([answer.status, answer.body.code], [503, 'store-unavailable']);
    assert.deepEqual([onA.link, onB.link], links);
    await server.restart();
    const startedMs = performance.now();
    await eventually(
      () => b.api('POST', '/roles', { name: 'found' }),
      ({ status }) => status === 201,
    );
    t.diagnostic(`writes again after ${(performance.now() - startedMs).toFixed(0)} ms`);
    await giveRole(a, 'again');
    await Promise.all([onA, onB].map((pop) => pop.until(() => hasRole(pop, 'again'))));
    assert.deepEqual([onA.link, onB.link], links);
    assert.equal(a.control.version()?.epoch, 1, 'a restart is no restore');
  });

  test('a database that was set back under the running nodes gets a new epoch, and PoPs take it', async () => {
    const { nodes, database } = await startNodes(2);
    const [a] = nodes as [ControlWorld, ControlWorld];
    const pops = await popOnEach(nodes);
    await giveRole(a, 'lost-in-the-restore');
    await Promise.all(pops.map((pop) => pop.until(() => hasRole(pop, 'lost-in-the-restore'))));
    // As restoring an older dump would.
    await server.query(
      `delete from user_roles where role_id in (select id from roles where name like 'lost%')`,
      database,
    );
    await server.query(`update counters set revision = revision - 2`, database);
    await Promise.all(pops.map((pop) => pop.until(() => pop.state?.version.epoch === 2)));
    assert.ok(pops.every((pop) => !hasRole(pop, 'lost-in-the-restore')));
  });

  test('a database that went over to another lineage gets a new epoch above all that anybody may have published', async () => {
    const { nodes, database } = await startNodes(1);
    const [a] = nodes as [ControlWorld];
    const pop = await a.addPop('ams');
    await a.stop();
    await server.query(`update counters set lineage = 'another/1'`, database);
    await a.start({ store: { url: server.url(database) } });
    await pop.client.stop();
    assert.ok((a.control.version()?.epoch ?? 0) > 1_700_000_000);
  });

  test('an embedded installation moves to PostgreSQL, and its PoPs go on with the same node', async () => {
    const a = newWorld();
    await a.start();
    const pop = await a.addPop('ams');
    const { controlId, port } = a.control;
    await giveRole(a, 'before-the-move');
    await pop.until(() => hasRole(pop, 'before-the-move'));
    await a.stop();
    const url = server.url(await server.createDatabase());
    await copyStore({ place: a.dataDir }, { place: url }, { nowUnixMs: Date.now() });
    await a.start({ store: { url }, listen: { host: '127.0.0.1', port } });
    assert.equal(a.control.controlId, controlId);
    await pop.until(() => pop.state?.version.epoch === a.control.version()?.epoch);
    assert.ok((pop.state?.version.epoch ?? 0) > 1_700_000_000 && hasRole(pop, 'before-the-move'));
    await giveRole(a, 'after-the-move');
    await pop.until(() => hasRole(pop, 'after-the-move'));
  });

  test('a second control on the same data directory is refused', async () => {
    const { nodes, database } = await startNodes(1);
    const [a] = nodes as [ControlWorld];
    await assert.rejects(a.start({ store: { url: server.url(database) } }), { code: 'folder-in-use' });
  });
});
