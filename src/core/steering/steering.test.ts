import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assert as check, constantFrom, double, integer, property, record, uniqueArray } from 'fast-check';
import { testSeed } from '../../testing/seeded-random.ts';
import { EXPLORE_SHARE, SHARE_MIN } from './constants.ts';
import type { SteeredPop, SteeringClient } from './facts.ts';
import { PeerPrefixRtts, PrefixRtts } from './prefix-rtts.ts';
import { Steering } from './steering.ts';

const PLACES = {
  amsterdam: { latitude: 52.37, longitude: 4.9 },
  frankfurt: { latitude: 50.11, longitude: 8.68 },
  newyork: { latitude: 40.7, longitude: -74 },
  singapore: { latitude: 1.35, longitude: 103.8 },
} as const;

function pop(id: keyof typeof PLACES, changes: Partial<SteeredPop> = {}): SteeredPop {
  const facts = { ipv4: [`192.0.2.${id.length}`], ipv6: [], liveness: 'up', draining: false, load: undefined } as const;
  return { id, ...PLACES[id], ...facts, ...changes };
}

const client = (place: keyof typeof PLACES | undefined, prefix = '198.51.100.0/24'): SteeringClient => ({
  prefix,
  place: place ? [{ ...PLACES[place], weight: 1 }] : [],
});
const WITHOUT_EXPLORING = 0.5;

function world(pops: readonly SteeredPop[], self = 'amsterdam') {
  const [own, peers] = [new PrefixRtts(), new PeerPrefixRtts()];
  const steering = new Steering({ self, own, peers });
  steering.update(pops, 0);
  const choose = (who: SteeringClient, chance = WITHOUT_EXPLORING) =>
    steering.choose(who, 'ipv4', chance).map(({ id }) => id);
  return { own, peers, steering, choose };
}

const ALL = [pop('amsterdam'), pop('frankfurt'), pop('newyork'), pop('singapore')];
const without = (...changed: SteeredPop[]) => ALL.map((one) => changed.find(({ id }) => id === one.id) ?? one);

