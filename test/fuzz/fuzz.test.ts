/** heavy: half a minute of what `npm run fuzz` does for as long as one likes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testSeed } from '../../src/testing/seeded-random.ts';
import { FuzzFinding, fuzz } from './fuzz.ts';
import { latin1 } from './target.ts';
import { TARGETS } from './targets/all.ts';

/** Nine targets: together half a minute. */
const FOR_MS = 3_000;
const seed = testSeed(Math.floor(performance.timeOrigin) % 1_000_000);
const nowMs = () => performance.now();

describe(`what strangers send (seed ${seed})`, { timeout: 300_000 }, () => {
  for (const [name, make] of Object.entries(TARGETS)) {
    test(`${name} holds`, async () => {
      const target = await make();
      try {
        const { inputs, corpus } = await fuzz(target, { seed, forMs: FOR_MS, nowMs });
        assert.ok(inputs > target.seeds.length && corpus >= target.seeds.length);
      } finally {
        await target.close?.();
      }
    });
  }

  test('a fault deep in a parser is found, with the input that shows it', async () => {
    const deep = {
      ...{ name: 'a parser with a fault', seeds: [latin1('PROXY TCP4 1')], words: [latin1('TCP6')] },
      run(input: Uint8Array) {
        if (Buffer.from(input).includes('PROXY TCP6')) throw new Error('the fault');
      },
    };
    await assert.rejects(fuzz(deep, { seed: 1, forMs: 60_000, nowMs }), (error: Error) => {
      assert.ok(error instanceof FuzzFinding);
      assert.match(error.message, /seed 1: Error: the fault[\s\S]*input [0-9a-f]*50524f58592054435036/);
      return true;
    });
  });
});
