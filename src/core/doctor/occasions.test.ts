import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EXAMINE_AFTER_CHANGE_MS,
  EXAMINE_AFTER_START_MS,
  EXAMINE_ASKED_PAUSE_MS,
  EXAMINE_UNASKED_PAUSE_MS,
} from './constants.ts';
import { Occasions } from './occasions.ts';

/** After its first look, which ended at 0. */
function settled(): Occasions {
  const occasions = new Occasions();
  occasions.started(-EXAMINE_AFTER_START_MS, 0);
  assert.deepEqual(occasions.take(0), { asked: 0, isAsked: false });
  occasions.ended(0);
  return occasions;
}

test('a connector looks a moment after its start, and then not by itself', () => {
  const occasions = new Occasions();
  occasions.started(100, 0.5);
  assert.equal(occasions.take(100 + EXAMINE_AFTER_START_MS), undefined);
  assert.deepEqual(occasions.take(100 + 1.5 * EXAMINE_AFTER_START_MS), { asked: 0, isAsked: false });
  occasions.ended(20_000);
  assert.equal(occasions.deadlineMs(), Number.POSITIVE_INFINITY);
});

test('a wish is answered at once, once, and with its number', () => {
  const occasions = settled();
  occasions.asked(7);
  occasions.asked(7);
  assert.equal(occasions.take(EXAMINE_ASKED_PAUSE_MS - 1), undefined, 'not right after the look before');
  assert.deepEqual(occasions.take(EXAMINE_ASKED_PAUSE_MS), { asked: 7, isAsked: true });
  occasions.ended(EXAMINE_ASKED_PAUSE_MS + 1);
  occasions.asked(7);
  occasions.asked(3);
  assert.equal(occasions.deadlineMs(), Number.POSITIVE_INFINITY, 'an old grant wishes nothing anew');
});

test('a wish that comes during a look is answered after it', () => {
  const occasions = settled();
  occasions.asked(1);
  assert.ok(occasions.take(EXAMINE_ASKED_PAUSE_MS));
  occasions.asked(2);
  assert.equal(occasions.take(1e9), undefined, 'one look at a time');
  occasions.ended(1e9);
  assert.deepEqual(occasions.take(1e9 + EXAMINE_ASKED_PAUSE_MS), { asked: 2, isAsked: true });
});

test('a network that flaps is looked at once in a while', () => {
  const occasions = settled();
  for (let nowMs = 1_000; nowMs < 60_000; nowMs += 1_000) occasions.changed(nowMs, 0.5);
  assert.equal(occasions.deadlineMs(), EXAMINE_UNASKED_PAUSE_MS);
  assert.ok(occasions.take(EXAMINE_UNASKED_PAUSE_MS));
});

test('a change long after the last look is looked at when it has settled', () => {
  const occasions = settled();
  occasions.changed(3_600_000, 0);
  occasions.changed(3_600_001, 0);
  assert.equal(occasions.deadlineMs(), 3_600_000 + EXAMINE_AFTER_CHANGE_MS);
});
