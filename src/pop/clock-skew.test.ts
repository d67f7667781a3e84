import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../io/log.ts';
import { APP_HOST, PopWorld, resource } from '../testing/pop-world.ts';
import { ClockSkew } from './clock-skew.ts';

const DAY_MS = 86_400_000;

test('a clock that is wrong is told of once, and once when it is right again', () => {
  const lines: string[] = [];
  const skew = new ClockSkew(createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }));
  for (const skewMs of [20, -900, DAY_MS, DAY_MS + 5, -DAY_MS, 40]) skew.measured(skewMs);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /86400 s ahead of control's: set it right/);
  assert.match(lines[1] ?? '', /right again/);
  assert.equal(skew.tooMuchMs, undefined);
});

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
