import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { isExpected, parseStatusRange, type TargetCheck } from './check.ts';
import { type CheckableTarget, CheckSchedule, type DueCheck } from './check-schedule.ts';
import { CHECK_JITTER, FIRST_CHECKS_SPREAD_MS, MAXIMUM_CHECKS_AT_ONCE } from './constants.ts';
import type { HealthReason } from './health.ts';

const UNIX_MS = 1_000_000;
const check: TargetCheck = {
  kind: 'tcp',
  intervalMs: 5_000,
  unhealthyIntervalMs: 2_000,
  timeoutMs: 3_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};
const target = (id: string, change: Partial<CheckableTarget> = {}): CheckableTarget => ({
  id,
  host: '127.0.0.1',
  port: 80,
  check,
  ...change,
});

/** A schedule under a clock that jumps to the next deadline; checks take no time and end as `answer` says. */
class World {
  readonly schedule = new CheckSchedule(new SeededRandom(testSeed(7)));
  readonly ran: [atMs: number, id: string][] = [];
  nowMs = 0;

  follow(...targets: CheckableTarget[]): void {
    this.schedule.follow(targets, this.nowMs, UNIX_MS + this.nowMs);
  }

  start(): DueCheck | undefined {
    const due = this.schedule.due(this.nowMs);
    if (due) this.ran.push([this.nowMs, due.target.id]);
    return due;
  }

  end(due: DueCheck, reason: HealthReason | undefined): void {
    this.schedule.finished(due, reason, this.nowMs, UNIX_MS + this.nowMs);
  }

  /** The next `count` checks, one after the other. */
  run(count: number, answer: (id: string) => HealthReason | undefined): void {
    for (let i = 0; i < count; i++) {
      this.nowMs = Math.max(this.nowMs, this.schedule.nextDeadlineMs ?? assert.fail('nothing is due'));
      const due = this.start() ?? assert.fail('the deadline was early');
      this.end(due, answer(due.target.id));
    }
  }

  changes(): string[] {
    return this.schedule.takeChanges().map(({ targetId, state, reason }) => `${targetId} ${state} ${reason}`);
  }
}

test('first checks come within a second, later ones in intervals that vary a little', () => {
  const world = new World();
  world.follow(target('a'));
  world.run(100, () => 'ok');
  const times = world.ran.map(([atMs]) => atMs);
  assert.ok((times[0] ?? 0) <= FIRST_CHECKS_SPREAD_MS);
  const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  for (const gap of gaps) assert.ok(Math.abs(gap - 5_000) <= 5_000 * (CHECK_JITTER / 2), `${gap}`);
  assert.ok(new Set(gaps).size > 90, 'no two alike');
});

test('a target that fails is looked at more often, and its state changes by its thresholds', () => {
  // Each mark is a check: `+` good, `-` refused, `5` status 500. After each what was said of it.
  const table: [mark: string, gapMs: number, said: string[]][] = [
    ['+', 5_000, ['a healthy ok']],
    ['-', 2_000, []],
    ['-', 2_000, []],
    ['-', 2_000, ['a unhealthy connect-refused']],
    ['-', 2_000, []],
    ['5', 2_000, ['a unhealthy status-500']],
    ['+', 2_000, []],
    ['5', 2_000, []],
    ['+', 2_000, []],
    ['+', 5_000, ['a healthy ok']],
  ];
  const reasons: Record<string, HealthReason> = { '+': 'ok', '-': 'connect-refused', '5': 'status-500' };
  const world = new World();
  world.follow(target('a'));
  for (const [i, [mark, gapMs, said]] of table.entries()) {
    world.run(1, () => reasons[mark] ?? 'ok');
    assert.deepEqual(world.changes(), said, `check ${i}`);
    const nextMs = (world.schedule.nextDeadlineMs ?? 0) - world.nowMs;
    assert.ok(Math.abs(nextMs - gapMs) <= gapMs * (CHECK_JITTER / 2), `check ${i}: next in ${nextMs}`);
  }
});

test('a check that could not be made says nothing, and is soon made again', () => {
  const world = new World();
  world.follow(target('a'));
  world.run(1, () => 'ok');
  world.changes();
  world.run(5, () => undefined);
  assert.deepEqual(world.changes(), []);
  const nextMs = (world.schedule.nextDeadlineMs ?? 0) - world.nowMs;
  assert.ok(Math.abs(nextMs - check.unhealthyIntervalMs) <= check.unhealthyIntervalMs * (CHECK_JITTER / 2));
  world.run(3, () => 'timed-out');
  assert.deepEqual(world.changes(), ['a unhealthy timed-out']);
});