describe('the PoPs of an answer', () => {
  for (const [name, pops, who, expected] of [
    ['the nearest first', ALL, 'singapore', ['singapore', 'amsterdam']],
    ['two that are about as near', ALL, 'amsterdam', ['amsterdam', 'frankfurt']],
    ['never a dead one', without(pop('amsterdam', { liveness: 'down' })), 'amsterdam', ['frankfurt', 'newyork']],
    ['never a draining one', without(pop('amsterdam', { draining: true })), 'amsterdam', ['frankfurt', 'newyork']],
    [
      'one in doubt behind those that are up',
      [pop('amsterdam', { liveness: 'unknown' }), pop('newyork')],
      'amsterdam',
      ['newyork', 'amsterdam'],
    ],
    [
      'a draining one where there is no other',
      [pop('amsterdam', { liveness: 'down' }), pop('newyork', { draining: true })],
      'amsterdam',
      ['newyork'],
    ],
    [
      'all where all seem dead',
      [pop('amsterdam', { liveness: 'down' }), pop('newyork', { liveness: 'down' })],
      'newyork',
      ['newyork', 'amsterdam'],
    ],
    [
      'none that lacks such an address',
      without(pop('singapore', { ipv4: [] })),
      'singapore',
      ['frankfurt', 'amsterdam'],
    ],
    ['nobody where there is nobody', [], 'singapore', []],
  ] as const) {
    test(name, () => assert.deepEqual(world(pops).choose(client(who)), expected));
  }

  test('a second that is another for each client, among those not much farther than the next best', () => {
    const near = [1, 2].map((id) => ({ ...pop('frankfurt'), id: `near-${id}` }));
    const load = (capacity: number) => ({ load: { connections: 0, capacity, cpu: 0 } });
    const { choose } = world([
      pop('amsterdam'),
      { ...near[0], ...load(300) },
      { ...near[1], ...load(100) },
    ] as SteeredPop[]);
    const seconds = Array.from({ length: 256 }, (_, i) => choose(client('amsterdam', `198.51.${i}.0/24`))[1]);
    const larger = seconds.filter((id) => id === 'near-1').length;
    assert.ok(larger > 160 && larger < 225, `${larger} of 256 have the one that is three times as large`);
    assert.equal(choose(client('amsterdam'))[1], choose(client('amsterdam'))[1]);
  });

  test('a second that has room rather than one that is nearly full', () => {
    const near = (id: string, connections: number) => {
      const load = { connections, capacity: 100, cpu: 0 };
      return { ...pop('frankfurt', { load }), id };
    };
    const { choose } = world([pop('amsterdam'), near('fuller', 65), near('emptier', 30)]);
    const seconds = Array.from({ length: 256 }, (_, i) => choose(client('amsterdam', `198.51.${i}.0/24`))[1]);
    const fuller = seconds.filter((id) => id === 'fuller').length;
    assert.ok(fuller > 30 && fuller < 75, `${fuller} of 256 have the one with half of the room, which is a fifth`);
  });

  test('a first that is one of those that are equally near, larger ones for more clients, and the same for each always', () => {
    const near = (id: string, capacity: number, latitude: number) => {
      const load = { connections: 0, capacity, cpu: 0 };
      return { ...pop('amsterdam', { load }), id, latitude };
    };
    // A degree of latitude is 1.7 ms there and back.
    const { choose } = world([near('large', 300, 52.3), near('small', 100, 52.8), near('farther', 900, 55.5)]);
    const firsts = Array.from({ length: 256 }, (_, i) => choose(client('amsterdam', `198.51.${i}.0/24`))[0]);
    const large = firsts.filter((id) => id === 'large').length;
    assert.ok(large > 160 && large < 225, `${large} of 256 have the one that is three times as large`);
    assert.equal(firsts.includes('farther'), false);
    assert.equal(choose(client('amsterdam'))[0], choose(client('amsterdam'))[0]);
  });

  test('a third that is about as near', () => {
    const near = (id: string) => ({ ...pop('amsterdam'), id });
    assert.equal(world([near('a'), near('b'), near('c'), near('d')]).choose(client('amsterdam')).length, 3);
  });

  test('measured round trips go before distance', () => {
    const { peers, choose } = world(ALL);
    peers.take('frankfurt', [{ prefix: '198.51.100.0/24', rttMs: 9, samples: 9 }]);
    peers.take('amsterdam', [{ prefix: '198.51.100.0/24', rttMs: 15, samples: 9 }]);
    assert.equal(choose(client('amsterdam'))[0], 'amsterdam', 'a peer cannot claim to have measured at another PoP');
    assert.equal(choose(client('amsterdam', '203.0.113.0/24'))[0], 'amsterdam');
    const { own, choose: chooseOwn, peers: claims } = world(ALL);
    for (let i = 0; i < 9; i++) own.observe('198.51.100.0/24', 30);
    claims.take('frankfurt', [{ prefix: '198.51.100.0/24', rttMs: 12, samples: 9 }]);
    assert.equal(chooseOwn(client('amsterdam'))[0], 'frankfurt');
  });

  test('clients from nowhere are spread evenly, each always the same way', () => {
    const { choose } = world(ALL);
    const counts = new Map<string, number>();
    for (let index = 0; index < 4000; index++) {
      const who = client(undefined, `198.${index >> 8}.${index & 255}.0/24`);
      const [first = ''] = choose(who);
      assert.equal(choose(who)[0], first);
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, String([...counts]));
  });

  test('about one answer in a hundred tries another PoP, as long as its round trip is not known', () => {
    const { choose, peers } = world(ALL);
    const who = client('amsterdam');
    let explored = 0;
    for (let i = 0; i < 10_000; i++) if (choose(who, i / 10_000)[0] !== 'amsterdam') explored++;
    assert.ok(Math.abs(explored - 10_000 * EXPLORE_SHARE) <= 1, String(explored));
    peers.take('frankfurt', [{ prefix: who.prefix, rttMs: 20, samples: 9 }]);
    assert.equal(choose(who, 0)[0], 'amsterdam', 'New York is too far to be worth it');
  });

  test('a PoP that was added takes its place at once', () => {
    const { steering, choose } = world([pop('newyork')]);
    assert.deepEqual(choose(client('amsterdam')), ['newyork']);
    steering.update([pop('newyork'), pop('frankfurt')], 1000);
    assert.equal(choose(client('amsterdam'))[0], 'frankfurt');
  });
});

