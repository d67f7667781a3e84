import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import {
  ANSWER_WINDOW_MS,
  type ClientPlace,
  cutDatagram,
  DATAGRAM_MAX_BYTES,
  type DatagramSession,
  PARTIAL_MAX_AGE_MS,
  PIECE_FAULTS,
  PIECE_MAX_BYTES,
  PieceReader,
  SESSION_OVER,
  SessionTable,
  UNCONFIRMED_BYTES,
  UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND,
  UNCONFIRMED_IDLE_MS,
} from './index.ts';

const SEED = testSeed(31);

test('whatever its length, a datagram comes out as it went in, in pieces that fit, in any order and twice', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 60_000, max: DATAGRAM_MAX_BYTES }));
  const check = (length: number, id: number, seed: number) => {
    const random = new SeededRandom(seed);
    const datagram = random.bytes(length);
    const pieces = cutDatagram(datagram, id);
    for (const piece of pieces) assert.ok(piece.length <= PIECE_MAX_BYTES);
    const order = [...pieces, ...pieces.slice(0, -1)].sort(() => random.fraction() - 0.5);
    const reader = new PieceReader();
    const found = order.map((piece) => reader.read(piece, 0)).filter((each) => each !== undefined);
    assert.deepEqual(found[0], datagram);
  };
  fc.assert(fc.property(lengths, fc.integer({ min: 0, max: 65_535 }), fc.integer(), check), {
    seed: SEED,
    numRuns: 60,
  });
});

test('a session ends with a word of its own', () => {
  assert.equal(new PieceReader().read(SESSION_OVER, 0), 'over');
});

test('pieces that never become whole are given up, by number and by age', () => {
  const reader = new PieceReader();
  const first = (id: number) => cutDatagram(new Uint8Array(3_000), id)[0] as Uint8Array;
  for (let id = 0; id < 100; id++) assert.equal(reader.read(first(id), 0), undefined);
  assert.equal(reader.givenUp, 96);
  reader.read(first(100), PARTIAL_MAX_AGE_MS + 1);
  assert.equal(reader.givenUp, 100);
});

test('whatever comes, a reader gives a datagram, a word or the name of a fault, and never throws', () => {
  const random = new SeededRandom(SEED);
  const reader = new PieceReader();
  const faults: readonly unknown[] = [...PIECE_FAULTS, 'over', undefined];
  for (let round = 0; round < 50_000; round++) {
    const [piece] = cutDatagram(random.bytes(random.integer(0, 3_000)), random.integer(0, 3));
    const packet = random.chance(0.5) ? random.bytes(random.integer(0, 8)) : (piece ?? SESSION_OVER).slice();
    for (let turns = random.integer(0, 3); turns > 0 && packet.length > 0; turns--)
      packet[random.integer(0, Math.min(5, packet.length - 1))] = random.integer(0, 4);
    const found = reader.read(packet, round);
    if (!(found instanceof Uint8Array)) assert.ok(faults.includes(found), `seed ${SEED}`);
  }
});

function table(total = 4, perGroup = 3): SessionTable<string> {
  return new SessionTable({ total, perGroup });
}

function open(sessions: SessionTable<string>, key: string, group: string, nowMs = 0): DatagramSession<string> | string {
  return openAt(sessions, key, { group }, nowMs);
}

function openAt(
  sessions: SessionTable<string>,
  key: string,
  place: ClientPlace,
  nowMs = 0,
): DatagramSession<string> | string {
  const going = sessions.inTheWay(place, nowMs);
  if (typeof going === 'string') return going;
  for (const session of going) sessions.remove(session);
  const session = sessions.open(key, place, 60_000, key, nowMs);
  sessions.received(session, 100, nowMs);
  return session;
}

const opened = (session: DatagramSession<string> | string): DatagramSession<string> => {
  assert.ok(typeof session !== 'string', String(session));
  return session;
};

test('a client that answered nothing gets three times what it sent and one answer more, then nothing', () => {
  const sessions = table();
  const session = opened(open(sessions, 'a', 'a'));
  assert.ok(sessions.sends(session, UNCONFIRMED_BYTES, 0));
  assert.ok(sessions.sends(session, 300, 0));
  assert.ok(!sessions.sends(session, 1, 0));
  sessions.received(session, 1, 0);
  assert.ok(session.isConfirmed);
  assert.ok(sessions.sends(session, 10_000_000, 0));
});

test('a client that is known by other means keeps its place without an answer, and goes sooner where there is no room', () => {
  const sessions = table();
  const session = opened(open(sessions, 'a', 'a'));
  sessions.confirm(session);
  assert.deepEqual(sessions.takeIdle(UNCONFIRMED_IDLE_MS + 1), []);
  assert.deepEqual(sessions.takeIdle(30_000, 40_000), []);
  assert.deepEqual(sessions.takeIdle(30_000, 30_000), [session]);
});

test('what comes twice before any answer confirms nobody', () => {
  const sessions = table();
  const session = opened(open(sessions, 'a', 'a'));
  sessions.received(session, 100, 0);
  assert.ok(!session.isConfirmed);
  assert.ok(!sessions.sends(session, UNCONFIRMED_BYTES + 601, 0));
});

test('all unconfirmed sessions of an address together get so much in a second', () => {
  const sessions = table(2_000, 2_000);
  let bytes = 0;
  for (let i = 0; i < 1_000; i++)
    if (sessions.sends(opened(open(sessions, `${i}`, 'victim')), 4_000, 0)) bytes += 4_000;
  assert.ok(bytes <= UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND);
  assert.ok(sessions.sends(opened(open(sessions, 'x', 'somebody else')), 4_000, 0));
  assert.ok(sessions.sends(opened(open(sessions, 'y', 'victim')), 4_000, 1_000), 'the next second');
});

