import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { ATTACHED_BATCH_ENTRIES, MAXIMUM_UNKNOWN_DESTINATIONS } from './constants.ts';
import { ReachAnnouncer } from './reach-announcer.ts';
import { ReachabilityTable, type ReachableEntry, type ReachChange, type ReachRefusal } from './reachability-table.ts';

const entry = (id: string, rttMs: number | null = null): ReachableEntry => ({ id, rttMs, draining: false });
const whole = (sequence: number, ...put: ReachableEntry[]): ReachChange => ({ sequence, whole: true, put, remove: [] });
const put = (sequence: number, ...entries: ReachableEntry[]): ReachChange => ({
  ...whole(sequence, ...entries),
  whole: false,
});
const removal = (sequence: number, ...remove: string[]): ReachChange => ({ sequence, whole: false, put: [], remove });

function table(...known: string[]): ReachabilityTable {
  const made = new ReachabilityTable();
  made.follow(new Set(known));
  return made;
}

const relayIds = (reach: ReachabilityTable, id: string) => reach.relaysTo(id).map((relay) => relay.id);

describe('ways to a node through others', () => {
  test('the relay that is nearest to the node comes first, one without a measurement last', () => {
    const reach = table('c1');
    for (const [pop, rttMs] of [
      ['a', 30],
      ['b', 10],
      ['c', null],
    ] as const) {
      reach.opened(pop);
      assert.equal(reach.take(pop, whole(1, entry('c1', rttMs))), undefined);
    }
    assert.deepEqual(relayIds(reach, 'c1'), ['b', 'a', 'c']);
    assert.deepEqual(relayIds(reach, 'c2'), []);
  });

  test('changes follow the whole, and a whole forgets the rest', () => {
    const reach = table('c1', 'c2', 'c3');
    reach.opened('a');
    reach.take('a', whole(7, entry('c1'), entry('c2')));
    assert.deepEqual(reach.takeChanged(), ['c1', 'c2']);
    reach.take('a', put(8, entry('c3', 4)));
    reach.take('a', removal(9, 'c1', 'never-there'));
    assert.deepEqual(reach.takeChanged(), ['c3', 'c1']);
    assert.deepEqual(relayIds(reach, 'c1'), []);
    reach.take('a', whole(10, entry('c3', 4)));
    assert.deepEqual(reach.takeChanged(), ['c2']);
    assert.deepEqual(reach.relaysTo('c3'), [{ id: 'a', rttMs: 4, draining: false }]);
  });

  test('a tunnel that goes down takes its ways along, and no others', () => {
    const reach = table('c1');
    for (const pop of ['a', 'b']) {
      reach.opened(pop);
      reach.take(pop, whole(1, entry('c1')));
    }
    reach.takeChanged();
    reach.forget('a');
    assert.deepEqual(relayIds(reach, 'c1'), ['b']);
    assert.deepEqual(reach.takeChanged(), ['c1']);
    assert.equal(reach.take('a', put(2, entry('c1'))), 'first-not-whole');
  });

  test('what was said holds until the first message of a new stream replaces it', () => {
    const reach = table('c1', 'c2');
    reach.opened('a');
    reach.take('a', whole(1, entry('c1')));
    reach.opened('a');
    assert.deepEqual(relayIds(reach, 'c1'), ['a']);
    reach.take('a', whole(1, entry('c2')));
    assert.deepEqual(relayIds(reach, 'c1'), []);
    assert.deepEqual(relayIds(reach, 'c2'), ['a']);
  });
});

const refused: { what: string; messages: ReachChange[]; reason: ReachRefusal }[] = [
  { what: 'begins with a change', messages: [put(1, entry('c1'))], reason: 'first-not-whole' },
  { what: 'skips a message', messages: [whole(1, entry('c1')), put(3, entry('c1'))], reason: 'out-of-sequence' },
  { what: 'repeats a message', messages: [whole(1, entry('c1')), put(1, entry('c1'))], reason: 'out-of-sequence' },
];
for (const { what, messages, reason } of refused) {
  test(`a stream that ${what} is ${reason}, and its PoP forgotten`, () => {
    const reach = table('c1');
    reach.opened('a');
    assert.equal(messages.map((message) => reach.take('a', message)).at(-1), reason);
    assert.deepEqual(relayIds(reach, 'c1'), []);
  });
}

