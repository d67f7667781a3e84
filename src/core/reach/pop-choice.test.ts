import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChoiceWorld } from '../../testing/choice-world.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { EARLY_ROUNDS_MS, FEW_POPS, LEAVING_MAX_MS, LEAVING_QUIET_MS, MAXIMUM_LONELY_BACKOFF_MS } from './constants.ts';

const MINUTE_MS = 60_000;
const seed = testSeed(20261125);

function worldOf(pops: string, count = 2): ChoiceWorld {
  const world = new ChoiceWorld(new SeededRandom(seed), count);
  world.add(...pops.split(' ').filter(Boolean));
  return world;
}

/** A world that had time to measure everything. */
function settled(pops: string, count = 2): ChoiceWorld {
  const world = worldOf(pops, count);
  world.run(MINUTE_MS);
  world.news.length = 0;
  return world;
}

/** Fails where fewer than `least` tunnels serve. */
function neverFewer(world: ChoiceWorld, least: number): void {
  world.check = () => {
    assert.ok(world.serving.length >= least, `seed ${seed}: ${world.serving} at ${world.nowMs}`);
  };
}

const chosen: { pops: string; count: number; serving: string; because: string }[] = [
  { pops: '', count: 2, serving: '', because: 'there is none' },
  { pops: 'a@x=9', count: 2, serving: 'a', because: 'there is one' },
  { pops: 'a@x=90 b@y=20 c@z=50', count: 2, serving: 'b c', because: 'they are nearest' },
  {
    pops: 'a@x=10 b@x=11 c@y=90',
    count: 2,
    serving: 'a c|b c',
    because: 'a second location is worth more than nearness',
  },
  { pops: 'a@x=10 b@x=11 c@y=900', count: 2, serving: 'a b', because: 'a location at the end of the world is not' },
  { pops: 'a@x=10 b@x=30 c@x=50', count: 2, serving: 'a b', because: 'one location is all there is' },
  { pops: 'a@x=90 b@y=20 c@z=50', count: 9, serving: 'a b c', because: 'all are wanted' },
  { pops: 'a@x=90 b@y=20 c@z=50', count: Number.POSITIVE_INFINITY, serving: 'a b c', because: 'all are wanted' },
  { pops: 'a@x=90 b@y=20', count: 0, serving: '', because: 'none is wanted' },
];
for (const { pops, count, serving, because } of chosen) {
  test(`${count} of "${pops}" are "${serving}": ${because}`, () => {
    const found = settled(pops, count).serving.join(' ');
    assert.ok(serving.split('|').includes(found), `seed ${seed}: "${found}"`);
  });
}

describe('at the start', () => {
  test('tunnels are up before anything was measured, and the best within seconds', () => {
    const world = worldOf('a@x=200 b@y=180 c@z=20 d@w=30');
    world.run(1_500);
    assert.equal(world.serving.length, 2);
    world.run(10_000);
    for (const id of ['c', 'd']) assert.ok(world.serving.includes(id), `seed ${seed}: ${world.serving}`);
  });

  test('a PoP that does not answer is passed over', () => {
    const world = worldOf('a@x=10 b@y=20 c@z=30');
    world.pop('a').isAlive = false;
    world.run(14_000);
    assert.deepEqual(world.serving, ['b', 'c']);
  });

  test('a lossy PoP is farther than it looks', () => {
    const world = worldOf('a@x=10 b@y=30 c@z=40');
    world.pop('a').loss = 0.5;
    world.run(MINUTE_MS);
    assert.deepEqual(world.serving, ['b', 'c']);
  });

  test('of fifty PoPs few are measured, and the nearest are found', () => {
    const random = new SeededRandom(seed);
    const world = new ChoiceWorld(random, 2);
    for (let i = 0; i < 50; i++) {
      const [latitude, longitude] = [random.integer(-60, 60), random.integer(-180, 179)];
      const away = Math.hypot(latitude - 50, Math.min(Math.abs(longitude - 8), 360 - Math.abs(longitude - 8)));
      world.addPop({ id: `p${i}`, place: `place-${i}`, latitude, longitude, rttMs: 5 + 1.5 * away });
    }
    world.follow();
    world.run(2 * MINUTE_MS);
    assert.ok(
      world.dialledAtMs.length <= (EARLY_ROUNDS_MS.length + 1) * FEW_POPS + 6,
      `${world.dialledAtMs.length} tunnels`,
    );
    const best = [...world.pops].sort((a, b) => a.rttMs - b.rttMs).map(({ rttMs }) => rttMs);
    const worst = Math.max(...world.serving.map((id) => world.pop(id).rttMs));
    assert.ok(worst <= (best[3] as number) + 10, `seed ${seed}: ${worst} ms, the best are ${best.slice(0, 4)}`);
  });
});