test('one address has only so many sessions; those that got their one answer make way', () => {
  const sessions = table();
  const [first] = ['1', '2', '3'].map((key) => opened(open(sessions, key, 'a')));
  assert.equal(open(sessions, '4', 'a'), 'sessions-per-address');
  assert.ok(first && sessions.sends(first, 10, 0));
  opened(open(sessions, '4', 'a'));
  assert.equal(sessions.get('1'), undefined);
  opened(open(sessions, '5', 'b'));
});

test('where all is full the oldest that waited long enough makes way, and those that answered keep their place', () => {
  const sessions = table(3, 3);
  const confirmed = opened(open(sessions, 'kept', 'a'));
  sessions.sends(confirmed, 1, 0);
  sessions.received(confirmed, 1, 0);
  for (let i = 0; i < 50; i++) opened(open(sessions, `forged ${i}`, `${i}`, i * ANSWER_WINDOW_MS));
  assert.equal(sessions.size, 3);
  assert.equal(sessions.get('kept'), confirmed);
  for (const session of [...sessions.values()]) {
    sessions.sends(session, 1, 0);
    sessions.received(session, 1, 0);
  }
  assert.equal(open(sessions, 'late', 'late'), 'sessions-total');
});

test('a newcomer keeps its place until its answer had time to come, however many forge addresses', () => {
  const sessions = new SessionTable<string>({ total: 64, perGroup: 8, unconfirmed: 32 });
  const confirmed = Array.from({ length: 16 }, (_, i) => opened(open(sessions, `old ${i}`, `old ${i}`)));
  for (const session of confirmed) {
    sessions.sends(session, 1, 0);
    sessions.received(session, 1, 0);
  }
  const honest = opened(open(sessions, 'honest', 'honest', 1_000));
  for (let nowMs = 1_000; nowMs < 1_000 + ANSWER_WINDOW_MS; nowMs++)
    open(sessions, `forged ${nowMs}`, `${nowMs}`, nowMs);
  assert.equal(sessions.get('honest'), honest);
  assert.equal(open(sessions, 'late', 'late', 1_500), 'sessions-unconfirmed');
  assert.ok(sessions.sends(honest, 1, 1_000 + ANSWER_WINDOW_MS));
  sessions.received(honest, 1, 1_000 + ANSWER_WINDOW_MS);
  for (let i = 0; i < 1_000; i++) open(sessions, `more ${i}`, `more ${i}`, 10_000 + i * 100);
  for (const session of [...confirmed, honest]) assert.equal(sessions.get(session.key), session);
  assert.equal(sessions.size, confirmed.length + 1 + 32, 'who never answers has places of its own');
});

test('who has its answer makes way before anybody who waits for one', () => {
  const sessions = new SessionTable<string>({ total: 64, perGroup: 8, unconfirmed: 4 });
  const [waiting, ...others] = ['a', 'b', 'c', 'd'].map((key) => opened(open(sessions, key, key)));
  for (const session of others.reverse()) sessions.sends(session, 1, 1);
  for (const key of ['e', 'f', 'g']) opened(open(sessions, key, key, 2));
  assert.deepEqual(
    [...sessions.values()].map(({ key }) => key),
    ['a', 'e', 'f', 'g'],
  );
  assert.equal(sessions.get('a'), waiting);
});

test('one network takes no more than a share of the places of newcomers', () => {
  const sessions = new SessionTable<string>({ total: 64, perGroup: 64, unconfirmed: 32 });
  const at = (group: string, network: string) => ({ group, network });
  for (let i = 0; i < 4; i++) opened(openAt(sessions, `n${i}`, at(`n${i}`, 'n')));
  assert.equal(openAt(sessions, 'n4', at('n4', 'n')), 'sessions-per-network');
  opened(openAt(sessions, 'm', at('m', 'm')));
  const first = sessions.get('n0');
  assert.ok(first && sessions.sends(first, 1, 0));
  opened(openAt(sessions, 'n5', at('n5', 'n')));
  assert.equal(sessions.get('n0'), undefined, 'its own that has its answer goes');
  for (const session of [...sessions.values()]) sessions.remove(session);
  assert.equal(sessions.size, 0);
});

test('where so many answered that newcomers would have no place, one more that answers is trusted no further', () => {
  const sessions = new SessionTable<string>({ total: 4, perGroup: 8, unconfirmed: 2 });
  const answered = (key: string): DatagramSession<string> => {
    const session = opened(open(sessions, key, key));
    sessions.sends(session, 1, 0);
    sessions.received(session, 1, 0);
    return session;
  };
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => answered(key).isConfirmed),
    [true, true, false],
  );
});

test('a session is over after its silence, and one that never answered sooner', () => {
  const sessions = table();
  opened(open(sessions, 'a', 'a'));
  const other = opened(open(sessions, 'b', 'b'));
  sessions.sends(other, 1, 0);
  sessions.received(other, 1, 0);
  assert.deepEqual(sessions.takeIdle(UNCONFIRMED_IDLE_MS - 1), []);
  assert.deepEqual(
    sessions.takeIdle(UNCONFIRMED_IDLE_MS).map(({ key }) => key),
    ['a'],
  );
  assert.deepEqual(sessions.takeIdle(59_999), []);
  assert.deepEqual(
    sessions.takeIdle(60_000).map(({ key }) => key),
    ['b'],
  );
  assert.equal(sessions.size, 0);
});
