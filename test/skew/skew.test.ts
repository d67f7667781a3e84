/**
 * heavy: one version back works. The nodes of the previous version run with those of this tree, both ways round, with
 * traffic, a policy that changes and a failover. Where no history is there (a clone of one commit that cannot fetch),
 * these tests are not there either, and say so; `recorded.test.ts` holds what does not need it.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePortBase, remove, temporaryFolder } from '../e2e/network.ts';
import { missingRequirement } from '../interop/requirements.ts';
import { POSTGRES_REQUIREMENTS } from '../lab/postgres-server.ts';
import { MixedNetwork } from './mixed-network.ts';
import { allOf, proveFailover, provePolicy, upgrade } from './proofs.ts';
import { proveTwoControls } from './several-controls.ts';
import { checkOut, hasVersion, previousVersion, THIS_TREE, type Tree } from './trees.ts';

const version = previousVersion();

if (!hasVersion(version)) console.log(`The history has no ${version}: nothing of it runs here (see recorded.test.ts).`);
else
  describe(`this tree and ${version.slice(0, 12)}`, { timeout: 300_000 }, () => {
    const folder = temporaryFolder();
    let previous: Tree;
    before(() => {
      previous = checkOut(version, join(folder, 'previous'));
    });
    after(() => remove(folder));

    test('control of this tree with PoPs and a connector of before, as an upgrade begins', async (t) => {
      const network = await MixedNetwork.start(join(folder, 'up'), await freePortBase(), allOf(previous));
      try {
        const load = await upgrade(network, ['control']);
        await provePolicy(network);
        await proveFailover(network, previous);
        const rest = await upgrade(network, ['pop-1']);
        await provePolicy(network);
        t.diagnostic(`${load.requests + rest.requests} requests while nodes were replaced`);
        assert.deepEqual([...load.failures, ...rest.failures], []);
      } finally {
        await network.stop();
      }
    });

    const missing = missingRequirement(POSTGRES_REQUIREMENTS);
    test('control nodes of both on one PostgreSQL, while one after another is replaced', {
      skip: missing,
    }, async (t) => {
      t.diagnostic(await proveTwoControls(previous));
    });

    test('control of before with PoPs and a connector of this tree, enrolled by it', async () => {
      const versions = { ...allOf(THIS_TREE), control: previous };
      const network = await MixedNetwork.start(join(folder, 'down'), await freePortBase(), versions);
      try {
        await provePolicy(network);
        await proveFailover(network, THIS_TREE);
      } finally {
        await network.stop();
      }
    });
  });