describe('a PoP that dies', () => {
  test('is replaced within seconds, and taken back in time when it is clearly better', () => {
    const world = settled('a@x=10 b@y=20 c@z=80');
    assert.deepEqual(world.serving, ['a', 'b']);
    neverFewer(world, 1);
    world.pop('a').isAlive = false;
    world.run(14_000);
    assert.deepEqual(world.serving, ['b', 'c']);
    world.pop('a').isAlive = true;
    world.run(10 * MINUTE_MS);
    assert.deepEqual(world.serving, ['a', 'b']);
    assert.deepEqual(
      world.news.filter(({ kind }) => kind === 'given-up').map(({ popId }) => popId),
      ['a', 'c'],
    );
  });

  test('is taken back at once where there are too few', () => {
    const world = settled('a@x=10 b@y=20');
    world.pop('a').isAlive = false;
    world.run(MINUTE_MS);
    assert.deepEqual(world.serving, ['b']);
    world.pop('a').isAlive = true;
    world.run(12_000);
    assert.deepEqual(world.serving, ['a', 'b']);
  });

  test('is replaced at once where nobody else hears it, and after a while where others still do', () => {
    for (const [isHeardByOthers, withinMs] of [
      [false, 2_500],
      [true, 9_000],
    ] as const) {
      const world = settled('a@x=10 b@y=20 c@z=80');
      world.othersHear = (pop) => pop.isAlive || isHeardByOthers;
      world.pop('a').isAlive = false;
      world.run(withinMs - 1_500);
      assert.equal(world.choice.isKept('a'), true, `within ${withinMs} ms`);
      world.run(1_500);
      assert.deepEqual([world.choice.isKept('a'), world.serving], [false, ['b', 'c']], `within ${withinMs} ms`);
    }
  });

  test('is asked at once when the others stop hearing it, and once only', () => {
    const world = settled('a@x=10 b@y=20 c@z=80');
    const word = (popId: string) => ({ popId, rttMs: 1, draining: false, utilisation: 0, tunnels: 0 });
    const words = ['a', 'b', 'c'].map(word);
    assert.deepEqual(world.choice.heard(words, new Set(), world.nowMs), []);
    assert.deepEqual(world.choice.heard(words, new Set(['a']), world.nowMs), ['a']);
    assert.deepEqual(world.choice.heard(words.slice(1), new Set(), world.nowMs), [], 'it is known by now');
    assert.deepEqual(world.choice.heard([], new Set(), world.nowMs), [], 'silence is no news');
    assert.deepEqual(world.choice.heard(words.slice(0, 1), new Set(), world.nowMs), ['b']);
  });

  test('for a moment is left alone, or has another beside it until it is back', () => {
    for (const [silentMs, expected] of [
      [250, []],
      [1_250, ['chosen c', 'given-up c']],
    ] as const) {
      const world = settled('a@x=10 b@y=20 c@z=80');
      neverFewer(world, 1);
      world.pop('a').isAlive = false;
      world.run(silentMs);
      world.pop('a').isAlive = true;
      world.run(MINUTE_MS);
      assert.deepEqual(
        world.news.map(({ kind, popId }) => `${kind} ${popId}`),
        expected,
      );
      assert.deepEqual(world.serving, ['a', 'b']);
    }
  });

  test('again and again is not trusted until it was well for a while', () => {
    const world = settled('a@x=10 b@y=20 c@z=80');
    neverFewer(world, 1);
    for (let i = 0; i < 20; i++) {
      world.pop('a').isAlive = i % 2 === 1;
      world.run(10_000);
    }
    const moves = world.news.filter(({ kind }) => kind === 'given-up');
    assert.ok(moves.length <= 2, `seed ${seed}: ${JSON.stringify(world.news)}`);
    assert.deepEqual(world.serving, ['b', 'c']);
  });
});

