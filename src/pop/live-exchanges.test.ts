import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Revocation } from '../core/session/index.ts';
import { createClock } from '../io/clock.ts';
import { type CutReason, type LiveExchange, LiveExchanges } from './live-exchanges.ts';

class FakeExchange implements LiveExchange {
  readonly resourceId: string;
  readonly subjectId: string | undefined;
  through: string | undefined;
  admitted = true;
  asked = 0;
  isCut = false;
  why: CutReason | undefined;
  told = 0;

  constructor(subjectId: string | undefined, resourceId = 'app') {
    this.subjectId = subjectId;
    this.resourceId = resourceId;
  }

  stillAdmitted(): boolean {
    this.asked++;
    return this.admitted;
  }

  cut(why: CutReason): void {
    this.isCut = true;
    this.why = why;
  }

  goAway(): void {
    this.told++;
  }
}

const user = (userId: string): Revocation => ({ kind: 'user', userId, minimumEpoch: 1, atUnixMs: 1 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is under way', () => {
  const kinds: [string, Revocation, number[]][] = [
    ['a session', { kind: 'session', sessionId: 's', userId: 'ada', atUnixMs: 1, expiresAtUnixMs: 2 }, [0, 1]],
    ['a user', user('bob'), [2]],
    ['a resource', { kind: 'resource', resourceId: 'wiki', atUnixMs: 1 }, [1, 3]],
    ['a key', { kind: 'key', keyId: 'k', atUnixMs: 1 }, [0, 1, 2, 3]],
  ];
  for (const isOld of [false, true])
    for (const [name, revocation, concerned] of kinds)
      test(`is asked again when ${name} is revoked, ${isOld ? 'long after it began' : 'at once'}`, () => {
        const live = new LiveExchanges(createClock());
        const all = [
          new FakeExchange('ada'),
          new FakeExchange('ada', 'wiki'),
          new FakeExchange('bob'),
          new FakeExchange(undefined, 'wiki'),
        ];
        for (const one of all) live.add(one);
        if (isOld) live.settle();
        for (const one of all) one.admitted = false;
        live.revoked([revocation]);
        const cut = all.flatMap((one, index) => (one.isCut ? [index] : []));
        assert.deepEqual(cut, concerned);
        assert.equal(live.size, all.length - concerned.length);
        for (const one of all) live.remove(one);
        assert.equal(live.size, 0);
      });

  test('goes on where the revocation does not change the answer', () => {
    const live = new LiveExchanges(createClock());
    const exchange = new FakeExchange('ada');
    live.add(exchange);
    live.revoked([user('ada')]);
    assert.deepEqual([exchange.asked, exchange.isCut, live.size], [1, false, 1]);
  });

  test('is judged anew in slices when the snapshot changes, and what is revoked meanwhile goes first', async () => {
    let nowMs = 0;
    // Each look at the clock takes a millisecond, so slices are short.
    const live = new LiveExchanges({ nowMs: () => nowMs++, unixMs: () => nowMs });
    const all = Array.from({ length: 1_000 }, (_, index) => new FakeExchange(`u${index}`));
    for (const one of all) live.add(one);
    live.settle();
    live.review();
    const asked = all.filter((one) => one.asked > 0).length;
    assert.ok(asked > 0 && asked < 500, `${asked} in the first slice`);
    const last = all.at(-1) as FakeExchange;
    last.admitted = false;
    live.revoked([user('u999')]);
    assert.equal(last.isCut, true);
    for (let turns = 0; turns < 100 && all.some((one) => one.asked === 0); turns++) await turn();
    assert.ok(all.every((one) => one.asked >= 1));
    assert.equal(live.size, 999);
  });

  test('a revocation among 10,000 costs microseconds', () => {
    const live = new LiveExchanges(createClock());
    const all = Array.from({ length: 10_000 }, (_, index) => new FakeExchange(`u${index}`));
    for (const one of all) live.add(one);
    live.settle();
    live.revoked([user('u5000')]);
    assert.equal(
      all.reduce((sum, one) => sum + one.asked, 0),
      1,
      'nobody else is asked',
    );
  });

  test('is told to go away, and cut when it does not', () => {
    const live = new LiveExchanges(createClock());
    const exchange = new FakeExchange('ada');
    live.add(exchange);
    live.goAway();
    assert.deepEqual([exchange.told, exchange.isCut], [1, false]);
    live.cutAll();
    assert.deepEqual([exchange.isCut, exchange.why, live.size], [true, 'pop-stopping', 0]);
  });
});