test('a PoP that names a million nodes that nobody knows is cut off after a few', () => {
  const reach = table('c1');
  reach.opened('a');
  reach.take('a', whole(1, entry('c1')));
  let refusal: ReachRefusal | undefined;
  let said = 0;
  for (let sequence = 2; refusal === undefined; sequence++) {
    refusal = reach.take('a', put(sequence, ...Array.from({ length: 100 }, () => entry(`nobody-${said++}`))));
  }
  assert.equal(refusal, 'too-many-unknown');
  assert.ok(said <= MAXIMUM_UNKNOWN_DESTINATIONS + 100);
  assert.deepEqual(relayIds(reach, 'c1'), []);
});

test('a node that a PoP named before we knew it counts once we do', () => {
  const reach = table();
  reach.opened('a');
  const early = Array.from({ length: MAXIMUM_UNKNOWN_DESTINATIONS }, (_, i) => entry(`c${i}`));
  assert.equal(reach.take('a', whole(1, ...early)), undefined);
  reach.follow(new Set(early.map(({ id }) => id)));
  assert.equal(reach.take('a', put(2, entry('later'))), undefined);
  assert.deepEqual(relayIds(reach, 'c7'), ['a']);
});

test('an announcer says the whole first, even of nothing, and nothing where nothing is new', () => {
  const announcer = new ReachAnnouncer();
  assert.deepEqual(announcer.update([]), [whole(1)]);
  assert.deepEqual(announcer.update([]), []);
  assert.deepEqual(announcer.update([entry('c1', 100)]), [put(2, entry('c1', 100))]);
  assert.deepEqual(announcer.update([entry('c1', 110)]), []);
  assert.deepEqual(announcer.update([entry('c1', 140)]), [put(3, entry('c1', 140))]);
  const drains = { ...entry('c1', 140), draining: true };
  assert.deepEqual(announcer.update([drains]), [put(4, drains)], 'that it drains is news at once');
  assert.deepEqual(announcer.update([]), [removal(5, 'c1')]);
});

test('ten thousand connectors are announced in messages that fit', () => {
  const announcer = new ReachAnnouncer();
  const messages = announcer.update(Array.from({ length: 10_000 }, (_, i) => entry(`c${i}`, 1)));
  assert.deepEqual(
    messages.map((message) => message.whole),
    [true, false, false],
  );
  assert.ok(messages.every((message) => message.put.length <= ATTACHED_BATCH_ENTRIES));
});

test('a table that hears an announcer agrees with it, whatever happens', () => {
  const random = new SeededRandom(testSeed(20260731));
  const ids = Array.from({ length: 12 }, (_, i) => `c${i}`);
  const reach = table(...ids.slice(0, 8));
  let announcer = new ReachAnnouncer();
  reach.opened('a');
  for (let round = 0; round < 300; round++) {
    if (random.chance(0.05)) {
      announcer = new ReachAnnouncer();
      reach.opened('a');
    }
    const present = ids.filter(() => random.chance(0.5)).map((id) => entry(id, random.integer(0, 99)));
    for (const message of announcer.update(present)) assert.equal(reach.take('a', message), undefined);
    for (const id of ids) {
      assert.equal(
        reach.relaysTo(id).length,
        present.some((one) => one.id === id) ? 1 : 0,
        `seed ${random.seed}, round ${round}`,
      );
    }
  }
});

describe('a node that drains', () => {
  const drains = (rttMs = 1): ReachableEntry => ({ ...entry('c1', rttMs), draining: true });

  test('is believed by its newest word, whatever a neighbour says that heard it before', () => {
    const reach = table('c1');
    for (const pop of ['dead', 'alive']) {
      reach.opened(pop);
      reach.take(pop, whole(1, entry('c1', 1)));
    }
    assert.equal(reach.isDraining('c1'), false);
    reach.take('alive', put(2, drains()));
    assert.equal(reach.isDraining('c1'), true);
    // Another round trip is no newer word on this.
    reach.take('dead', put(2, entry('c1', 50)));
    assert.equal(reach.isDraining('c1'), true);
  });

  test('drains no more once it came back somewhere', () => {
    const reach = table('c1');
    for (const pop of ['dead', 'alive']) {
      reach.opened(pop);
      reach.take(pop, whole(1, drains()));
    }
    reach.take('alive', removal(2, 'c1'));
    assert.equal(reach.isDraining('c1'), true);
    reach.take('alive', put(3, entry('c1', 1)));
    assert.equal(reach.isDraining('c1'), false);
    assert.equal(reach.isDraining('c2'), false);
  });
});
