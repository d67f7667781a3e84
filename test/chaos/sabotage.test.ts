/** heavy: harm done on purpose in front of the targets of a whole network is seen by chaos. Takes about 40 s. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Place } from '../netlab/place.ts';
import { Program } from '../netlab/program.ts';
import type { Harm } from './middle-box-process.ts';
import type { ChaosResult } from './run.ts';
import { runChaos } from './run.ts';

const DURATION_MS = 4_000;

async function runWith(...harms: readonly Harm[]): Promise<ChaosResult> {
  const boxes: Program[] = [];
  const inFront = async (place: Place, target: string): Promise<string> => {
    const [host, port] = target.split(':');
    const listen = `${host}:${Number(port) + 10}`;
    const args = [
      '--disable-warning=ExperimentalWarning',
      'test/chaos/middle-box-process.ts',
      listen,
      target,
      ...harms,
    ];
    const box = new Program({ place, name: `box of ${target}`, command: process.execPath, args, ready: /listening/ });
    boxes.push(box);
    await box.start();
    return listen;
  };
  try {
    const say = (): void => undefined;
    return await runChaos({ seed: 1, durationMs: DURATION_MS, hasNamespaces: false, isCalm: true, inFront, say });
  } finally {
    await Promise.all(boxes.map((box) => box.kill()));
  }
}

describe('chaos', { timeout: 240_000 }, () => {
  test('sees bytes that were changed and effects that were doubled, and accuses nobody of more', async () => {
    const result = await runWith('corrupt', 'double');
    assert.ok(result.corruptedBytes > 0);
    assert.ok(result.doubledEffects > 0);
    assert.equal(result.lostWrites, 0);
    assert.deepEqual(result.forbidden, {});
  });

  test('sees bytes that were left out and writes that were acknowledged and lost', async () => {
    const result = await runWith('drop', 'lose');
    assert.ok(result.violations.length > 0);
    assert.ok(result.lostWrites > 0);
    assert.equal(result.doubledEffects, 0);
  });
});
