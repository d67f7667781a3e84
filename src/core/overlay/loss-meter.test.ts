import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import { PathHealth } from './path-health.ts';

/** Heartbeats between two ends for a while; each is lost with some probability, and `b` may answer only now and then. */
function exchange(seed: number, lossThere: number, lossBack: number, answersEveryMs = 1): PathHealth {
  const random = new SeededRandom(seed);
  const [a, b] = [new PathHealth(0), new PathHealth(0)];
  let flying: { atMs: number; to: PathHealth; heartbeat: Heartbeat }[] = [];
  for (let nowMs = 0; nowMs < 120_000; nowMs += 10) {
    for (const { to, heartbeat } of flying.filter(({ atMs }) => atMs <= nowMs))
      to.heard(heartbeat, HEARTBEAT_BYTES, nowMs);
    flying = flying.filter(({ atMs }) => atMs > nowMs);
    for (const [end, other, loss] of [
      [a, b, lossThere],
      [b, a, lossBack],
    ] as const) {
      if (end === b && nowMs % answersEveryMs !== 0) continue;
      end.sent(nowMs);
      end.expire(nowMs);
      const heartbeat = end.poll(nowMs);
      if (heartbeat && !random.chance(loss)) flying.push({ atMs: nowMs + 20, to: other, heartbeat });
    }
  }
  return a;
}

describe('measured loss', () => {
  const cases: [there: number, back: number][] = [
    [0, 0],
    [0.1, 0],
    [0, 0.1],
    [0.3, 0.3],
  ];
  for (const [there, back] of cases) {
    test(`is near ${there} there and ${back} back`, () => {
      const means = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => exchange(seed, there, back).loss);
      const mean = means.reduce((sum, one) => sum + one, 0) / means.length;
      const expected = 1 - (1 - there) * (1 - back);
      assert.ok(Math.abs(mean - expected) <= 0.1, `${mean} instead of ${expected}`);
      if (expected === 0) assert.equal(mean, 0);
    });
  }

  test('is none where the other end is busy and answers several at once', () => {
    assert.equal(exchange(1, 0, 0, 300).loss, 0);
  });
});

test('an end that began anew is no loss', () => {
  const a = new PathHealth(0);
  const say = (sent: number, heard: number, echo: number, nowMs: number) =>
    a.heard(
      { hearsYou: true, answerAtOnce: false, sequence: sent, echo, echoDelayUs: 0, largestHeardBytes: 0, sent, heard },
      HEARTBEAT_BYTES,
      nowMs,
    );
  for (let i = 1; i <= 5; i++) {
    a.poll(i * 5_000);
    say(i, i, i, i * 5_000 + 20);
  }
  a.poll(30_000);
  say(1, 1, 6, 30_020);
  assert.equal(a.loss, 0);
});
