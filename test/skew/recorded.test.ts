/** heavy: what nodes of the previous version wrote to their disks, nodes of this tree go on with; no history is needed. */
import { join } from 'node:path';
import { test } from 'node:test';
import { remove, temporaryFolder } from '../e2e/network.ts';
import { MixedNetwork } from './mixed-network.ts';
import { allOf, provePolicy } from './proofs.ts';
import { RECORDED_PORT_BASE, unpack } from './recorded.ts';
import { THIS_TREE } from './trees.ts';

test('a network goes on with the data that the previous version left', { timeout: 180_000 }, async (context) => {
  const folder = temporaryFolder();
  context.after(() => remove(folder));
  unpack(join(folder, 'network'));
  const network = await MixedNetwork.resume(join(folder, 'network'), RECORDED_PORT_BASE, allOf(THIS_TREE));
  try {
    await provePolicy(network);
  } finally {
    await network.stop();
  }
});
