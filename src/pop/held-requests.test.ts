import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { VirtualClock } from '../testing/virtual-clock.ts';
import {
  HELD_ALL_MAX,
  HELD_BYTES_PER_RESOURCE_MAX,
  HELD_LOOK_MS,
  HELD_PER_RESOURCE_MAX,
  HOLD_MAX_MS,
  WARM_UP_MS,
  WAY_RETURNS_WITHIN_MS,
} from './constants.ts';
import { HeldRequests } from './held-requests.ts';

const CONNECTOR = 'fd00::c1';

function heldIn(t: TestContext) {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const clock = new VirtualClock();
  const held = new HeldRequests(clock);
  const gone: string[] = [];
  const ways = new Set<string>();
  const over = new Set<string>();
  const hold = (name: string, resourceId = 'app', bytes = 1, organisationId = resourceId) =>
    held.hold({
      resourceId,
      organisationId,
      bytes,
      untilMs: clock.nowMs() + HOLD_MAX_MS,
      isOver: () => over.has(name),
      hasWay: () => ways.has(resourceId),
      go: () => gone.push(name),
    });
  const pass = (ms: number): string[] => {
    clock.advance(ms);
    mock.timers.tick(HELD_LOOK_MS);
    return gone.splice(0);
  };
  return { clock, held, ways, over, hold, pass };
}

test('a request is held until its resource has a way, nobody waits for it, or it is late', (t) => {
  const { held, ways, over, hold, pass } = heldIn(t);
  for (const name of ['one', 'two', 'left']) hold(name);
  hold('other', 'shop');
  assert.deepEqual(pass(1), []);
  over.add('left');
  assert.deepEqual(pass(1), ['left']);
  ways.add('app');
  assert.deepEqual(pass(1), ['one', 'two']);
  assert.deepEqual(pass(HOLD_MAX_MS - 4), []);
  assert.deepEqual(pass(1), ['other']);
  assert.equal(held.size, 0);
});

test('a way is expected back for a while after it was lost, and any for a while after a start', (t) => {
  const { clock, held } = heldIn(t);
  assert.equal(held.mayReturn(CONNECTOR), false);
  held.wayLost(CONNECTOR);
  clock.advance(WAY_RETURNS_WITHIN_MS);
  assert.equal(held.mayReturn(CONNECTOR), true);
  assert.equal(held.mayReturn('fd00::c2'), false);
  clock.advance(1);
  assert.equal(held.mayReturn(CONNECTOR), false);
  held.started();
  assert.equal(held.mayReturn('fd00::c2'), true);
  clock.advance(WARM_UP_MS);
  assert.equal(held.mayReturn('fd00::c2'), false);
});

test('no more are held than there is room for: of one resource by number and bytes, and of all', (t) => {
  const { hold, ways, pass } = heldIn(t);
  assert.equal(hold('large', 'shop', HELD_BYTES_PER_RESOURCE_MAX), true);
  assert.equal(hold('one byte more', 'shop', 1), false);
  for (let i = 0; i < HELD_PER_RESOURCE_MAX; i++) assert.equal(hold(`${i}`), true);
  assert.equal(hold('one more'), false);
  for (let i = HELD_PER_RESOURCE_MAX + 1; i < HELD_ALL_MAX; i++) assert.equal(hold(`all ${i}`, `resource ${i}`), true);
  assert.equal(hold('one more of all', 'another'), false);
  ways.add('shop');
  assert.deepEqual(pass(1), ['large']);
  assert.equal(hold('one more of all', 'another'), true);
});

test('no organisation takes all the room there is', (t) => {
  const { hold } = heldIn(t);
  let taken = 0;
  for (let i = 0; i < HELD_ALL_MAX; i++) if (hold(`${i}`, `resource ${i % 40}`, 1, 'greedy')) taken++;
  assert.ok(taken < HELD_ALL_MAX, `${taken}`);
  assert.equal(hold('another', 'shop', 1, 'honest'), true);
});

test('one that finds no way once more is held again', (t) => {
  const { clock, held, pass } = heldIn(t);
  let goes = 0;
  const again = {
    ...{ resourceId: 'app', organisationId: 'o' },
    bytes: 1,
    untilMs: clock.nowMs() + HOLD_MAX_MS,
    isOver: () => false,
    hasWay: () => true,
    go: () => void (++goes < 3 && held.hold(again)),
  };
  held.hold(again);
  for (let i = 0; i < 5; i++) pass(1);
  assert.deepEqual([goes, held.size], [3, 0]);
});
