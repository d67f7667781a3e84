import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { established, QUICK_BYTES } from '../../../testing/tcp-states.ts';

const NEXT = 1 + QUICK_BYTES;
const MSS = 1000;

/** Sequence number where segment `i` begins. */
const at = (i: number) => 1 + i * MSS;

describe('sending window', () => {
  it('begins with ten segments (RFC 6928) and doubles in slow start', () => {
    const trace = established({ peerMss: MSS, peerWindow: 65_535 });
    trace.write(60 * MSS);
    assert.equal(trace.drain().length, 10);
    trace.after(20).send({ seq: NEXT, ack: at(10) });
    assert.equal(trace.drain().length, 20);
  });

  it('does not grow while the program sends less than the window', () => {
    const trace = established({ peerMss: MSS });
    for (let i = 0; i < 20; i++) {
      trace.write(MSS);
      trace.expect({ seq: at(i), length: MSS });
      trace.after(20).send({ seq: NEXT, ack: at(i + 1) });
    }
    assert.equal(trace.connection.statistics().cwndBytes, 10 * MSS);
  });

  it('decays after idling (RFC 5681 section 4.1)', () => {
    const trace = established({ peerMss: MSS });
    trace.write(20 * MSS);
    trace.drain();
    trace.after(20).send({ seq: NEXT, ack: at(10) });
    trace.drain();
    trace.after(20).send({ seq: NEXT, ack: at(20) });
    assert.ok(trace.connection.statistics().cwndBytes > 15 * MSS);
    trace.after(60_000).write(30 * MSS);
    assert.equal(trace.drain().length, 10);
  });

  it('never sends more than the peer’s window', () => {
    const trace = established({ peerMss: MSS, peerWindow: 2500 });
    trace.write(5 * MSS);
    trace.expect({ seq: at(0), length: MSS });
    trace.expect({ seq: at(1), length: MSS });
    trace.expectNothing();
  });

  it('probes a shut window with back-off and goes on when it opens (section 3.8.6.1)', () => {
    const trace = established({ peerMss: MSS });
    trace.send({ seq: NEXT, ack: 1, window: 0 });
    trace.write(MSS);
    trace.expectNothing();
    for (const waitMs of [220, 440, 880]) {
      const probe = trace.nextWithin(5000);
      assert.deepEqual([probe.seen.seq, probe.seen.length, probe.waitedMs], [0, 0, waitMs]);
      trace.send({ seq: NEXT, ack: 1, window: 0 });
    }
    trace.send({ seq: NEXT, ack: 1, window: 5000 });
    trace.expect({ seq: 1, length: MSS });
  });

  it('keeps probing for hours while the peer answers, and fails when it stops', () => {
    const trace = established({ peerMss: MSS });
    trace.send({ seq: NEXT, ack: 1, window: 0 });
    trace.write(MSS);
    for (let i = 0; i < 60; i++) {
      trace.nextWithin(61_000);
      trace.send({ seq: NEXT, ack: 1, window: 0 });
    }
    assert.equal(trace.connection.state, 'established');
    for (let i = 0; i < 5 && trace.counter('connections') > 0; i++) {
      const next = trace.stack.nextDeadlineMs();
      if (next !== undefined) trace.nowMs = Math.max(trace.nowMs, next);
      trace.next();
    }
    assert.deepEqual(trace.events(), ['failed timeout']);
  });

  it('does not send a sliver when the window opens a little (section 3.8.6.2.1)', () => {
    const trace = established({ peerMss: MSS });
    trace.send({ seq: NEXT, ack: 1, window: 0 });
    trace.write(2 * MSS);
    trace.expectNothing();
    trace.send({ seq: NEXT, ack: 1, window: 100 });
    trace.expectNothing();
    assert.equal(trace.nextWithin(1000).seen.length, 100, 'but does when the timer fires');
  });

  it('sends small segments at once, or holds them back when asked to (Nagle)', () => {
    const trace = established({ peerMss: MSS });
    trace.write(10);
    trace.expect({ flags: 'PA', seq: 1, length: 10 });
    trace.write(10);
    trace.expect({ seq: 11, length: 10 });
    trace.connection.setNoDelay(false);
    trace.write(10);
    trace.write(10);
    trace.expectNothing();
    trace.after(20).send({ seq: NEXT, ack: 21 });
    trace.expect({ seq: 21, length: 20 });
  });

  it('says writable when a good part of a full buffer is free again', () => {
    const trace = established({ peerMss: MSS, limits: { sendBufferBytes: 10_000 } });
    assert.equal(trace.write(12_000), 10_000);
    assert.equal(trace.connection.sendSpaceBytes, 0);
    trace.drain();
    trace.after(20).send({ seq: NEXT, ack: at(1) });
    assert.deepEqual(trace.events(), []);
    trace.send({ seq: NEXT, ack: at(3) });
    assert.deepEqual(trace.events(), ['writable']);
    assert.equal(trace.connection.sendSpaceBytes, 3000);
  });
});

describe('keep-alive (RFC 9293 section 3.8.4)', () => {
  it('probes an idle peer and fails when it does not answer', () => {
    const trace = established();
    trace.connection.setKeepAlive({ idleMs: 5000, intervalMs: 1000, probes: 2 });
    const probe = trace.nextWithin(10_000);
    assert.deepEqual([probe.seen.seq, probe.seen.length, probe.waitedMs], [0, 0, 5000]);
    assert.equal(trace.nextWithin(10_000).waitedMs, 1000);
    assert.equal(trace.nextWithin(10_000).seen.flags, 'RA');
    assert.deepEqual(trace.events(), ['failed timeout']);
  });

  it('asks at once where it is told to', () => {
    const trace = established();
    trace.stack.askAfter(trace.connection.remote.address);
    trace.expect({ seq: 0, length: 0 });
    trace.expectNothing();
    trace.send({ seq: NEXT, ack: 1 });
    assert.deepEqual(trace.events(), [], 'whoever knows of it answers');
    trace.stack.askAfter(trace.connection.remote.address);
    trace.expect({ seq: 0, length: 0 });
    trace.send({ flags: 'R', seq: NEXT });
    assert.deepEqual(trace.events(), ['failed reset'], 'whoever does not resets it');
  });

  it('does not ask where an answer is owed, nor of others', () => {
    const trace = established();
    trace.stack.askAfter(trace.connection.local.address);
    trace.expectNothing();
    trace.write(100);
    trace.expect({ seq: 1, length: 100 });
    trace.stack.askAfter(trace.connection.remote.address);
    trace.expectNothing();
  });

  it('begins anew when the peer answers', () => {
    const trace = established();
    trace.connection.setKeepAlive({ idleMs: 5000, intervalMs: 1000, probes: 1 });
    trace.nextWithin(10_000);
    trace.send({ seq: NEXT, ack: 1 });
    assert.equal(trace.nextWithin(10_000).waitedMs, 5000);
  });
});
