import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  listening,
  QUICK_BYTES,
  timeWait,
} from '../../../testing/tcp-states.ts';

/** Next sequence number of the peer in `established()`. */
const NEXT = 1 + QUICK_BYTES;

describe('sequence numbers (RFC 9293 section 3.10.7.4, first step)', () => {
  it('takes text that begins before the window and goes on into it', () => {
    const trace = established();
    trace.send({ seq: NEXT, ack: 1, length: 10 });
    trace.send({ seq: NEXT + 5, ack: 1, length: 10 });
    assert.equal(trace.read(), 15);
  });

  it('answers text that it has already with ACK and tells the duplicate by D-SACK (RFC 2883)', () => {
    const trace = established();
    assert.equal(trace.send({ seq: 1, ack: 1, length: 4 }), 'tcp-out-of-window');
    trace.expect({ seq: 1, ack: NEXT, options: { sack: [[1, 5]] } });
    trace.expectNothing();
  });

  it('drops text beyond the window and answers with ACK', () => {
    const trace = established();
    assert.equal(trace.send({ seq: NEXT + 1_000_000, ack: 1, length: 4 }), 'tcp-out-of-window');
    trace.expect({ seq: 1, ack: NEXT });
  });

  it('cuts text at the end of the window', () => {
    const trace = established({ quick: true, limits: { receiveBufferBytes: 1000 } });
    trace.send({ seq: 1, ack: 1, length: 1400 });
    assert.equal(trace.connection.readableBytes, 1000);
    trace.expect({ seq: 1, ack: 1001, window: 0 });
  });

  it('works across the wrap of sequence numbers', () => {
    const trace = established({ peerIss: -QUICK_BYTES - 6 });
    trace.send({ seq: NEXT + 5, ack: 1, length: 10 });
    trace.expect({ ack: NEXT, options: { sack: [[NEXT + 5, NEXT + 15]] } });
    trace.send({ seq: NEXT, ack: 1, length: 5 });
    trace.expect({ ack: NEXT + 15 });
    assert.equal(trace.read(), 15);
  });
});

describe('RST (RFC 5961 section 3, RFC 9293 second step)', () => {
  it('resets at exactly the next sequence number', () => {
    const trace = established();
    trace.send({ flags: 'R', seq: NEXT });
    assert.deepEqual(trace.events(), ['failed reset']);
    assert.equal(trace.counter('connections'), 0);
    assert.equal(trace.stack.nextDeadlineMs(), undefined);
  });

  it('challenges a RST elsewhere in the window, at most once per interval', () => {
    const trace = established();
    assert.equal(trace.send({ flags: 'R', seq: NEXT + 1 }), 'tcp-unproven-reset');
    trace.expect({ seq: 1, ack: NEXT });
    assert.equal(trace.send({ flags: 'R', seq: NEXT + 2 }), 'tcp-unproven-reset');
    trace.expectNothing();
    trace.after(250).send({ flags: 'R', seq: NEXT + 3 });
    trace.expect({ seq: 1, ack: NEXT });
    assert.deepEqual(trace.events(), []);
  });

  it('drops a RST outside the window silently', () => {
    const trace = established();
    trace.send({ flags: 'R', seq: NEXT - 1 });
    trace.send({ flags: 'R', seq: NEXT + 10_000_000 });
    trace.expectNothing();
    assert.equal(trace.connection.state, 'established');
  });

  it('leaves received bytes readable after a reset', () => {
    const trace = established();
    trace.send({ seq: NEXT, ack: 1, length: 10 });
    trace.send({ flags: 'R', seq: NEXT + 10 });
    assert.equal(trace.read(), 10);
  });
});

describe('SYN in a synchronized connection (RFC 5961 section 4)', () => {
  for (const seq of [0, NEXT, NEXT + 100])
    it(`is challenged at ${seq} and changes nothing`, () => {
      const trace = established();
      trace.send({ flags: 'S', seq });
      trace.expect({ seq: 1, ack: NEXT });
      assert.equal(trace.connection.state, 'established');
    });
});

describe('ACK (RFC 9293 fifth step, RFC 5961 section 5)', () => {
  it('drops a segment that acknowledges what was never sent, and says where it stands', () => {
    const trace = established();
    assert.equal(trace.send({ seq: NEXT, ack: 2, length: 5 }), 'tcp-bad-ack');
    trace.expect({ seq: 1, ack: NEXT });
    assert.equal(trace.connection.readableBytes, 0);
  });

  it('drops one that is older than any window', () => {
    const trace = established();
    assert.equal(trace.send({ seq: NEXT, ack: 1 - 100_000, length: 5 }), 'tcp-bad-ack');
  });

  it('takes the text of one that is only a little old', () => {
    const trace = established();
    trace.write(100);
    trace.expect({ length: 100 });
    trace.send({ seq: NEXT, ack: 101 });
    trace.send({ seq: NEXT, ack: 50, length: 5 });
    assert.equal(trace.read(), 5);
  });

  it('drops segments without ACK', () => {
    const trace = established();
    assert.equal(trace.send({ flags: 'P', seq: NEXT, length: 3 }), 'tcp-bad-flags');
  });

  for (const flags of ['SF', 'SR', 'SFR'])
    it(`drops the impossible flags ${flags}`, () => {
      assert.equal(established().send({ flags, seq: NEXT }), 'tcp-bad-flags');
    });
});