test('when all PoPs die, one that comes back serves soon, and none is asked more than now and then', () => {
  const world = settled('a@x=10 b@y=20 c@z=80 d@w=90');
  for (const pop of world.pops) pop.isAlive = false;
  world.run(5_000);
  world.dialledAtMs.length = 0;
  world.run(60 * MINUTE_MS);
  assert.deepEqual(world.serving, []);
  const dialsAMinute = world.dialledAtMs.length / 60;
  assert.ok(dialsAMinute <= 4 * 10, `${dialsAMinute} tunnels a minute`);
  world.pop('d').isAlive = true;
  world.run(MAXIMUM_LONELY_BACKOFF_MS + 5_000);
  assert.deepEqual(world.serving, ['d']);
});

test('a connector whose whole region died does not try its PoPs one by one, but looks elsewhere', () => {
  const world = new ChoiceWorld(new SeededRandom(seed), 2);
  for (let i = 0; i < 20; i++)
    world.addPop({ id: `near${i}`, place: `n${i}`, latitude: i / 10, longitude: 0, rttMs: 10 });
  for (let i = 0; i < 10; i++)
    world.addPop({ id: `far${i}`, place: `f${i}`, latitude: 0, longitude: 60 + 10 * i, rttMs: 150 });
  world.follow();
  world.run(5 * MINUTE_MS);
  for (const pop of world.pops) pop.isAlive = pop.id.startsWith('far');
  world.run(1_900);
  assert.equal(world.serving.length, 2, `seed ${seed}: before the old ones are known to be down`);
  world.run(60_000);
  const kept = world.pops.filter(({ id }) => world.choice.isKept(id));
  assert.ok(
    kept.length === 2 && kept.every(({ isAlive }) => isAlive),
    `seed ${seed}: those that are silent are given up`,
  );
});

test('where many PoPs around died with their region, those that live are found within seconds of it', () => {
  const tookMs: number[] = [];
  for (let i = 0; i < 40; i++) {
    const world = new ChoiceWorld(new SeededRandom(seed + i), 2, `connector-${i}`);
    // Many about as near and few elsewhere: what a round draws is dead, and nobody has said so yet.
    for (let n = 0; n < 60; n++)
      world.addPop({ id: `near${n}`, place: `n${n}`, latitude: n / 10, longitude: 0, rttMs: 10 + n / 4 });
    for (let n = 0; n < 12; n++)
      world.addPop({ id: `far${n}`, place: `f${n}`, latitude: 30, longitude: 20 * n, rttMs: 60 + n });
    world.othersHear = () => true;
    world.follow();
    world.run(3 * MINUTE_MS);
    // Every other connector keeps one of its tunnels, and so looks near first.
    const [survivor] = i % 2 === 0 ? world.serving : [];
    for (const pop of world.pops) pop.isAlive = pop.id.startsWith('far') || pop.id === survivor;
    world.run(1_000);
    let passedMs = 1_000;
    while (world.serving.length < 2 && passedMs < 30_000) {
      world.run(200);
      passedMs += 200;
    }
    tookMs.push(passedMs);
  }
  tookMs.sort((a, b) => a - b);
  const [most = 0, nineTenths = 0] = [tookMs.at(-1), tookMs[35]];
  assert.ok(most <= 15_000 && nineTenths <= 5_000, `seed ${seed}: ${tookMs.join(' ')}`);
});

test('a thousand connectors whose PoPs died do not come back in step', () => {
  const worlds = Array.from({ length: 300 }, (_, i) => {
    const world = new ChoiceWorld(new SeededRandom(seed + i), 2, `connector-${i}`);
    world.add('a@x=10', 'b@y=20');
    world.run(20_000);
    for (const pop of world.pops) pop.isAlive = false;
    world.run(5 * MINUTE_MS);
    world.dialledAtMs.length = 0;
    world.run(MINUTE_MS);
    return world;
  });
  const perSecond = Map.groupBy(
    worlds.flatMap(({ dialledAtMs }) => dialledAtMs),
    (atMs) => Math.floor(atMs / 1_000),
  );
  const counts = [...perSecond.values()].map((dials) => dials.length);
  const mean = counts.reduce((sum, count) => sum + count, 0) / 60;
  assert.ok(Math.max(...counts) <= 2 * mean, `seed ${seed}: ${Math.max(...counts)} in one second, ${mean} on average`);
});

