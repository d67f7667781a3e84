import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, randomUint32 } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { splitCoalesced } from './coalesced.ts';
import { writeCounter, writeInt32 } from './messages.ts';

const random = new SeededRandom(42);

function message(type: 1 | 2 | 3): Uint8Array {
  const bytes = random.bytes({ 1: 148, 2: 92, 3: 64 }[type]);
  writeInt32(bytes, 0, type);
  return bytes;
}

function data(sizeBytes: number, index: number, counter: number, source = random): Uint8Array {
  const bytes = source.bytes(sizeBytes);
  writeInt32(bytes, 0, 4);
  writeInt32(bytes, 4, index);
  writeCounter(bytes, 8, counter);
  return bytes;
}

/** The sizes it finds in datagrams put together, at an offset, with other bytes around. */
function sizesOf(datagrams: readonly Uint8Array[], hint = 0): number[] {
  const offset = 13;
  const joined = concat(...datagrams);
  const buffer = concat(random.bytes(offset), joined, random.bytes(300));
  const into = new Int32Array(2100);
  const count = splitCoalesced(buffer, offset, joined.length, into, hint);
  assert.equal(into[0], offset);
  assert.equal(into[count], offset + joined.length);
  return Array.from({ length: count }, (_, i) => (into[i + 1] as number) - (into[i] as number));
}

const sizes = (datagrams: readonly Uint8Array[]): number[] => datagrams.map(({ length }) => length);

describe('a coalesced buffer', () => {
  const CASES: readonly (readonly [name: string, datagrams: readonly Uint8Array[]])[] = [
    ['one data message', [data(1452, 7, 0)]],
    ['one keepalive', [data(32, 7, 0)]],
    ['one initiation', [message(1)]],
    ['one response', [message(2)]],
    ['one cookie reply', [message(3)]],
    ['two initiations', [message(1), message(1)]],
    ['an initiation and a keepalive', [message(1), data(32, 7, 0)]],
    ['an initiation and a response', [message(1), message(2)]],
    ['a response and a cookie reply', [message(2), message(3)]],
    ['a response and data of its size', [message(2), data(92, 7, 0), data(80, 7, 1)]],
    ['five equal data messages', [0, 1, 2, 3, 4].map((i) => data(1452, 7, i))],
    ['a shorter last one', [data(1452, 7, 0), data(1452, 7, 1), data(60, 7, 2)]],
    ['a keepalive at the end', [data(1452, 7, 0), data(32, 7, 1)]],
    ['forty keepalives', Array.from({ length: 40 }, (_, i) => data(32, 7, i))],
    ['an initiation at the end', [data(1452, 7, 0), data(1452, 7, 1), message(1)]],
    ['a response at the end', [data(1452, 7, 5), message(2)]],
    ['a cookie reply at the end', [data(1452, 7, 5), message(3)]],
    ['a new session in the middle', [data(1452, 7, 999), data(1452, 7, 1000), data(1452, 8, 0), data(1452, 8, 1)]],
    ['a new session from the second on', [data(1452, 7, 999), data(1452, -8, 0)]],
    ['data of the size of an initiation, then one', [data(148, 7, 0), message(1), data(148, 7, 1)]],
    ['counters out of order', [data(1000, 7, 5), data(1000, 7, 3), data(1000, 7, 4)]],
    ['large counters', [data(500, 7, 2 ** 40), data(500, 7, 2 ** 40 + 1)]],
    ['64 KB of the largest', Array.from({ length: 7 }, (_, i) => data(9000, 7, i))],
  ];
  for (const [name, datagrams] of CASES) {
    test(`of ${name} is split where its datagrams meet`, () => assert.deepEqual(sizesOf(datagrams), sizes(datagrams)));
    for (const hint of [32, 64, 148, 500, 726, 1000, 1452, 2000, 2904, 4500, 9000, 70_000])
      test(`of ${name} is split the same with the hint ${hint}`, () =>
        assert.deepEqual(sizesOf(datagrams, hint), sizes(datagrams)));
  }

  test('of no WireGuard at all is one datagram', () => {
    for (const length of [1, 4, 31, 32, 33, 5000]) assert.deepEqual(sizesOf([random.bytes(length).fill(9)]), [length]);
  });

  test('of data whose ciphertext holds a header once, but not at the multiples, is not cut', () => {
    const first = data(1452, 7, 0);
    first.set(data(40, 7, 1).subarray(0, 16), 600);
    assert.deepEqual(sizesOf([first, data(1452, 7, 1), data(700, 7, 2)]), [1452, 1452, 700]);
  });

  test('with more datagrams than there is room for gives the last one the rest', () => {
    const buffer = concat(...Array.from({ length: 10 }, (_, i) => data(100, 7, i)));
    const into = new Int32Array(5);
    assert.equal(splitCoalesced(buffer, 0, buffer.length, into), 4);
    assert.deepEqual([...into], [0, 100, 200, 300, 1000]);
  });

  for (let seed = 1; seed <= 4; seed++)
    test(`of random sizes, sessions and ends, with and without hints, comes apart as it was (seed ${seed})`, () => {
      const source = new SeededRandom(seed);
      const below = (limit: number): number => randomUint32(source) % limit;
      let lastSize = 0;
      for (let round = 0; round < 400; round++) {
        const size = 32 + below(below(4) === 0 ? 9000 : 1500);
        const count = 1 + below(Math.min(64, Math.floor(60_000 / size)));
        const rotatesAt = below(3) === 0 ? below(count) : count;
        const start = below(100_000);
        const datagrams = Array.from({ length: count }, (_, i) =>
          i < rotatesAt ? data(size, 11, start + i, source) : data(size, -12, i - rotatesAt, source),
        );
        const end = below(6);
        if (end === 0) datagrams.push(data(32 + below(size - 31), 11, start + count, source));
        else if (end <= 3) {
          const last = message(end as 1 | 2 | 3);
          if (last.length <= size) datagrams.push(last);
        }
        const hint = [0, lastSize, size, 2 * size][below(4)] as number;
        assert.deepEqual(sizesOf(datagrams, hint), sizes(datagrams), `seed ${seed}, round ${round}, hint ${hint}`);
        lastSize = size;
      }
    });
});
