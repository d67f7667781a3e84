import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { established, QUICK_BYTES } from '../../../testing/tcp-states.ts';

const NEXT = 1 + QUICK_BYTES;

describe('acknowledgements (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2)', () => {
  it('acknowledges the first segments of a connection at once', () => {
    const trace = established({ quick: true });
    trace.send({ seq: 1, ack: 1, length: 500 });
    trace.expect({ ack: 501 });
  });

  it('delays the acknowledgement of a lone segment by 40 ms', () => {
    const trace = established();
    trace.send({ seq: NEXT, ack: 1, length: 500 });
    trace.after(39).expectNothing();
    trace.after(1).expect({ ack: NEXT + 500 });
  });

  it('acknowledges every second full segment at once', () => {
    const trace = established();
    trace.send({ seq: NEXT, ack: 1, length: 500 });
    trace.expectNothing();
    trace.send({ seq: NEXT + 500, ack: 1, length: 500 });
    trace.expect({ ack: NEXT + 1000 });
    trace.expectNothing();
  });

  it('acknowledges a burst once', () => {
    const trace = established();
    for (let i = 0; i < 20; i++) trace.send({ seq: NEXT + 500 * i, ack: 1, length: 500 });
    trace.expect({ ack: NEXT + 10_000 });
    trace.expectNothing();
  });

  it('lets data carry the acknowledgement', () => {
    const trace = established();
    trace.send({ seq: NEXT, ack: 1, length: 500 });
    trace.write(10);
    trace.expect({ seq: 1, ack: NEXT + 500, length: 10 });
    trace.after(40).expectNothing();
  });
});

describe('selective acknowledgement by the receiver (RFC 2018 section 4)', () => {
  it('reports the block of the segment that came last first, then the others', () => {
    const trace = established();
    trace.send({ seq: NEXT + 100, ack: 1, length: 10 });
    trace.expect({ ack: NEXT, options: { sack: [[NEXT + 100, NEXT + 110]] } });
    trace.send({ seq: NEXT + 200, ack: 1, length: 10 });
    trace.expect({
      options: {
        sack: [
          [NEXT + 200, NEXT + 210],
          [NEXT + 100, NEXT + 110],
        ],
      },
    });
    trace.send({ seq: NEXT + 110, ack: 1, length: 5 });
    trace.expect({
      options: {
        sack: [
          [NEXT + 100, NEXT + 115],
          [NEXT + 200, NEXT + 210],
        ],
      },
    });
  });

  it('reports at most three blocks, which fit beside timestamps', () => {
    const trace = established({ timestamps: true });
    for (let i = 1; i <= 5; i++) trace.send({ seq: NEXT + 100 * i, ack: 1, length: 10 });
    const seen = trace.expect({ ack: NEXT });
    assert.deepEqual(
      seen.options.sack,
      [5, 4, 3].map((i) => [NEXT + 100 * i, NEXT + 100 * i + 10]),
    );
    assert.equal(seen.optionBytes.length, 40);
    assert.deepEqual([...seen.optionBytes.subarray(12, 16)], [1, 1, 5, 26]);
  });

  it('reports none to a peer that did not permit it, and sends a duplicate ACK for each segment instead', () => {
    const trace = established({ sack: false });
    for (let i = 1; i <= 3; i++) trace.send({ seq: NEXT + 100 * i, ack: 1, length: 10 });
    for (let i = 1; i <= 3; i++) assert.deepEqual(trace.expect({ ack: NEXT }).options.sack, []);
    trace.expectNothing();
  });

  it('acknowledges at once when a gap is filled', () => {
    const trace = established();
    trace.send({ seq: NEXT + 500, ack: 1, length: 500 });
    trace.expect({ ack: NEXT });
    trace.send({ seq: NEXT, ack: 1, length: 500 });
    trace.expect({ ack: NEXT + 1000, options: { sack: [] } });
    assert.equal(trace.read(), 1000);
  });

  it('reports a duplicate of bytes that wait out of order first, with the block around it second (RFC 2883)', () => {
    const trace = established();
    trace.send({ seq: NEXT + 100, ack: 1, length: 50 });
    trace.expect({ ack: NEXT });
    trace.send({ seq: NEXT + 110, ack: 1, length: 20 });
    trace.expect({
      options: {
        sack: [
          [NEXT + 110, NEXT + 130],
          [NEXT + 100, NEXT + 150],
        ],
      },
    });
  });

  it('sends the blocks in an ACK of their own before data', () => {
    const trace = established();
    trace.send({ seq: NEXT + 100, ack: 1, length: 50 });
    trace.write(10);
    trace.expect({ seq: 1, length: 0, options: { sack: [[NEXT + 100, NEXT + 150]] } });
    trace.expect({ seq: 1, length: 10, options: { sack: [] } });
  });
});

