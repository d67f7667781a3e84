// The policy under a virtual clock: what UDP does, second by second, and what the connector does about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CarrierPolicies, type PathView } from './index.ts';

const UP: PathView = { state: 'up', loss: 0 };
const DOWN: PathView = { state: 'down', loss: 1 };
const SUSPECT: PathView = { state: 'suspect', loss: 0 };
const SILENT: PathView = { state: 'unproven', loss: 0 };
const STEP_MS = 50;

class Story {
  nowMs = 5_000;
  readonly policies = new CarrierPolicies();
  readonly udp = new Map<string, PathView | undefined>();
  /** What a carrier does, where one is open. */
  tls: PathView = UP;

  constructor(...pops: readonly string[]) {
    for (const pop of pops) this.udp.set(pop, SILENT);
  }

  look(pop = 'a') {
    return this.policies.look(pop, { udp: this.udp.get(pop), tls: this.tls }, this.nowMs);
  }

  lookAll(): void {
    for (const pop of this.udp.keys()) this.look(pop);
  }

  run(forMs: number): this {
    const untilMs = this.nowMs + forMs;
    for (; this.nowMs < untilMs; this.nowMs += STEP_MS) this.lookAll();
    return this;
  }

  /** UDP of a PoP does this for a while. */
  does(view: PathView, forMs: number, pop = 'a'): this {
    this.udp.set(pop, view);
    return this.run(forMs);
  }

  /** Time until the decision is so. */
  until(holds: () => boolean, atMostMs = 3_000_000): number {
    const startMs = this.nowMs;
    for (; !holds(); this.nowMs += STEP_MS) {
      this.lookAll();
      if (this.nowMs - startMs > atMostMs) return Number.POSITIVE_INFINITY;
    }
    return this.nowMs - startMs;
  }
}

const within = (actualMs: number, lowMs: number, highMs: number): void =>
  assert.ok(actualMs >= lowMs && actualMs <= highMs, `${actualMs} ms is not within ${lowMs} to ${highMs}`);

test('UDP that answers within a second needs no carrier', () => {
  const story = new Story('a').does(SILENT, 900).does(UP, 600_000);
  assert.deepEqual(story.look(), { carrier: false, avoidUdp: false, because: undefined });
});

test('UDP that says nothing for a second, or that there is none of, makes a carrier open', () => {
  for (const view of [SILENT, undefined]) {
    const story = new Story();
    story.udp.set('a', view);
    within(
      story.until(() => story.look().carrier),
      1_000,
      1_100,
    );
    assert.deepEqual(story.look(), { carrier: true, avoidUdp: true, because: 'blocked' });
  }
});

test('UDP that is lost makes a carrier open: at once when it is down, after half a second of doubt', () => {
  for (const [view, lowMs, highMs] of [
    [DOWN, 0, 100],
    [SUSPECT, 500, 600],
  ] as const) {
    const story = new Story('a').does(UP, 5_000);
    story.udp.set('a', view);
    within(
      story.until(() => story.look().carrier),
      lowMs,
      highMs,
    );
    assert.equal(story.look().because, 'lost');
  }
});

test('a moment of doubt is no reason', () => {
  const story = new Story('a').does(UP, 5_000);
  for (let i = 0; i < 50; i++) story.does(SUSPECT, 400).does(UP, 200);
  assert.equal(story.look().carrier, false);
});

test('traffic climbs back after ten seconds of UDP, and the carrier closes a minute later', () => {
  const story = new Story('a').does(SILENT, 2_000).does(UP, 0);
  within(
    story.until(() => !story.look().avoidUdp),
    10_000,
    10_200,
  );
  assert.equal(story.look().carrier, true);
  within(
    story.until(() => !story.look().carrier),
    60_000,
    60_200,
  );
});