describe('closing (RFC 9293 section 3.6)', () => {
  it('closes from our side: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT', () => {
    const trace = finWait1();
    trace.send({ seq: 1, ack: 2 });
    assert.equal(trace.connection.state, 'finWait2');
    trace.send({ flags: 'FA', seq: 1, ack: 2 });
    trace.expect({ seq: 2, ack: 2 });
    assert.deepEqual(trace.events(), ['peerFinished', 'closed']);
    assert.equal(trace.counter('timeWait'), 1);
    trace.after(10_000).expectNothing();
    assert.equal(trace.counter('connections'), 0);
    assert.equal(trace.counter('timers'), 0);
  });

  it('closes from the other side: CLOSE-WAIT, LAST-ACK, gone', () => {
    const trace = closeWait();
    trace.write(10);
    trace.expect({ seq: 1, ack: 2, length: 10 });
    trace.connection.finish();
    trace.expect({ flags: 'FA', seq: 11, ack: 2 });
    trace.send({ seq: 2, ack: 12 });
    assert.deepEqual(trace.events(), ['closed']);
    assert.equal(trace.counter('connections'), 0);
    assert.equal(trace.stack.nextDeadlineMs(), undefined);
  });

  it('closes from both sides at once: CLOSING, TIME-WAIT', () => {
    const trace = closing();
    trace.send({ seq: 2, ack: 2 });
    assert.equal(trace.connection.state, 'timeWait');
    assert.deepEqual(trace.events(), ['closed']);
  });

  it('goes to TIME-WAIT at once when FIN and ACK of ours come together', () => {
    const trace = finWait1();
    trace.send({ flags: 'FA', seq: 1, ack: 2 });
    assert.equal(trace.connection.state, 'timeWait');
  });

  it('sends FIN with the last bytes', () => {
    const trace = established();
    trace.write(600);
    trace.connection.finish();
    trace.expect({ seq: 1, length: 536 });
    trace.expect({ flags: 'FA', seq: 537, length: 64 });
    assert.equal(trace.write(5), 0);
  });

  it('repeats a lost FIN', () => {
    const trace = lastAck();
    const { seen } = trace.nextWithin(2000);
    assert.deepEqual([seen.flags, seen.seq], ['FPA', 1]);
  });

  it('takes text in FIN-WAIT-2 and none after the FIN', () => {
    const trace = finWait2();
    trace.send({ seq: 1, ack: 2, length: 100 });
    assert.equal(trace.read(), 100);
    trace.drain();
    trace.send({ flags: 'FA', seq: 101, ack: 2 });
    assert.equal(trace.connection.state, 'timeWait');
    assert.notEqual(trace.send({ seq: 102, ack: 2, length: 10 }), undefined);
    assert.equal(trace.connection.readableBytes, 0);
  });

  it('waits with a FIN that came before missing text', () => {
    const trace = established();
    trace.send({ flags: 'FA', seq: NEXT + 10, ack: 1, length: 5 });
    assert.equal(trace.connection.state, 'established');
    trace.expect({ ack: NEXT, options: { sack: [[NEXT + 10, NEXT + 15]] } });
    trace.send({ seq: NEXT, ack: 1, length: 10 });
    trace.expect({ ack: NEXT + 16 });
    assert.equal(trace.connection.state, 'closeWait');
    assert.equal(trace.read(), 15);
    assert.deepEqual(trace.events(), ['readable', 'peerFinished']);
  });

  it('acknowledges a repeated FIN in TIME-WAIT and begins the wait anew', () => {
    const trace = timeWait();
    trace.after(6000).send({ flags: 'FA', seq: 1, ack: 2 });
    trace.expect({ seq: 2, ack: 2 });
    trace.after(9000).expectNothing();
    assert.equal(trace.counter('connections'), 1);
    trace.after(1000).expectNothing();
    assert.equal(trace.counter('connections'), 0);
  });

  it('is not killed in TIME-WAIT by RST (RFC 1337)', () => {
    const trace = timeWait();
    trace.send({ flags: 'R', seq: 2 });
    assert.equal(trace.counter('timeWait'), 1);
  });

  it('lets a newer SYN take the place of TIME-WAIT, and no older one (RFC 6191)', () => {
    const trace = timeWait();
    trace.stack.listenTcp(80);
    trace.send({ flags: 'S', seq: 1 });
    assert.equal(trace.counter('timeWait'), 1);
    assert.equal(trace.send({ flags: 'S', seq: 100_000 }), undefined);
    assert.deepEqual(trace.events(), ['accept']);
  });

  it('probes a peer that never finishes and gives up when it is gone', () => {
    const trace = finWait2();
    trace.nextWithin(60_000);
    assert.equal(trace.connection.state, 'finWait2');
    for (let i = 1; i < 4; i++) trace.nextWithin(15_000);
    trace.ourIss ??= 0;
    assert.equal(trace.nextWithin(15_000).seen.flags, 'RA');
    assert.deepEqual(trace.events(), ['failed timeout']);
  });

  it('aborts with RST and without an event', () => {
    const trace = established();
    trace.write(100);
    trace.connection.abort();
    trace.expect({ flags: 'RA', seq: 1, ack: NEXT });
    trace.expectNothing();
    assert.deepEqual(trace.events(), []);
    assert.equal(trace.counter('memoryUsedBytes'), 0);
    assert.equal(trace.counter('timers'), 0);
  });

  it('finishes an attempt to connect that is aborted, without a word', () => {
    const trace = listening();
    trace.send({ flags: 'S', seq: 0 });
    trace.attempt?.accept(trace.nowMs)?.abort();
    assert.equal(trace.counter('connections'), 0);
  });
});