describe('receive window (RFC 9293 section 3.8.6, RFC 7323 section 2)', () => {
  it('shrinks as bytes wait and is told again when the program reads', () => {
    const trace = established({ quick: true, limits: { receiveBufferBytes: 4000 } });
    for (let i = 0; i < 8; i++) trace.send({ seq: 1 + 500 * i, ack: 1, length: 500 });
    trace.expect({ ack: 1 + 4000, window: 0 });
    assert.equal(trace.read(), 4000);
    trace.expect({ ack: 1 + 4000, window: 4000 });
    trace.expectNothing();
  });

  it('never moves the right edge back and never opens it by a few bytes (section 3.8.6.2.2)', () => {
    const trace = established({ quick: true, limits: { receiveBufferBytes: 4000 } });
    trace.send({ seq: 1, ack: 1, length: 1000 });
    trace.send({ seq: 1 + 1000, ack: 1, length: 1000 });
    trace.expect({ ack: 1 + 2000, window: 2000 });
    for (let i = 0; i < 3; i++) trace.send({ seq: 1 + 2000 + 100 * i, ack: 1, length: 100 });
    trace.after(40).expect({ ack: 1 + 2300, window: 1700 });
  });

  it('scales the window after the handshake and never in SYN', () => {
    const trace = established({ peerShift: 2 });
    trace.send({ seq: NEXT, ack: 1, length: 10 });
    trace.after(40);
    const { window } = trace.expect({ ack: NEXT + 10 });
    assert.equal(window, (256 * 1024 - 10) >> 7);
  });

  it('answers a probe of a shut window, and takes its acknowledgment', () => {
    const trace = established({ limits: { receiveBufferBytes: 1000 } });
    trace.write(100);
    trace.expect({ length: 100 });
    trace.send({ seq: NEXT, ack: 1, length: 1000 });
    trace.after(40).expect({ window: 0, ack: NEXT + 1000 });
    trace.send({ seq: NEXT + 1000, ack: 101, length: 1 });
    trace.expect({ window: 0, ack: NEXT + 1000 });
    assert.equal(trace.connection.unacknowledgedBytes, 0);
  });

  it('grows the buffer for a program that reads as fast as the peer sends', () => {
    const trace = established({ timestamps: true, peerShift: 7 });
    let seq = NEXT;
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 160; i++, seq += 1000) {
        trace.peerTsVal += 1;
        trace.send({ seq, ack: 1, length: 1000 });
      }
      trace.read();
      trace.drain();
      trace.after(20);
    }
    trace.send({ seq, ack: 1, length: 1000 });
    trace.read();
    assert.ok(trace.after(40).expect({ ack: seq + 1000 }).window * 128 > 256 * 1024);
  });
});

describe('timestamps and PAWS (RFC 7323)', () => {
  it('echoes the timestamp of the segment at the left edge', () => {
    const trace = established({ timestamps: true });
    trace.send({ seq: NEXT, ack: 1, length: 500, options: { timestamps: [600_000, 0] } });
    trace.send({ seq: NEXT + 500, ack: 1, length: 500, options: { timestamps: [600_007, 0] } });
    trace.expect({ ack: NEXT + 1000, options: { timestamps: [undefined, 600_000] } });
  });

  it('does not take the timestamp of a segment after a gap', () => {
    const trace = established({ timestamps: true });
    trace.send({ seq: NEXT + 500, ack: 1, length: 500, options: { timestamps: [600_000, 0] } });
    trace.expect({ ack: NEXT, options: { timestamps: [undefined, 500_000] } });
  });

  it('drops a segment with an older timestamp and answers with ACK', () => {
    const trace = established({ timestamps: true });
    assert.equal(trace.send({ seq: NEXT, ack: 1, length: 5, options: { timestamps: [499_999, 0] } }), 'tcp-paws');
    trace.expect({ ack: NEXT });
    assert.equal(trace.connection.readableBytes, 0);
  });

  it('takes an older timestamp after 24 idle days', () => {
    const trace = established({ timestamps: true });
    trace.after(25 * 24 * 3600 * 1000);
    assert.equal(trace.send({ seq: NEXT, ack: 1, length: 5, options: { timestamps: [499_999, 0] } }), undefined);
  });

  it('drops a segment without the option once it was negotiated', () => {
    const trace = established({ timestamps: true });
    const bare = { ...trace.setup, timestamps: false };
    Object.assign(trace.setup, bare);
    assert.equal(trace.send({ seq: NEXT, ack: 1, length: 5 }), 'tcp-paws');
  });

  it('lets a RST pass without the option', () => {
    const trace = established({ timestamps: true });
    Object.assign(trace.setup, { timestamps: false });
    trace.send({ flags: 'R', seq: NEXT });
    assert.deepEqual(trace.events(), ['failed reset']);
  });

  it('counts milliseconds in its own timestamps', () => {
    const trace = established({ timestamps: true });
    trace.write(10);
    const first = trace.expect({ length: 10 }).options.timestamps?.[0] ?? 0;
    trace.after(25).write(10);
    assert.equal((trace.expect({ length: 10 }).options.timestamps?.[0] ?? 0) - first, 25);
  });
});
