import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { EventStream } from './event-stream.ts';
import { goingAwayFrame, WebSocketFrames } from './web-socket-frames.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

/** A frame as RFC 6455 draws it. */
function frame(payloadBytes: number, { opcode = 2, isMasked = false, isFinal = true } = {}): Uint8Array {
  const head = [(isFinal ? 0x80 : 0) | opcode];
  const mask = isMasked ? 0x80 : 0;
  if (payloadBytes < 126) head.push(mask | payloadBytes);
  else if (payloadBytes < 65_536) head.push(mask | 126, payloadBytes >> 8, payloadBytes & 255);
  else head.push(mask | 127, 0, 0, 0, 0, 0, payloadBytes >> 16, (payloadBytes >> 8) & 255, payloadBytes & 255);
  if (isMasked) head.push(1, 2, 3, 4);
  return Uint8Array.from([...head, ...new Array<number>(payloadBytes).fill(0x81)]);
}

describe('WebSocket frames', () => {
  const kinds: [string, Uint8Array][] = [
    ['empty', frame(0)],
    ['small', frame(5)],
    ['masked', frame(5, { isMasked: true })],
    ['masked and empty', frame(0, { isMasked: true })],
    ['with two bytes of length', frame(126)],
    ['masked with two bytes of length', frame(65_535, { isMasked: true })],
    ['with eight bytes of length', frame(65_536)],
    ['a fragment', frame(3, { isFinal: false })],
    ['a ping', frame(3, { opcode: 9 })],
    [
      'the example of RFC 6455 section 5.7',
      Uint8Array.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58),
    ],
  ];
  for (const [name, whole] of kinds)
    test(`end after their last byte and never before: ${name}`, () => {
      const frames = new WebSocketFrames();
      assert.equal(frames.atBoundary, true);
      for (const [at, byte] of whole.entries()) {
        frames.take(Uint8Array.of(byte));
        assert.equal(frames.atBoundary, at === whole.length - 1, `after byte ${at}`);
      }
      assert.equal(frames.closed, false);
    });

  test('are found whatever the bytes come in', () => {
    const seed = testSeed(20);
    const random = new SeededRandom(seed);
    const all = Array.from({ length: 200 }, () =>
      frame(random.chance(0.25) ? random.integer(0, 70_000) : random.integer(0, 130), { isMasked: random.chance(0.5) }),
    );
    const stream = Buffer.concat(all);
    const ends = new Set<number>();
    let end = 0;
    for (const one of all) {
      end += one.length;
      ends.add(end);
    }
    const frames = new WebSocketFrames();
    for (let at = 0; at < stream.length; ) {
      const chunk = stream.subarray(at, at + random.integer(1, 5_000));
      frames.take(chunk);
      at += chunk.length;
      assert.equal(frames.atBoundary, ends.has(at), `seed ${seed}, byte ${at}`);
    }
  });

  test('are cut where the present one ends', () => {
    const frames = new WebSocketFrames();
    const two = Buffer.concat([frame(10), frame(20)]);
    frames.take(two.subarray(0, 4));
    assert.equal(frames.takeToBoundary(two.subarray(4)), 8);
    assert.equal(frames.takeToBoundary(two.subarray(12)), 0);
    frames.take(two.subarray(12, 14));
    assert.equal(frames.takeToBoundary(two.subarray(14, 20)), 6);
    assert.equal(frames.atBoundary, false);
  });

  test('of ours say that we are going away, masked to a server alone', () => {
    for (const mask of [undefined, Uint8Array.of(7, 8, 9, 10)]) {
      const closing = goingAwayFrame(mask);
      const frames = new WebSocketFrames();
      frames.take(closing);
      assert.deepEqual([frames.atBoundary, frames.closed], [true, true]);
    }
    assert.deepEqual([...goingAwayFrame()], [0x88, 2, 0x03, 0xe9]);
    const masked = goingAwayFrame(Uint8Array.of(7, 8, 9, 10));
    assert.deepEqual([masked[6], masked[7]], [0x03 ^ 7, 0xe9 ^ 8]);
  });
});

describe('an event stream', () => {
  const table: [string, boolean][] = [
    ['', true],
    ['data: 1', false],
    ['data: 1\n', false],
    ['data: 1\n\n', true],
    ['data: 1\r\n', false],
    ['data: 1\r\n\r\n', true],
    ['data: 1\r\r', true],
    ['data: 1\n\ndata: 2', false],
    ['data: 1\n\n\n', true],
    [': a comment\n\n', true],
  ];
  for (const [text, ends] of table)
    test(`${JSON.stringify(text)} ${ends ? 'ends' : 'does not end'} an event`, () => {
      const whole = new EventStream();
      whole.take(bytes(text));
      assert.equal(whole.atBoundary, ends);
      const piecemeal = new EventStream();
      for (const byte of bytes(text)) piecemeal.take(Uint8Array.of(byte));
      assert.equal(piecemeal.atBoundary, ends);
    });

  test('is cut after the empty line', () => {
    const stream = new EventStream();
    stream.take(bytes('data: 1\n\ndata'));
    assert.equal(stream.takeToBoundary(bytes(': 2\n\ndata: 3\n\n')), 5);
    assert.equal(stream.takeToBoundary(bytes('data: 3')), 0);
  });
});
