/** heavy: thousands of clients and whole PoPs under a virtual clock; see `src/testing/steering-world.ts`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { clientsOf, mostCommonCities, popsAt } from '../../testing/steering-clients.ts';
import { SteeringWorld } from '../../testing/steering-world.ts';

const seed = testSeed(20261125);
const NO_LIMIT = 1e9;
const EUROPE = ['DE', 'NL', 'AT', 'CH', 'FR', 'GB', 'BE', 'PL', 'CZ'];
const SESSION_MS = 30_000;
const CLIENTS = 2000;
/** Connections that the clients hold together in ordinary times. */
const ORDINARY = CLIENTS * 0.05 * (SESSION_MS / 1000);

function world(cities: readonly string[], capacity: number, countries?: readonly string[], surge?: () => number) {
  const random = new SeededRandom(seed);
  return new SteeringWorld({
    pops: popsAt(cities, capacity),
    clients: clientsOf(CLIENTS, random, countries),
    random,
    sessionMs: SESSION_MS,
    ...(surge && { surge: (_client, nowMs) => (nowMs > 150_000 ? surge() : 1) }),
  });
}

const shareOf = ({ score }: SteeringWorld) => score.nearest / score.answers;

describe(`a world of clients (seed ${seed})`, () => {
  for (const [count, least] of [
    [2, 0.99],
    [3, 0.99],
    [10, 0.985],
  ] as const) {
    test(`${count} PoPs: once round trips are learnt, ${least * 100} % get the nearest first`, () => {
      const one = world(mostCommonCities(count), NO_LIMIT);
      one.runFor(1_500_000);
      one.resetScore();
      one.runFor(120_000);
      assert.ok(shareOf(one) >= least, String(shareOf(one)));
    });
  }

  test('PoPs of one country are told apart by measured round trips', () => {
    const one = world(['newyork', 'losangeles', 'dallas', 'seattle', 'miami'], NO_LIMIT, ['US']);
    one.runFor(30_000);
    const before = shareOf(one);
    one.runFor(2_400_000);
    one.resetScore();
    one.runFor(120_000);
    assert.ok(shareOf(one) >= 0.95 && before < 0.5, `${before} -> ${shareOf(one)}`);
  });

  test('nobody is sent to a dead or draining PoP, beyond the moment of its death', () => {
    const one = world(['amsterdam', 'frankfurt', 'newyork'], NO_LIMIT, EUROPE);
    one.runFor(600_000);
    one.resetScore();
    one.kill('amsterdam');
    one.runFor(120_000);
    assert.ok(shareOf(one) >= 0.97, String(shareOf(one)));
    assert.equal(one.utilisationOf('amsterdam'), 0);
    one.revive('amsterdam');
    one.drain('frankfurt');
    one.runFor(600_000);
    assert.equal(one.utilisationOf('frankfurt') * NO_LIMIT < ORDINARY / 100, true);
  });

  for (const [name, capacity, surge, killed] of [
    ['all clients near one of three PoPs', 0.8, undefined, undefined],
    ['a surge in one region', 1.5, 2.2, undefined],
    ['the death of the PoP that carries most', 0.8, undefined, 'amsterdam'],
  ] as const) {
    test(`no PoP stays above 90 % while another is below 60 %: ${name}`, () => {
      const one = world(
        ['amsterdam', 'frankfurt', 'newyork'],
        ORDINARY * capacity,
        EUROPE,
        surge === undefined ? undefined : () => surge,
      );
      one.runFor(140_000);
      one.resetScore();
      if (killed) one.kill(killed);
      one.runFor(300_000);
      assert.ok(one.overloadMs <= 30_000, `${one.overloadMs / 1000} s`);
      const [a, b] = [one.utilisationOf('amsterdam'), one.utilisationOf('frankfurt')];
      one.resetScore();
      one.runFor(300_000);
      assert.ok(one.peakUtilisation < 0.9, 'and it swings no more');
      for (const [id, was] of [
        ['amsterdam', a],
        ['frankfurt', b],
      ] as const)
        assert.ok(Math.abs(one.utilisationOf(id) - was) < 0.15, `${id}: ${was} -> ${one.utilisationOf(id)}`);
    });
  }
});
