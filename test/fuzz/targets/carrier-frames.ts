import assert from 'node:assert/strict';
import { FrameReader, writeDatagram } from '../../../src/core/carrier/index.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

function frameOf(...lengths: readonly number[]): Uint8Array {
  const frame = new Uint8Array(lengths.reduce((sum, length) => sum + length + 2, 0));
  let at = 0;
  for (const length of lengths) at = writeDatagram(frame, at, new Uint8Array(length).fill(length));
  return frame;
}

const reader = new FrameReader();

/** Every byte of a frame that is taken belongs to one datagram or its length. */
export const carrierFrames: FuzzTarget = {
  name: 'carrier frames',
  seeds: [frameOf(32), frameOf(1, 2, 3), frameOf(1420, 148), frameOf(65_000)],
  words: ['\0\0', '\0\x01', '\xff\xff'].map(latin1),
  run(input) {
    const fault = reader.begin(input);
    let taken = 0;
    while (reader.next()) {
      assert.equal(reader.offset, taken + 2);
      assert.ok(reader.length > 0);
      taken += 2 + reader.length;
    }
    assert.equal(taken, fault === undefined ? input.length : 0);
  },
};
