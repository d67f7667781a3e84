import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, testSeed } from '../../../testing/seeded-random.ts';
import { MAX_REASSEMBLY_RANGES } from '../constants.ts';
import { plus } from '../sequence.ts';
import { Reassembly } from './reassembly.ts';
import { ReceiveQueue } from './receive-queue.ts';

const SEED = testSeed(41);
const SPACE = 4000;
/** So that the runs cross the wrap of sequence numbers. */
const ORIGIN = 0x7fffffff - 1500;

/** The twin: one cell per byte, the first arrival stays. */
class NaiveReassembly {
  readonly cells = new Array<number | undefined>(SPACE).fill(undefined);
  next = 0;

  insert(start: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      this.cells[start + i] ??= byte;
    });
  }

  drain(): number[] {
    const out: number[] = [];
    for (let byte = this.cells[this.next]; byte !== undefined; byte = this.cells[this.next]) {
      out.push(byte);
      this.next++;
    }
    return out;
  }

  waiting(): number {
    return this.cells.slice(this.next).filter((byte) => byte !== undefined).length;
  }

  ranges(): number {
    let count = 0;
    for (let i = this.next; i < SPACE; i++)
      if (this.cells[i] !== undefined && (i === this.next || this.cells[i - 1] === undefined)) count++;
    return count;
  }
}

function readAll(queue: ReceiveQueue): number[] {
  const out: number[] = [];
  for (let chunk = queue.take(); chunk; chunk = queue.take()) out.push(...chunk);
  return out;
}

describe('reassembly', () => {
  for (let run = 0; run < 60; run++)
    it(`does what its naive twin does (seed ${SEED + run})`, () => {
      const random = new SeededRandom(SEED + run);
      const fast = new Reassembly();
      const twin = new NaiveReassembly();
      const queue = new ReceiveQueue();
      for (let step = 0; step < 200; step++) {
        const start = random.integer(twin.next, Math.min(twin.next + 600, SPACE - 1));
        const bytes = random.bytes(random.integer(1, Math.min(random.pick([5, 60, 400]), SPACE - start)));
        // In-order bytes go through the queue in the stack; here they are inserted as well, which must work too.
        assert.notEqual(fast.insert(plus(ORIGIN, start), plus(ORIGIN, start + bytes.length), bytes, 0), 'full');
        twin.insert(start, bytes);
        if (random.chance(0.3)) {
          const next = fast.drainTo(queue, plus(ORIGIN, twin.next));
          assert.deepEqual(readAll(queue), twin.drain());
          assert.equal(next, plus(ORIGIN, twin.next));
        }
        assert.equal(fast.sizeBytes, twin.waiting());
        assert.equal(fast.rangeCount, twin.ranges());
      }
    });

  it('skips what was delivered in order meanwhile', () => {
    const fast = new Reassembly();
    const queue = new ReceiveQueue();
    fast.insert(
      10,
      20,
      Uint8Array.from({ length: 10 }, (_, i) => 10 + i),
      0,
    );
    assert.equal(fast.drainTo(queue, 15), 20);
    assert.deepEqual(readAll(queue), [15, 16, 17, 18, 19]);
    assert.equal(fast.sizeBytes, 0);
  });

  it('is bounded in ranges', () => {
    const fast = new Reassembly();
    for (let i = 0; i < MAX_REASSEMBLY_RANGES; i++)
      assert.equal(fast.insert(2 * i, 2 * i + 1, new Uint8Array(1), 0), 'stored');
    assert.equal(fast.insert(10_000, 10_001, new Uint8Array(1), 0), 'full');
    assert.equal(fast.insert(1, 2, new Uint8Array(1), 0), 'stored', 'filling a gap needs no range');
  });

  it('says when nothing of an arrival is new', () => {
    const fast = new Reassembly();
    fast.insert(0, 10, new Uint8Array(10), 0);
    assert.equal(fast.insert(3, 7, new Uint8Array(4), 0), 'duplicate');
    assert.equal(fast.insert(3, 12, new Uint8Array(9), 0), 'stored');
    assert.equal(fast.sizeBytes, 12);
  });
});

describe('receive queue', () => {
  it(`gives what was appended, small or large (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    const queue = new ReceiveQueue();
    const expected: number[] = [];
    const got: number[] = [];
    for (let step = 0; step < 3000; step++) {
      const bytes = random.bytes(random.pick([1, 3, 100, 1023, 1024, 1400]));
      queue.append(bytes, 0, bytes.length, false);
      for (const byte of bytes) expected.push(byte);
      bytes.fill(0);
      for (let count = random.integer(0, 3); count > 0; count--) for (const byte of queue.take() ?? []) got.push(byte);
      assert.equal(queue.sizeBytes, expected.length - got.length);
    }
    for (const byte of readAll(queue)) got.push(byte);
    assert.deepEqual(got, expected);
  });

  it('copies what it keeps, so that packet buffers can be used again', () => {
    const queue = new ReceiveQueue();
    const bytes = new Uint8Array(1400).fill(5);
    queue.append(bytes, 20, 1380, false);
    bytes.fill(6);
    assert.deepEqual(queue.take(), new Uint8Array(1380).fill(5));
  });

  it('gives bulk in large pieces', () => {
    const queue = new ReceiveQueue();
    for (let i = 0; i < 400; i++) queue.append(new Uint8Array(1380), 0, 1380, false);
    let chunks = 0;
    while (queue.take()) chunks++;
    assert.ok(chunks < 20, `${chunks} chunks`);
  });

  it('gathers single bytes in blocks', () => {
    const queue = new ReceiveQueue();
    for (let i = 0; i < 4000; i++) queue.append(Uint8Array.of(i), 0, 1, false);
    let chunks = 0;
    while (queue.take()) chunks++;
    assert.ok(chunks <= 3, `${chunks} chunks`);
  });
});
