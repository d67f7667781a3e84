import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { WARM_UP_LOOK_MS, WARM_UP_MS } from './constants.ts';
import { WarmUp } from './warm-up.ts';

const never = () => false;

test('requests wait for a way after a restart, and for nothing at any other time', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  t.after(() => mock.timers.reset());
  const begun: string[] = [];
  const warmUp = new WarmUp();
  warmUp.run(never, () => begun.push('before'));
  warmUp.start();
  warmUp.run(
    () => true,
    () => begun.push('ready'),
  );
  let isThere = false;
  warmUp.run(
    () => isThere,
    () => begun.push('came'),
  );
  warmUp.run(never, () => begun.push('never came'));
  mock.timers.tick(WARM_UP_LOOK_MS);
  assert.deepEqual(begun, ['before', 'ready']);
  isThere = true;
  mock.timers.tick(WARM_UP_LOOK_MS);
  assert.deepEqual(begun, ['before', 'ready', 'came']);
  mock.timers.tick(WARM_UP_MS + WARM_UP_LOOK_MS);
  warmUp.run(never, () => begun.push('after'));
  assert.deepEqual(begun, ['before', 'ready', 'came', 'never came', 'after']);
});