describe('a better PoP', () => {
  test('has to be clearly better, several times, and is up before the other goes', () => {
    const world = settled('a@x=60 b@y=70 c@z=65');
    const before = world.serving;
    world.run(30 * MINUTE_MS);
    assert.deepEqual(world.news, [], 'five milliseconds are no reason to move');
    const idle = world.pops.find(({ id }) => !before.includes(id));
    assert.ok(idle);
    idle.rttMs = 20;
    neverFewer(world, 2);
    world.run(5 * MINUTE_MS);
    world.run(10 * MINUTE_MS);
    assert.ok(world.serving.includes(idle.id));
    assert.deepEqual(
      world.news.map(({ kind }) => kind),
      ['chosen', 'given-up'],
    );
  });

  test('that is so for one measurement alone changes nothing', () => {
    const world = settled('a@x=60 b@y=70 c@z=90');
    world.check = () => {
      // Whenever it is measured it looks better, but for the second time.
      const times = world.dialledAtMs.length % 2;
      world.pop('c').rttMs = times === 0 ? 5 : 90;
    };
    world.run(60 * MINUTE_MS);
    assert.deepEqual(world.news, []);
  });

  test('waits for the streams of the one it replaces', () => {
    const world = settled('a@x=60 b@y=70 c@z=190');
    world.busy.add('b');
    world.pop('c').rttMs = 20;
    world.run(15 * MINUTE_MS);
    assert.ok(world.serving.includes('c') && world.isUp('b') === world.nowMs - goneAt(world, 'b') < LEAVING_MAX_MS);
    world.busy.clear();
    world.run(LEAVING_QUIET_MS + 1_000);
    assert.deepEqual(world.serving, ['a', 'c']);
  });
});

const goneAt = (world: ChoiceWorld, id: string): number =>
  world.news.find(({ kind, popId }) => kind === 'given-up' && popId === id)?.atMs ?? Number.NaN;

describe('a PoP that drains', () => {
  test('is left once its replacement serves', () => {
    const world = settled('a@x=10 b@y=20 c@z=80');
    neverFewer(world, 2);
    world.pop('a').draining = true;
    world.run(30_000);
    assert.deepEqual(world.serving, ['b', 'c']);
    assert.deepEqual(
      world.news.map(({ kind, popId }) => `${kind} ${popId}`),
      ['chosen c', 'given-up a'],
    );
  });

  test('is kept where there is no other', () => {
    const world = settled('a@x=10');
    world.pop('a').draining = true;
    world.run(MINUTE_MS);
    assert.deepEqual(world.serving, ['a']);
  });

  test('and thinks better of it leaves no tunnel too many', () => {
    const world = settled('a@x=10 b@y=20 c@z=80');
    world.pop('a').draining = true;
    world.run(6_000);
    world.pop('a').draining = false;
    world.run(20 * MINUTE_MS);
    assert.deepEqual(world.serving, ['a', 'b']);
  });
});

test('a PoP that is full is left for one that costs about the same', () => {
  const world = settled('a@x=20 b@y=22 c@z=24');
  const [full = ''] = world.serving;
  world.pop(full).utilisation = 0.95;
  world.run(30 * MINUTE_MS);
  assert.ok(!world.serving.includes(full), `seed ${seed}: ${world.serving}`);
});

test('of many PoPs, those that stand in one place get as many connectors each', () => {
  const random = new SeededRandom(seed);
  const count = new Map<string, number>();
  for (let i = 0; i < 150; i++) {
    const world = new ChoiceWorld(random, 2, `connector-${i}`);
    for (let place = 0; place < 12; place++)
      for (const twin of ['a', 'b']) {
        const at = { latitude: 0, longitude: 10 * place };
        world.addPop({
          id: `${twin}${place}`,
          place: `p${place}`,
          ...at,
          rttMs: 20 + 15 * place + random.integer(0, 8),
        });
      }
    world.follow();
    world.run(30_000);
    for (const id of world.serving) count.set(id, (count.get(id) ?? 0) + 1);
  }
  const [a, b] = ['a0', 'b0'].map((id) => count.get(id) ?? 0) as [number, number];
  assert.ok(Math.min(a, b) >= 45, `seed ${seed}: ${a} and ${b}`);
});