describe('a PoP that lies', () => {
  const busy = (connections: number, capacity: number, cpu = 0.1) => ({ connections, capacity, cpu });
  const clients = Array.from({ length: 2000 }, (_, index) => `198.${index >> 8}.${index & 255}.0/24`);
  const firsts = (choose: ReturnType<typeof world>['choose'], place: keyof typeof PLACES) =>
    Map.groupBy(clients, (prefix) => choose(client(place, prefix))[0]);

  for (const load of [
    busy(1e12, 1),
    busy(0, 0),
    busy(Number.NaN, Number.NaN),
    busy(5, 1, Number.POSITIVE_INFINITY),
    busy(-1e9, 1e9),
    busy(0, 1e12),
  ]) {
    test(`about its load (${load.connections} of ${load.capacity}, ${load.cpu}) moves no clients of others to itself`, () => {
      const pops = without(pop('frankfurt', { load }));
      const { steering, choose } = world(pops);
      for (let second = 1; second < 120; second++) steering.update(pops, second * 1000);
      assert.equal(firsts(choose, 'amsterdam').get('amsterdam')?.length, clients.length);
      assert.equal(firsts(choose, 'newyork').get('newyork')?.length, clients.length);
      assert.ok((firsts(choose, 'frankfurt').get('frankfurt')?.length ?? 0) >= clients.length * SHARE_MIN * 0.5);
    });
  }

  test('about round trips attracts nobody from far away', () => {
    const { peers, choose } = world(ALL);
    peers.take(
      'singapore',
      clients.map((prefix) => ({ prefix, rttMs: 0.01, samples: 1e9 })),
    );
    assert.equal(firsts(choose, 'amsterdam').get('amsterdam')?.length, clients.length);
  });
});

test('whatever the facts, a usable PoP goes before all others, and the answer is short and the same again', () => {
  const anyPop = record({
    id: constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    latitude: double({ min: -90, max: 90, noNaN: true }),
    longitude: double({ min: -180, max: 180, noNaN: true }),
    ipv4: constantFrom(['192.0.2.1'], []),
    ipv6: constantFrom(['2001:db8::1'], []),
    liveness: constantFrom('up' as const, 'unknown' as const, 'down' as const),
    draining: constantFrom(true, false),
    load: record({ connections: double(), capacity: double(), cpu: double() }),
  });
  const anyPops = uniqueArray(anyPop, { selector: ({ id }) => id, maxLength: 6 });
  check(
    property(
      anyPops,
      integer({ min: 0, max: 255 }),
      double({ min: 0, max: 0.999, noNaN: true }),
      (pops, net, chance) => {
        const steering = new Steering({ self: 'a', own: new PrefixRtts(), peers: new PeerPrefixRtts() });
        for (let second = 0; second < 5; second++) steering.update(pops, second * 1000);
        const who = client('amsterdam', `198.51.${net}.0/24`);
        const chosen = steering.choose(who, 'ipv4', chance);
        const able = pops.filter(({ ipv4 }) => ipv4.length > 0);
        const best = able.filter(({ liveness, draining }) => liveness === 'up' && !draining);
        assert.deepEqual(steering.choose(who, 'ipv4', chance), chosen);
        assert.ok(chosen.length <= 3 && (chosen.length >= 1 || able.length === 0));
        if (best.length > 0) assert.ok(best.includes(chosen[0] as (typeof best)[number]));
        if (best.length > 0) assert.ok(chosen.every(({ liveness, draining }) => liveness !== 'down' && !draining));
      },
    ),
    { seed: testSeed(20260101), numRuns: 300 },
  );
});
