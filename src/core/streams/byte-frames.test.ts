import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ByteFrameEvent,
  ByteFrameReader,
  bytesFrame,
  closedFrame,
  endFrame,
  pingFrame,
  pongFrame,
} from './byte-frames.ts';

const MASK = Uint8Array.of(0xa1, 0x02, 0x73, 0x5c);
const text = (event: ByteFrameEvent) => (event.kind === 'bytes' ? Buffer.from(event.bytes).toString() : event.kind);

/** What is read, bytes joined. */
function read(bytes: Uint8Array, isMasked: boolean, pieceBytes: number): { said: string; events: ByteFrameEvent[] } {
  const reader = new ByteFrameReader(isMasked);
  const events: ByteFrameEvent[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    events.push(...reader.take(bytes.subarray(at, at + pieceBytes)));
  return { said: events.map(text).join(''), events };
}

describe('bytes in frames', () => {
  for (const mask of [undefined, MASK])
    for (const size of [0, 1, 5, 125, 126, 65_535, 65_536])
      for (const pieceBytes of [1, 7, 100_000])
        test(`${size} bytes${mask ? ', masked' : ''}, by ${pieceBytes}`, () => {
          const payload = 'x'.repeat(size);
          const whole = [bytesFrame(Buffer.from(payload), mask), bytesFrame(Buffer.from('abc'), mask), endFrame(mask)];
          const { said } = read(Buffer.concat(whole), mask !== undefined, pieceBytes);
          assert.equal(said, `${payload}abcend`);
        });

  test('control frames stand between, and after the end', () => {
    const frames = [pingFrame(), bytesFrame(Buffer.from('a')), endFrame(), pongFrame(Buffer.from('p')), closedFrame()];
    assert.equal(read(Buffer.concat(frames), false, 1).said, 'pingaendpongclose');
  });

  test('a ping is told with what it says', () => {
    const { events } = read(Uint8Array.of(0x89, 0x82, ...MASK, 0x01 ^ 0xa1, 0x02 ^ 0x02), true, 1);
    assert.deepEqual(events, [{ kind: 'ping', payload: Uint8Array.of(1, 2) }]);
  });

  test('nothing is read after a close', () => {
    assert.equal(read(Buffer.concat([closedFrame(), bytesFrame(Buffer.from('a'))]), false, 100).said, 'close');
  });

  const faults: [string, number[], boolean, string][] = [
    ['compression', [0xc2, 0x01, 0x00], false, 'reserved-bits'],
    ['an opcode that means nothing', [0x83, 0x00], false, 'opcode-unknown'],
    ['a client that does not mask', [0x82, 0x01, 0x00], true, 'mask-wrong'],
    ['a server that masks', [0x82, 0x81, 1, 2, 3, 4, 0], false, 'mask-wrong'],
    ['a length that is no number', [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], false, 'frame-too-large'],
    ['a long ping', [0x89, 126, 0, 200], false, 'control-malformed'],
    ['a ping in pieces', [0x09, 0x00], false, 'control-malformed'],
    ['text', [0x81, 0x01, 0x41], false, 'text-not-empty'],
    ['text in pieces', [0x01, 0x00], false, 'text-not-empty'],
    ['bytes after the end', [0x81, 0x00, 0x82, 0x01, 0x41], false, 'bytes-after-end'],
    ['two ends', [0x81, 0x00, 0x81, 0x00], false, 'bytes-after-end'],
  ];
  for (const [name, bytes, isMasked, reason] of faults)
    test(`${name}: ${reason}, and nothing is read after it`, () => {
      const whole = Uint8Array.from([...bytes, ...bytesFrame(Buffer.from('later'))]);
      for (const pieceBytes of [1, 100])
        assert.deepEqual(read(whole, isMasked, pieceBytes).events.at(-1), { kind: 'fault', reason });
    });
});
