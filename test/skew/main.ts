/**
 * `npm run skew`: networks of two versions, in all the mixtures that an upgrade and a rollback lead through. Takes
 * `--from VERSION` (a tag or a commit; default the previous version), `--record` (keeps what that version leaves on disks).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePortBase } from '../e2e/network.ts';
import { missingRequirement } from '../interop/requirements.ts';
import { POSTGRES_REQUIREMENTS } from '../lab/postgres-server.ts';
import { MixedNetwork, type Versions } from './mixed-network.ts';
import { allOf, proveFailover, provePolicy, UPGRADE_ORDER, upgrade } from './proofs.ts';
import { RECORDED, RECORDED_PORT_BASE, record } from './recorded.ts';
import { proveTwoControls } from './several-controls.ts';
import { checkOut, hasVersion, previousVersion, THIS_TREE, type Tree } from './trees.ts';

const { values } = parseArgs({ options: { from: { type: 'string' }, record: { type: 'boolean' } } });
const version = values.from ?? previousVersion();
const folder = mkdtempSync(join(tmpdir(), 'manis-skew-'));

try {
  if (!hasVersion(version)) throw new Error(`the history has no ${version}`);
  const previous = checkOut(version, join(folder, 'previous'));
  if (values.record) await recordFrom(previous);
  else await proveAll(previous);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function proveAll(previous: Tree): Promise<void> {
  const [old, now] = [allOf(previous), allOf(THIS_TREE)];
  await proveControls(previous);
  await within('an upgrade in order, and nodes rolled back', old, async (network) => {
    const up = await upgrade(network, UPGRADE_ORDER);
    await provePolicy(network);
    const back = await upgrade(network, ['connector', 'pop-2', 'pop-1'], previous);
    await provePolicy(network);
    await proveFailover(network, previous);
    const failures = [...up.failures, ...back.failures];
    if (failures.length > 0) throw new Error(`people saw: ${failures.slice(0, 5).join('; ')}`);
    return `${up.requests + back.requests} requests, none failed`;
  });
  const mixtures: readonly [what: string, versions: Versions][] = [
    [`control ${previous.name}, all else this tree`, { ...now, control: previous }],
    ['one PoP of this tree, one of before', { ...old, control: THIS_TREE, 'pop-1': THIS_TREE }],
    ['the connector of before', { ...now, connector: previous }],
    ['PoPs of before', { ...now, 'pop-1': previous, 'pop-2': previous }],
  ];
  for (const [what, versions] of mixtures)
    await within(what, versions, async (network) => {
      await provePolicy(network);
      await proveFailover(network, versions['pop-1']);
      return 'traffic, a policy, a failover';
    });
}

async function proveControls(previous: Tree): Promise<void> {
  const what = 'control nodes of both on one PostgreSQL';
  const missing = missingRequirement(POSTGRES_REQUIREMENTS);
  if (missing !== undefined) console.log(`--  ${what}: ${missing}`);
  else console.log(`ok  ${what}: ${await proveTwoControls(previous)}`);
}

async function within(what: string, versions: Versions, prove: (network: MixedNetwork) => Promise<string>) {
  const network = await MixedNetwork.start(mkdtempSync(join(folder, 'network-')), await freePortBase(), versions);
  try {
    console.log(`ok  ${what}: ${await prove(network)}`);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`);
  } finally {
    await network.stop();
  }
}

async function recordFrom(previous: Tree): Promise<void> {
  const data = join(folder, 'recorded');
  const network = await MixedNetwork.start(data, RECORDED_PORT_BASE, allOf(previous));
  await network.stop();
  record(data);
  console.log(`recorded ${previous.name} in ${RECORDED}`);
}