test('since is when the state began, whatever reasons followed', () => {
  const world = new World();
  world.follow(target('a'));
  world.run(1, () => 'timed-out');
  const sinceUnixMs = UNIX_MS + world.nowMs;
  world.run(3, () => 'status-500');
  assert.deepEqual(world.schedule.states(), [{ targetId: 'a', state: 'unhealthy', reason: 'status-500', sinceUnixMs }]);
});

test('no more than a fixed number run at once, and a target never twice', () => {
  const world = new World();
  world.follow(...Array.from({ length: MAXIMUM_CHECKS_AT_ONCE + 10 }, (_, i) => target(`t${i}`)));
  world.nowMs = FIRST_CHECKS_SPREAD_MS;
  const running: DueCheck[] = [];
  for (let due = world.start(); due; due = world.start()) running.push(due);
  assert.equal(running.length, MAXIMUM_CHECKS_AT_ONCE);
  assert.equal(world.schedule.nextDeadlineMs, undefined);
  world.end(running[0] as DueCheck, 'ok');
  assert.ok((world.schedule.nextDeadlineMs ?? Number.POSITIVE_INFINITY) <= world.nowMs);
  assert.ok(world.start());
});

test('a new grant keeps what is known of targets that are the same', () => {
  const world = new World();
  world.follow(target('same'), target('moved'), target('unchecked'), target('gone'));
  world.run(4, () => 'timed-out');
  world.changes();
  const { check: _check, ...unchecked } = target('unchecked');
  world.follow(target('same'), target('moved', { port: 81 }), unchecked);
  assert.deepEqual(world.changes(), ['moved unknown not-checked', 'unchecked unknown not-checked']);
  assert.deepEqual(
    world.schedule.states().map(({ targetId, state }) => `${targetId} ${state}`),
    ['same unhealthy', 'moved unknown'],
  );
});

test('a check that ends after its target changed says nothing', () => {
  const world = new World();
  world.follow(target('a'));
  world.nowMs = FIRST_CHECKS_SPREAD_MS;
  const due = world.start() as DueCheck;
  world.follow(target('a', { host: '127.0.0.2' }));
  world.changes();
  world.end(due, 'timed-out');
  assert.deepEqual(world.changes(), []);
  assert.equal(world.schedule.states()[0]?.state, 'unknown');
  world.run(1, () => 'ok');
  assert.equal(world.ran.length, 2);
});

test('whatever happens, every target that has a check stays scheduled', () => {
  const step = fc.oneof(
    fc.record({ follow: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')), port: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ pass: fc.integer({ min: 1, max: 4_000 }) }),
    fc.record({ end: fc.constantFrom<HealthReason>('ok', 'timed-out') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new World();
      const running: DueCheck[] = [];
      let ids: readonly string[] = [];
      for (const one of steps) {
        if ('follow' in one) {
          ids = one.follow;
          world.follow(...one.follow.map((id) => target(id, { port: one.port })));
        } else if ('pass' in one) world.nowMs += one.pass;
        else {
          const [due] = running.splice(0, 1);
          if (due) world.end(due, one.end);
        }
        for (let due = world.start(); due; due = world.start()) running.push(due);
        assert.deepEqual(
          world.schedule
            .states()
            .map(({ targetId }) => targetId)
            .sort(),
          [...ids].sort(),
        );
      }
      for (const due of running) world.end(due, 'ok');
      world.ran.length = 0;
      world.nowMs += 10_000;
      while (world.start());
      assert.deepEqual([...new Set(world.ran.map(([, id]) => id))].sort(), [...ids].sort());
    }),
    { numRuns: 200 },
  );
});

test('expected statuses are one, a range, or a hundred', () => {
  const table: [text: string, yes: number[], no: number[]][] = [
    ['200', [200], [201, 199]],
    ['200-204', [200, 204], [199, 205]],
    ['3xx', [300, 399], [299, 400]],
  ];
  for (const [text, yes, no] of table) {
    const range = parseStatusRange(text) ?? assert.fail(text);
    for (const status of yes) assert.ok(isExpected(status, [range]), `${status} in ${text}`);
    for (const status of no) assert.ok(!isExpected(status, [range]), `${status} not in ${text}`);
  }
  for (const wrong of ['', '20', '299-200', '6xx', '099', 'ok', '200-', '200,201', '2XX'])
    assert.equal(parseStatusRange(wrong), undefined, wrong);
});
