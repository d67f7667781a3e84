/** heavy: a minute of faults under load, every kind of them, in namespaces where this process may make them. Takes about 85 s. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '../../src/testing/seeded-random.ts';
import { missingRequirement, mustHaveTools } from '../interop/requirements.ts';
import { LAB_REQUIREMENTS } from '../lab/lab.ts';
import { WORLD_REQUIREMENTS } from '../netlab/world.ts';
import { chaosTable } from './report.ts';
import { runChaos } from './run.ts';
import { FAULTS } from './schedule.ts';

const SECONDS = 60;

test('a minute of chaos corrupts no byte, loses no write, doubles no effect and fails nothing that must not fail', {
  timeout: 400_000,
}, async (t) => {
  const missing = missingRequirement([...LAB_REQUIREMENTS, ...WORLD_REQUIREMENTS]);
  if (missing !== undefined && mustHaveTools()) throw new Error(`${missing}; in CI nothing is left out`);
  const seed = testSeed(7);
  t.diagnostic(`seed ${seed}`);
  const say = (line: string): void => t.diagnostic(line);
  const result = await runChaos({ seed, durationMs: SECONDS * 1000, hasNamespaces: missing === undefined, say });
  assert.deepEqual(result.violations, [], `${chaosTable(result)}\n${result.lastWords}`);
  const fired = Object.keys({ ...result.strikes, ...result.leftOut }).sort();
  assert.deepEqual(fired, Object.keys(FAULTS).sort(), 'every fault fired, or it was said why not');
  if (mustHaveTools()) assert.deepEqual(result.leftOut, {});
  for (const kind of ['item', 'write', 'download', 'upload', 'web-socket'])
    assert.ok((result.requests[kind] ?? 0) > 5, `${kind}: ${result.requests[kind]}`);
});