test('connectors spread over PoPs that cost the same', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 200; i++) {
    const world = new ChoiceWorld(new SeededRandom(seed + i), 2, `connector-${i}`);
    world.add('a@u=20', 'b@v=20', 'c@w=20', 'd@x=20', 'e@y=20');
    world.run(15_000);
    for (const id of world.serving) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const [id, count] of counts) assert.ok(count > 50 && count < 110, `${id}: ${count} of 400`);
  assert.equal(counts.size, 5);
});

test('a clock that jumps by hours moves nothing', () => {
  const world = settled('a@x=10 b@y=20 c@z=80 d@w=90');
  neverFewer(world, 2);
  for (let i = 0; i < 5; i++) {
    world.nowMs += 7 * 60 * MINUTE_MS;
    world.run(MINUTE_MS);
  }
  assert.deepEqual(world.news, []);
  assert.ok(world.mostTunnels <= 6);
});

test('a PoP that leaves the grant is forgotten, one that joins is measured', () => {
  const world = settled('a@x=100 b@y=110');
  world.pops.shift();
  world.follow();
  world.step();
  assert.deepEqual(world.serving, ['b']);
  world.add('c@z=20');
  world.run(5_000);
  assert.deepEqual(world.serving, ['b', 'c']);
});

describe('connectors that could as well be elsewhere', () => {
  const COUNT = 90;
  const ids = ['a', 'b', 'c', 'd'];

  /** Connectors between PoPs that are about as near; those tell of their tunnels now and then. */
  class Together {
    readonly #worlds: readonly ChoiceWorld[];
    readonly #tellsTunnels: boolean;

    constructor(tellsTunnels: boolean, ...pops: string[]) {
      const random = new SeededRandom(seed);
      this.#tellsTunnels = tellsTunnels;
      this.#worlds = Array.from({ length: COUNT }, (_, i) => new ChoiceWorld(random, 2, `connector-${i}`));
      this.add(...pops);
    }

    add(...pops: string[]): void {
      for (const world of this.#worlds) world.add(...pops);
    }

    neverFewer(least: number): void {
      for (const world of this.#worlds) neverFewer(world, least);
    }

    /** Gives how many PoPs were taken and given up. */
    run(forMs: number): number {
      for (let leftMs = forMs; leftMs > 0; leftMs -= 15_000) {
        const told = new Map(ids.map((id) => [id, this.#tellsTunnels ? this.#countOf(id) : 0]));
        for (const world of this.#worlds) {
          for (const pop of world.pops) pop.tunnels = told.get(pop.id) ?? 0;
          world.run(Math.min(leftMs, 15_000));
        }
      }
      return this.#worlds.reduce((moves, { news }) => moves + news.splice(0).length, 0);
    }

    /** Of the fullest PoP, as a multiple of what it had if all had as many. */
    get fullest(): number {
      return (Math.max(...ids.map((id) => this.#countOf(id))) * ids.length) / (2 * COUNT);
    }

    #countOf(id: string): number {
      return this.#worlds.filter(({ choice }) => choice.isKept(id)).length;
    }
  }

  test('even out while they settle, and then stay where they are', () => {
    const together = new Together(true, 'a@w=10', 'b@x=14', 'c@y=18', 'd@z=19');
    together.run(2 * MINUTE_MS);
    assert.ok(together.fullest <= 1.25, `seed ${seed}: ${together.fullest}`);
    assert.ok(together.run(20 * MINUTE_MS) <= COUNT / 20, `seed ${seed}`);
  });

  for (const [tellsTunnels, fullest] of [
    [true, 'gives some up to them'],
    [false, 'gives none up, where nobody says how many it has'],
  ] as const) {
    test(`after two more PoPs came the fullest ${fullest}`, () => {
      const together = new Together(tellsTunnels, 'a@w=10', 'b@x=14');
      together.run(2 * MINUTE_MS);
      together.neverFewer(2);
      together.add('c@y=18', 'd@z=19');
      together.run(20 * MINUTE_MS);
      assert.equal(together.fullest < 1.9, tellsTunnels, `seed ${seed}: ${together.fullest}`);
    });
  }
});
