import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import { PathHealth, type PathState } from './path-health.ts';

interface Wire {
  /** One-way delay. */
  delayMs: number;
  /** Which direction is cut: heartbeats of that end vanish. */
  cut: 'none' | 'a' | 'b' | 'both';
}

/** Two ends and the wire between them, under a virtual clock. */
class Pair {
  nowMs = 1_000;
  readonly a: PathHealth;
  readonly b: PathHealth;
  readonly wire: Wire = { delayMs: 10, cut: 'none' };
  readonly changes: { atMs: number; end: 'a' | 'b'; state: PathState }[] = [];
  sent = 0;
  busy = false;
  #flying: { atMs: number; to: 'a' | 'b'; heartbeat: Heartbeat }[] = [];

  constructor() {
    this.a = new PathHealth(this.nowMs);
    this.b = new PathHealth(this.nowMs, { yields: true });
  }

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    while (this.nowMs < untilMs) {
      this.#step();
      const nextMs = Math.min(
        ...this.#flying.map((flight) => flight.atMs),
        this.a.nextDeadlineMs(),
        this.b.nextDeadlineMs(),
        this.busy ? this.nowMs + 50 : untilMs,
      );
      this.nowMs = Math.min(untilMs, Math.max(this.nowMs + 0.5, nextMs));
    }
  }

  #step(): void {
    if (this.busy) {
      for (const end of [this.a, this.b]) {
        end.sent(this.nowMs);
        if (this.wire.cut === 'none') end.received(this.nowMs);
      }
    }
    const due = this.#flying.filter((flight) => flight.atMs <= this.nowMs);
    this.#flying = this.#flying.filter((flight) => flight.atMs > this.nowMs);
    for (const flight of due)
      this.#note(flight.to, this[flight.to].heard(flight.heartbeat, HEARTBEAT_BYTES, this.nowMs));
    for (const end of ['a', 'b'] as const) {
      this.#note(end, this[end].expire(this.nowMs));
      const heartbeat = this[end].poll(this.nowMs);
      if (!heartbeat) continue;
      this.sent++;
      if (this.wire.cut === end || this.wire.cut === 'both') continue;
      this.#flying.push({ atMs: this.nowMs + this.wire.delayMs, to: end === 'a' ? 'b' : 'a', heartbeat });
    }
  }

  #note(end: 'a' | 'b', changed: boolean): void {
    if (changed) this.changes.push({ atMs: this.nowMs, end, state: this[end].state });
  }

  changedSince(atMs: number, end: 'a' | 'b', state: PathState): number | undefined {
    const change = this.changes.find((one) => one.atMs >= atMs && one.end === end && one.state === state);
    return change && change.atMs - atMs;
  }
}

test('two ends that hear each other are up after one round trip and know it', () => {
  const pair = new Pair();
  pair.run(200);
  assert.equal(pair.a.state, 'up');
  assert.equal(pair.b.state, 'up');
  assert.ok(Math.abs((pair.a.rttMs ?? 0) - 20) < 1, `rtt ${pair.a.rttMs}`);
  assert.equal(pair.a.loss, 0);
});

test('an idle tunnel is quiet: fewer than one heartbeat a second both ways', () => {
  const pair = new Pair();
  pair.run(1_000);
  const before = pair.sent;
  pair.run(60_000);
  assert.ok(pair.sent - before < 60, `${pair.sent - before} heartbeats in a minute`);
  assert.equal(pair.a.state, 'up');
});

for (const cut of ['both', 'a', 'b'] as const) {
  test(`a busy tunnel cut in ${cut === 'both' ? 'both directions' : `the direction from ${cut}`} is suspect within 1.2 s at both ends`, () => {
    const pair = new Pair();
    pair.busy = true;
    pair.run(5_000);
    const atMs = pair.nowMs;
    pair.wire.cut = cut;
    pair.run(5_000);
    for (const end of ['a', 'b'] as const) {
      const afterMs = pair.changedSince(atMs, end, 'suspect');
      assert.ok(afterMs !== undefined && afterMs <= 1_200, `${end} suspect after ${afterMs} ms`);
      assert.equal(pair[end].state, 'down');
    }
  });
}

