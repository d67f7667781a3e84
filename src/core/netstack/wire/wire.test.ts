import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromHex } from '../../../base/index.ts';
import { naiveSum } from '../../../testing/naive-packets.ts';
import { SeededRandom, testSeed } from '../../../testing/seeded-random.ts';
import { RateLimit } from '../rate-limit.ts';
import { ReadyRing } from '../ready-ring.ts';
import { distance, isBefore, later, plus } from '../sequence.ts';
import { SipHash } from '../siphash.ts';
import { finishChecksum, foldSum, networkWord, sumWords } from './checksum.ts';
import { emitSynOptions, parseTcp, Segment } from './tcp.ts';

const SEED = testSeed(51);

/** The checksum in network order, of the quick sum. */
function quick(bytes: Uint8Array, offset: number, length: number): number {
  return networkWord(finishChecksum(sumWords(new DataView(bytes.buffer), offset, length)));
}

describe('checksum (RFC 1071)', () => {
  it('has the sum of the example in section 3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    assert.equal(networkWord(foldSum(sumWords(new DataView(bytes.buffer), 0, 8))), 0xddf2);
  });

  it(`agrees with the byte-by-byte twin at every alignment and length (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    for (let run = 0; run < 3000; run++) {
      const bytes = random.bytes(random.integer(1, 200));
      if (random.chance(0.2)) bytes.fill(255);
      const offset = random.integer(0, bytes.length - 1);
      const length = random.integer(0, bytes.length - offset);
      assert.equal(quick(bytes, offset, length), ~naiveSum(bytes.subarray(offset, offset + length)) & 0xffff);
    }
  });

  it('does not overflow on the largest packet', () => {
    const bytes = new Uint8Array(65_535).fill(255);
    assert.equal(quick(bytes, 0, bytes.length), ~naiveSum(bytes) & 0xffff);
  });
});

describe('SipHash-2-4', () => {
  // Vectors of the reference implementation by Aumasson and Bernstein (vectors.h): key and input are 00 01 02 ...
  const cases = [
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [7, '37d1018bf50002ab'],
    [8, '6224939a79f5f593'],
    [15, 'e545be4961ca29a1'],
    [63, '724506eb4c328a95'],
  ] as const;
  for (const [length, hex] of cases)
    it(`of ${length} bytes`, () => {
      const count = (_: unknown, i: number) => i;
      const [low, high] = new SipHash(Uint8Array.from({ length: 16 }, count)).hash(Uint8Array.from({ length }, count));
      const view = new DataView((fromHex(hex) ?? new Uint8Array(8)).buffer);
      assert.deepEqual([low, high], [view.getInt32(0, true), view.getInt32(4, true)]);
    });
});

describe('TCP options', () => {
  const parse = (options: readonly number[], flags: number): { segment: Segment; reason: string | undefined } => {
    const bytes = new Uint8Array(20 + Math.ceil(options.length / 4) * 4);
    bytes.set(options, 20);
    bytes[12] = (bytes.length / 4) << 4;
    bytes[13] = flags;
    const segment = new Segment();
    return { segment, reason: parseTcp(new DataView(bytes.buffer), bytes, 0, bytes.length, segment) };
  };

  it('are read back as they were written', () => {
    for (const timestamps of [undefined, { tsVal: -5, tsEcr: 77 }])
      for (const sackPermitted of [true, false])
        for (const windowShift of [undefined, 7]) {
          const bytes = new Uint8Array(40);
          const length = emitSynOptions(new DataView(bytes.buffer), 0, {
            mss: 1380,
            windowShift,
            sackPermitted,
            timestamps,
          });
          assert.equal(length % 4, 0, 'word-aligned');
          const { segment } = parse([...bytes.subarray(0, length)], 2);
          assert.equal(segment.mss, 1380);
          assert.equal(segment.windowShift, windowShift ?? -1);
          assert.equal(segment.sackPermitted, sackPermitted);
          assert.equal(segment.hasTimestamps, timestamps !== undefined);
          if (timestamps) assert.deepEqual([segment.tsVal, segment.tsEcr], [-5, 77]);
        }
  });

  for (const [name, options] of [
    ['of length zero', [8, 0]],
    ['of length one', [8, 1]],
    ['that end behind the header', [8, 10, 0, 0]],
    ['without a length', [1, 1, 1, 5]],
  ] as const)
    it(`${name} are an error (RFC 9293 MUST-7)`, () => {
      assert.equal(parse(options, 16).reason, 'tcp-bad-header');
    });

  it('that only SYN may carry are ignored elsewhere, and shifts are at most 14', () => {
    assert.equal(parse([2, 4, 5, 0x64, 3, 3, 9, 0], 16).segment.windowShift, -1);
    assert.equal(parse([3, 3, 200, 0], 2).segment.windowShift, 14);
  });

  it('end at kind 0, skip the unknown, and take no SACK of an odd length', () => {
    assert.equal(parse([0, 8, 0, 0], 16).reason, undefined);
    assert.equal(parse([254, 4, 9, 9, 3, 3, 2, 1], 2).segment.windowShift, 2);
    assert.equal(parse([5, 9, 0, 0, 0, 0, 0, 0, 0], 16).segment.sackBlocks, 0);
  });
});

describe('sequence numbers (RFC 9293 section 3.4)', () => {
  it('are ordered across the wrap', () => {
    const before = 0x7fffffff;
    const after = plus(before, 10);
    assert.ok(isBefore(before, after));
    assert.equal(distance(before, after), 10);
    assert.equal(later(before, after), after);
    assert.ok(isBefore(-1, 0));
  });
});

describe('ready ring', () => {
  it('gives each its turn after a quantum', () => {
    interface Entry {
      readonly name: string;
      isReady: boolean;
      readyNext: Entry | undefined;
    }
    const ring = new ReadyRing<Entry>();
    for (const name of ['a', 'b']) ring.add({ name, isReady: false, readyNext: undefined });
    const turns: string[] = [];
    for (let i = 0; i < 64; i++) {
      turns.push(ring.current?.name ?? '');
      ring.spent();
    }
    assert.equal(turns.join(''), `${'a'.repeat(16)}${'b'.repeat(16)}`.repeat(2));
    ring.dropCurrent();
    assert.equal(ring.current?.name, 'b');
  });
});

describe('rate limit', () => {
  it('gives a burst, then a rate', () => {
    const limit = new RateLimit(10, 0);
    assert.equal(Array.from({ length: 30 }, () => limit.take(0)).filter(Boolean).length, 10);
    assert.equal(Array.from({ length: 30 }, () => limit.take(500)).filter(Boolean).length, 5);
  });
});
