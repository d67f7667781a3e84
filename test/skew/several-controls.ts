/**
 * An upgrade of control with several nodes on one PostgreSQL: the first new node changes the schema while one of before
 * serves. Until that is replaced both write, both publish, and PoPs go from one to the other.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ControlWorld, PopWorld } from '../../src/testing/control-world.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { ControlNodes, popOnEach } from '../lab/control-nodes.ts';
import { type ControlProcess, startControlProcess } from '../lab/control-process.ts';
import { NOBODY, SIGNED_IN } from './mixed-network.ts';
import { THIS_TREE, type Tree } from './trees.ts';

/** Gives what was proved, in words. */
export async function proveTwoControls(previous: Tree): Promise<string> {
  const all = await ControlNodes.start();
  const running: ControlProcess[] = [];
  try {
    const database = await all.server.createDatabase();
    const start = async (world: ControlWorld, tree: Tree): Promise<ControlProcess> => {
      const main = join(tree.folder, 'src', 'cli', 'main.ts');
      const node = await startControlProcess(world.dataDir, all.server.url(database), main);
      running.push(node);
      return world.adopt(node);
    };
    const [a, b] = [all.newWorld(), all.newWorld()];
    const ofBefore = await start(a, previous);
    const replaced = await start(b, previous);
    await eventually(
      () => a.must('GET', '/status'),
      ({ controlNodes }) => controlNodes.length === 2,
    );
    const pops = await popOnEach([a, b]);
    const schema = async () => (await all.server.query('select number from migrations', database)).length;
    const before = await schema();
    await provePublication(a, [a, b], pops, 'before');

    await replaced.close();
    await start(b, THIS_TREE);
    assert.ok((await schema()) >= before);
    // PoPs went to the node of before and come back to either; each node publishes to whoever is with it.
    for (const [i, writer] of [a, b, a, b].entries()) await provePublication(writer, [a, b], pops, `mixed-${i}`);
    await proveWritesTogether(a, b);
    assert.equal(/unexpected|TypeError|"level":50/.exec(ofBefore.log())?.[0], undefined, ofBefore.log().slice(-3_000));

    await ofBefore.close();
    await start(a, THIS_TREE);
    for (const [i, writer] of [a, b].entries()) await provePublication(writer, [a, b], pops, `after-${i}`);
    return `schema ${before} to ${await schema()} under a node of before; both wrote and published, no PoP was left behind`;
  } finally {
    await Promise.all(running.map((node) => node.kill()));
    await all.end();
  }
}

/** What one node is told gets to every PoP and is read at every node; a policy is changed and deleted, a user revoked. */
async function provePublication(
  writer: ControlWorld,
  nodes: readonly ControlWorld[],
  pops: readonly PopWorld[],
  name: string,
): Promise<void> {
  const { id: siteId } = await writer.must('POST', '/sites', { name });
  const targets = [{ siteId, url: 'http://127.0.0.1:3000' }];
  const { id } = await writer.must('POST', '/resources', {
    ...{ name, host: `${name}.manis.localhost`, policy: SIGNED_IN, targets },
  });
  await writer.must('PATCH', `/resources/${id}`, { policy: NOBODY });
  const isDenied = (pop: PopWorld) => pop.find('resource', id)?.policy.rules[0]?.then.kind === 'deny';
  for (const pop of pops) await pop.until(() => isDenied(pop) && pop.find('siteGrant', siteId) !== undefined);
  for (const node of nodes) assert.equal((await node.must('GET', `/resources/${id}`)).name, name);
  const email = `${name}@example.com`;
  const user = await writer.must('POST', '/users', { email, name, password: 'seven quiet otters at noon' });
  for (const pop of pops) await pop.until(() => pop.find('user', user.id) !== undefined);
  await writer.must('DELETE', `/users/${user.id}`);
  const isRevoked = (pop: PopWorld) =>
    pop.entries.some((entry) => entry.kind === 'user' && entry.userId === user.id) &&
    pop.find('user', user.id) === undefined;
  for (const pop of pops) await pop.until(() => isRevoked(pop));
}

/** Neither loses what the other writes at the same time. */
async function proveWritesTogether(a: ControlWorld, b: ControlWorld): Promise<void> {
  const names = Array.from({ length: 20 }, (_, i) => `together-${String(i).padStart(2, '0')}`);
  await Promise.all(names.map((name, i) => (i % 2 === 0 ? a : b).must('POST', '/roles', { name })));
  for (const node of [a, b]) {
    const found = (await node.must('GET', '/roles?limit=200')).items.map((role: { name: string }) => role.name);
    assert.deepEqual(
      names.filter((name) => !found.includes(name)),
      [],
    );
  }
}
