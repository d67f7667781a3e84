import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../io/log.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { CAPTURES_LOST_LOG_MS, CAPTURES_LOST_RESOURCES_MAX } from './constants.ts';
import { LostCaptures } from './lost-captures.ts';

const of = (resourceId: string, count = 1) => Array.from({ length: count }, () => ({ resourceId }));

test('what finds no room is counted by why and by resource, and a flood of it is a line a minute', () => {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const lost = new LostCaptures({
    clock,
    log: createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } }),
  });
  lost.add('rate', 'pop-1', []);
  assert.deepEqual([lost.count('rate'), lost.of('a'), lines.length], [0, undefined, 0]);
  lost.add('rate', 'pop-1', of('a', 3));
  lost.add('waiting', 'pop-1', [...of('a'), ...of('b')]);
  lost.add('store', 'pop-2', of('b', 5));
  assert.deepEqual([lost.count('rate'), lost.count('waiting'), lost.count('store')], [3, 2, 5]);
  assert.deepEqual([lost.of('a')?.captures, lost.of('b')?.captures], [4, 6]);
  assert.equal(lines.length, 1);
  clock.advance(CAPTURES_LOST_LOG_MS);
  lost.add('rate', 'pop-1', of('a'));
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).captures),
    [3, 8],
  );
  for (let i = 0; i < CAPTURES_LOST_RESOURCES_MAX * 2; i++) lost.add('rate', 'pop-1', of(`r${i}`));
  assert.ok(lost.of(`r${CAPTURES_LOST_RESOURCES_MAX * 2 - 1}`));
});
