import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as turn } from 'node:timers/promises';
import { LoopDelay } from './loop-delay.ts';

test('the delay of a loop is long where every turn takes long, and begins anew when it was read', async () => {
  const delay = new LoopDelay();
  await turn(50);
  delay.read();
  for (let turns = 0; turns < 6; turns++) {
    const endMs = performance.now() + 100;
    while (performance.now() < endMs);
    await turn(1);
  }
  assert.ok(delay.read() > 40);
  assert.equal(delay.read(), 0);
  delay.stop();
});