test('a tunnel that was down is up again soon after the wire is back', () => {
  const pair = new Pair();
  pair.run(1_000);
  pair.wire.cut = 'both';
  pair.run(30_000);
  assert.equal(pair.a.state, 'down');
  pair.wire.cut = 'none';
  const atMs = pair.nowMs;
  pair.run(3_000);
  const afterMs = pair.changedSince(atMs, 'a', 'up');
  assert.ok(afterMs !== undefined && afterMs <= 1_200, `up after ${afterMs} ms`);
});

test('one lost heartbeat makes no tunnel suspect', () => {
  const pair = new Pair();
  pair.busy = true;
  pair.run(5_000);
  pair.wire.cut = 'both';
  pair.run(100);
  pair.wire.cut = 'none';
  pair.run(5_000);
  assert.deepEqual(
    pair.changes.filter((change) => change.state !== 'up'),
    [],
  );
});

test('an end that restarts is believed, though its sequence begins anew', () => {
  const pair = new Pair();
  pair.run(10_000);
  const fresh = new PathHealth(pair.nowMs);
  Object.assign(pair, { b: fresh });
  pair.run(10_000);
  assert.equal(pair.a.state, 'up');
  assert.equal(pair.b.state, 'up');
});

test('echoes of heartbeats that were never sent prove nothing', () => {
  const health = new PathHealth(0);
  health.poll(0);
  const forged = {
    hearsYou: true,
    answerAtOnce: false,
    sequence: 9,
    echo: 77,
    echoDelayUs: 0,
    largestHeardBytes: 0,
    sent: 1,
    heard: 1,
  };
  assert.equal(health.heard(forged, HEARTBEAT_BYTES, 1), false);
  assert.equal(health.state, 'unproven');
});

test('an idle path that is asked is known to be silent at once, not at its next heartbeat', () => {
  for (const asks of [false, true]) {
    const pair = new Pair();
    pair.run(10_000);
    pair.wire.cut = 'both';
    if (asks) pair.a.ask(pair.nowMs);
    pair.run(700);
    assert.equal(pair.a.state, asks ? 'suspect' : 'up');
  }
});

test('ends of an idle path take turns: whenever it goes silent, both ask within little more than half an interval', () => {
  let most = 0;
  for (let phaseMs = 0; phaseMs < 5_000; phaseMs += 97) {
    const pair = new Pair();
    pair.run(20_000 + phaseMs);
    const cutAtMs = pair.nowMs;
    pair.wire.cut = 'both';
    pair.run(8_000);
    for (const end of ['a', 'b'] as const)
      most = Math.max(most, pair.changedSince(cutAtMs, end, 'suspect') ?? Number.POSITIVE_INFINITY);
  }
  assert.ok(most < 3_200, `suspect after ${most} ms`);
});

for (const cut of ['a', 'b'] as const) {
  test(`turns put nobody off where only what ${cut} sends is lost`, () => {
    const pair = new Pair();
    pair.run(21_000);
    const cutAtMs = pair.nowMs;
    pair.wire.cut = cut;
    pair.run(8_000);
    for (const end of ['a', 'b'] as const) {
      const afterMs = pair.changedSince(cutAtMs, end, 'suspect') ?? Number.POSITIVE_INFINITY;
      assert.ok(afterMs < 4_000, `${end} suspect after ${afterMs} ms`);
    }
  });
}

test('an idle path costs no more than two heartbeats and two answers an interval', () => {
  const pair = new Pair();
  pair.run(10_000);
  const before = pair.sent;
  pair.run(300_000);
  assert.ok(pair.sent - before <= 240, `${pair.sent - before} heartbeats in five minutes`);
});

test('a path that is down is given up after some heartbeats, until the other end is heard', () => {
  const pair = new Pair();
  pair.run(1_000);
  pair.wire.cut = 'both';
  pair.run(30_000);
  assert.ok(pair.a.isGivenUp);
  const heartbeat = { ...(pair.b.poll(pair.nowMs + 1_000) as Heartbeat), answerAtOnce: true };
  pair.a.heard(heartbeat, HEARTBEAT_BYTES, pair.nowMs);
  assert.ok(!pair.a.isGivenUp);
});

test('a path that was ended is down at once, and given up', () => {
  const pair = new Pair();
  pair.run(1_000);
  assert.equal(pair.a.ended(pair.nowMs), true);
  assert.deepEqual([pair.a.state, pair.a.isGivenUp], ['down', true]);
});
