import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { type FrameFault, FrameReader, LENGTH_BYTES, MAXIMUM_FRAME_BYTES, writeDatagram } from './index.ts';

const SEED = testSeed(17);
const below = (random: SeededRandom, bound: number): number => random.integer(0, bound - 1);

function read(frame: Uint8Array): number[][] | FrameFault {
  const reader = new FrameReader();
  const fault = reader.begin(frame);
  const found: number[][] = [];
  while (reader.next()) found.push([...frame.subarray(reader.offset, reader.offset + reader.length)]);
  if (fault) assert.deepEqual(found, [], 'a frame with a fault has no datagrams');
  return fault ?? found;
}

const cases: [name: string, frame: number[], expected: number[][] | FrameFault][] = [
  ['one datagram', [0, 2, 7, 8], [[7, 8]]],
  ['three datagrams', [0, 1, 7, 0, 2, 8, 9, 0, 1, 1], [[7], [8, 9], [1]]],
  ['nothing', [], 'frame-empty'],
  ['half a length', [0], 'frame-cut-short'],
  ['a length alone', [0, 1], 'frame-cut-short'],
  ['half a datagram', [0, 3, 1, 2], 'frame-cut-short'],
  ['half a length behind a datagram', [0, 1, 5, 0], 'frame-cut-short'],
  ['a datagram of no bytes', [0, 0], 'frame-datagram-empty'],
  ['a datagram of no bytes behind a good one', [0, 1, 5, 0, 0], 'frame-datagram-empty'],
];
for (const [name, frame, expected] of cases) {
  test(`a frame of ${name} is read as ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(read(new Uint8Array(frame)), expected));
}

test('a frame that is too long is refused whatever it holds', () => {
  const frame = new Uint8Array(MAXIMUM_FRAME_BYTES + 1);
  assert.equal(read(frame), 'frame-too-long');
});

test('what is written is read, whatever the sizes', () => {
  const random = new SeededRandom(SEED);
  for (let round = 0; round < 300; round++) {
    const frame = new Uint8Array(MAXIMUM_FRAME_BYTES);
    const written: number[][] = [];
    let at = 0;
    for (;;) {
      const datagram = random.bytes(1 + below(random, random.chance(0.1) ? 20_000 : 60));
      if (at + LENGTH_BYTES + datagram.length > frame.length || written.length > 50) break;
      at = writeDatagram(frame, at, datagram);
      written.push([...datagram]);
    }
    assert.deepEqual(read(frame.subarray(0, at)), written, `seed ${SEED}`);
  }
});

test('random bytes are read within their bounds or refused, and never throw', () => {
  const random = new SeededRandom(SEED);
  for (let round = 0; round < 20_000; round++) {
    const frame = random.bytes(below(random, 64));
    // Small lengths, so that some frames are good.
    for (let i = 0; i < frame.length; i += 1 + below(random, 4)) frame[i] = below(random, 3);
    const found = read(frame);
    if (typeof found === 'string') continue;
    const bytes = found.reduce((sum, datagram) => sum + LENGTH_BYTES + datagram.length, 0);
    assert.equal(bytes, frame.length, `seed ${SEED}`);
  }
});
