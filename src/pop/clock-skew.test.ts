import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP_HOST, PopWorld, resource } from '../testing/pop-world.ts';

const DAY_MS = 86_400_000;

test('a PoP whose clock is a day ahead takes no snapshot for good, says why, and tells control', async (t) => {
  const world = await PopWorld.start();
  t.after(() => world.stop());
  world.publishBasics(resource(1));
  world.clock.advance(31 * DAY_MS);
  world.link.events.clockSkew?.(31 * DAY_MS);
  const answer = await world.fetch(APP_HOST, '/');
  assert.deepEqual([answer.status, JSON.parse(answer.body).code], [503, 'snapshot-stale']);
  world.pop.reportConnectors([]);
  assert.partialDeepStrictEqual(world.link.sent.at(-1), { type: 'status', clockSkewMs: 31 * DAY_MS });
});
