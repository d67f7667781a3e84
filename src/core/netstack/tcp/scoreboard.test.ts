import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, testSeed } from '../../../testing/seeded-random.ts';
import { distance, plus } from '../sequence.ts';
import { Delivery } from './delivery.ts';
import { Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';
import { IN_FLIGHT, LOST, SACKED, SegmentPool, type SentSegment } from './sent-segment.ts';

const SEED = testSeed(43);
const ORIGIN = 0x7fffffff - 3000;

interface Cell {
  condition: number;
  sentAtMs: number;
}

/** The twin: one cell for each sequence number. */
class NaiveScoreboard {
  cells: Cell[] = [];
  una = 0;

  sent(count: number, nowMs: number): void {
    for (let i = 0; i < count; i++) this.cells.push({ condition: IN_FLIGHT, sentAtMs: nowMs });
  }

  get live(): Cell[] {
    return this.cells.slice(this.una);
  }

  bytes(condition: number): number {
    return this.live.filter((cell) => cell.condition === condition).length;
  }
}

function check(fast: Scoreboard, twin: NaiveScoreboard): void {
  assert.equal(fast.inFlightBytes, twin.bytes(IN_FLIGHT));
  assert.equal(fast.sackedBytes, twin.bytes(SACKED));
  assert.equal(fast.lostBytes, twin.bytes(LOST));
  let at = twin.una;
  let count = 0;
  let sacked = 0;
  for (let segment = fast.head; segment; segment = segment.next) {
    assert.equal(segment.start, plus(ORIGIN, at), 'no gap');
    const length = distance(segment.start, segment.end);
    for (let i = 0; i < length; i++) {
      assert.equal(twin.cells[at + i]?.condition, segment.condition);
      assert.equal(twin.cells[at + i]?.sentAtMs, segment.sentAtMs);
    }
    at += length;
    count++;
    if (segment.condition === SACKED) sacked++;
  }
  assert.equal(at, twin.cells.length);
  assert.equal(fast.segmentCount, count);
  assert.equal(fast.sackedCount, sacked);
  checkTimeOrder(fast, twin);
  const firstLost = twin.live.findIndex((cell) => cell.condition === LOST);
  assert.equal(fast.firstLost()?.start, firstLost < 0 ? undefined : plus(ORIGIN, twin.una + firstLost));
}

function checkTimeOrder(fast: Scoreboard, twin: NaiveScoreboard): void {
  let bytes = 0;
  let lastMs = -1;
  for (let segment: SentSegment | undefined = fast.oldest; segment; segment = segment.newer) {
    assert.equal(segment.condition, IN_FLIGHT);
    assert.ok(segment.sentAtMs >= lastMs);
    lastMs = segment.sentAtMs;
    bytes += distance(segment.start, segment.end);
  }
  assert.equal(bytes, twin.bytes(IN_FLIGHT));
}

function step(random: SeededRandom, fast: Scoreboard, twin: NaiveScoreboard, nowMs: number): void {
  const delivery = new Delivery();
  const { una } = twin;
  const end = twin.cells.length;
  const choice = random.integer(0, 7);
  if (choice <= 2) {
    const count = random.integer(1, 50);
    fast.recordSent(plus(ORIGIN, end), plus(ORIGIN, end + count), false, nowMs);
    twin.sent(count, nowMs);
  } else if (choice === 3 && end > una) {
    const ack = random.integer(una, end);
    const expected = twin.cells.slice(una, ack).filter((cell) => cell.condition !== SACKED).length;
    fast.acknowledge(plus(ORIGIN, ack), delivery);
    twin.una = ack;
    assert.equal(delivery.deliveredBytes, expected);
  } else if (choice === 4 && end > una + 1) {
    const left = random.integer(una, end - 1);
    const right = random.integer(left + 1, end);
    const fresh = twin.cells.slice(left, right).filter((cell) => cell.condition !== SACKED);
    assert.equal(fast.applySack(plus(ORIGIN, left), plus(ORIGIN, right), delivery), fresh.length > 0);
    assert.equal(delivery.deliveredBytes, fresh.length);
    for (const cell of fresh) cell.condition = SACKED;
  } else if (choice === 5 && fast.oldest) {
    const segment = fast.oldest;
    const from = distance(ORIGIN, segment.start);
    const cells = twin.cells.slice(from, from + distance(segment.start, segment.end));
    for (const cell of cells) cell.condition = LOST;
    fast.markLost(segment);
  } else if (choice === 6) {
    const segment = fast.firstLost();
    if (!segment) return;
    const length = distance(segment.start, segment.end);
    if (length > 1 && random.chance(0.3)) fast.split(segment, random.integer(1, length - 1));
    const from = distance(ORIGIN, segment.start);
    for (let i = from; i < distance(ORIGIN, segment.end); i++)
      twin.cells[i] = { condition: IN_FLIGHT, sentAtMs: nowMs };
    fast.recordRetransmission(segment, nowMs);
  } else if (choice === 7) {
    rare(random, fast, twin);
  }
}

function rare(random: SeededRandom, fast: Scoreboard, twin: NaiveScoreboard): void {
  const kind = random.integer(0, 5);
  if (kind > 2) return;
  const [from, to] = (
    [
      [IN_FLIGHT, LOST],
      [LOST, IN_FLIGHT],
      [SACKED, IN_FLIGHT],
    ] as const
  )[kind as 0 | 1 | 2];
  for (const cell of twin.live) if (cell.condition === from) cell.condition = to;
  if (kind === 0) fast.markAllLost();
  else if (kind === 1) fast.unmarkLost();
  else fast.forgetSacks();
}

describe('scoreboard', () => {
  for (let run = 0; run < 60; run++)
    it(`does what its naive twin does (seed ${SEED + run})`, () => {
      const random = new SeededRandom(SEED + run);
      const fast = new Scoreboard(new SegmentPool());
      const twin = new NaiveScoreboard();
      for (let i = 0; i < 250; i++) {
        step(random, fast, twin, i);
        check(fast, twin);
      }
      fast.clear();
      assert.deepEqual([fast.inFlightBytes, fast.sackedBytes, fast.lostBytes, fast.segmentCount], [0, 0, 0, 0]);
      assert.equal(fast.oldest, undefined);
    });
});

describe('send buffer', () => {
  for (let run = 0; run < 20; run++)
    it(`copies any range that was written and not released (seed ${SEED + run})`, () => {
      const random = new SeededRandom(SEED + run);
      const buffer = new SendBuffer();
      const twin: number[] = [];
      for (let i = 0; i < 500; i++) {
        const chunk = random.bytes(random.integer(0, 40));
        buffer.append(chunk);
        twin.push(...chunk);
        if (random.chance(0.3)) buffer.releaseUntil(random.integer(buffer.start, buffer.end));
        assert.equal(buffer.sizeBytes, twin.length - buffer.start);
        if (buffer.sizeBytes === 0) continue;
        const position = random.integer(buffer.start, buffer.end - 1);
        const length = random.integer(1, Math.min(buffer.end - position, 300));
        const out = new Uint8Array(310);
        buffer.copyTo(out, 7, position, length);
        assert.deepEqual([...out.subarray(7, 7 + length)], twin.slice(position, position + length));
      }
    });
});