test('UDP that comes and goes is trusted after twice the time with each fall, up to ten minutes', () => {
  const story = new Story('a').does(UP, 5_000);
  for (const expectedMs of [10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1_000)) {
    story.does(DOWN, 4_000).does(UP, 0);
    within(
      story.until(() => !story.look().avoidUdp),
      expectedMs,
      expectedMs + 200,
    );
    story.does(UP, 2_000);
  }
  // What held for half an hour is forgiven.
  story.does(UP, 1_900_000).does(DOWN, 3_000).does(UP, 0);
  within(
    story.until(() => !story.look().avoidUdp),
    10_000,
    10_200,
  );
});

test('a PoP that is gone and comes back is no fall of UDP', () => {
  const story = new Story('a').does(UP, 5_000);
  for (let restarts = 0; restarts < 10; restarts++) {
    story.tls = DOWN;
    story.does(DOWN, 5_000);
    story.tls = UP;
    story.does(DOWN, 2_000).does(UP, 0);
    within(
      story.until(() => !story.look().avoidUdp),
      10_000,
      10_200,
    );
    story.does(UP, 2_000);
  }
});

test('UDP that fails while it is on trial begins its trial anew', () => {
  const story = new Story('a').does(SILENT, 2_000).does(UP, 9_000).does(DOWN, 200).does(UP, 0);
  within(
    story.until(() => !story.look().avoidUdp),
    10_000,
    10_200,
  );
});

test('UDP that loses a third of its heartbeats is left after ten seconds, and trusted when it loses few', () => {
  const story = new Story('a').does(UP, 5_000).does({ state: 'up', loss: 0.33 }, 0);
  within(
    story.until(() => story.look().carrier),
    10_000,
    10_200,
  );
  assert.equal(story.look().because, 'lossy');
  story.does({ state: 'up', loss: 0.1 }, 100_000);
  assert.equal(story.look().avoidUdp, true);
  story.does({ state: 'up', loss: 0.02 }, 0);
  within(
    story.until(() => !story.look().avoidUdp),
    10_000,
    10_200,
  );
});

test('loss that tells of a blackout gone by is no reason to leave again', () => {
  const story = new Story('a').does(UP, 5_000).does(DOWN, 5_000);
  story.does({ state: 'up', loss: 0.6 }, 12_000);
  assert.equal(story.look().avoidUdp, false);
  story.does({ state: 'up', loss: 0.4 }, 30_000);
  assert.equal(story.look().avoidUdp, false);
  // What is still there a minute later is no memory.
  story.does({ state: 'up', loss: 0.4 }, 45_000);
  assert.equal(story.look().because, 'lossy');
});

test('one PoP without UDP says nothing of the others', () => {
  const story = new Story('a', 'b').does(UP, 3_000, 'b');
  assert.equal(story.look('a').carrier, true);
  assert.equal(story.look('b').carrier, false);
  story.udp.set('c', SILENT);
  within(
    story.until(() => story.look('c').carrier),
    1_000,
    1_100,
  );
});

test('where UDP is blocked to every PoP, a new one gets its carrier at once', () => {
  const story = new Story('a', 'b').run(3_000);
  story.udp.set('c', SILENT);
  assert.equal(story.look('c').carrier, true);
  // And none when UDP works again to one of them.
  story.does(UP, 500, 'a');
  story.udp.set('d', SILENT);
  assert.equal(story.look('d').carrier, false);
});

test('a lossy path is no blocked one', () => {
  const story = new Story('a').does(UP, 5_000).does({ state: 'up', loss: 0.5 }, 12_000);
  assert.equal(story.look('a').because, 'lossy');
  story.udp.set('b', SILENT);
  assert.equal(story.look('b').carrier, false);
});

test('a PoP that was forgotten begins anew', () => {
  const story = new Story('a', 'b').run(3_000);
  assert.deepEqual(story.policies.retain(new Set(['b'])), ['a']);
  story.udp.delete('a');
  story.does(UP, 500, 'b');
  assert.equal(story.look('a').carrier, false);
});
