import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { established, HANDSHAKE_RTT_MS, QUICK_BYTES } from '../../../testing/tcp-states.ts';
import type { TcpTrace, TraceSetup } from '../../../testing/tcp-trace.ts';

const NEXT = 1 + QUICK_BYTES;
const MSS = 1000;

/** Established with MSS 1000, `count` segments written and sent. Segment i is at 1 + 1000 i. */
function inFlight(count: number, setup: TraceSetup = {}): TcpTrace {
  // The MSS option does not count the twelve bytes of timestamps (RFC 6691).
  const trace = established({ peerMss: setup.timestamps ? MSS + 12 : MSS, ...setup });
  trace.write(count * MSS);
  for (let i = 0; i < count; i++) trace.expect({ seq: 1 + i * MSS, length: MSS });
  return trace;
}

/** Sequence number where segment `i` begins. */
const at = (i: number) => 1 + i * MSS;

describe('retransmission timeout (RFC 6298)', () => {
  it('keeps 200 ms between SRTT and RTO', () => {
    const trace = established();
    assert.equal(trace.connection.statistics().rtoMs, HANDSHAKE_RTT_MS + 200);
  });

  it('probes the tail, then times out, then backs off', () => {
    const trace = inFlight(1);
    const probe = trace.nextWithin(1000);
    assert.equal(probe.seen.seq, 1);
    assert.equal(probe.waitedMs, 2 * HANDSHAKE_RTT_MS + 60);
    const first = trace.nextWithin(1000);
    assert.deepEqual([first.seen.seq, first.waitedMs], [1, 220]);
    assert.equal(trace.nextWithin(1000).waitedMs, 440);
    assert.equal(trace.nextWithin(1000).waitedMs, 880);
    assert.equal(trace.connection.statistics().cwndBytes, MSS);
  });

  it('restarts the timer when new data is acknowledged', () => {
    const trace = inFlight(4, { sack: false });
    trace.after(200).send({ seq: NEXT, ack: at(1) });
    trace.after(219).expectNothing();
  });

  it('takes no RTT sample from a retransmitted segment without timestamps (Karn)', () => {
    const trace = inFlight(1, { sack: false });
    trace.nextWithin(1000);
    trace.after(150).send({ seq: NEXT, ack: at(1) });
    assert.equal(trace.connection.statistics().srttMs, HANDSHAKE_RTT_MS);
  });

  it('takes one from the echoed timestamp', () => {
    const trace = inFlight(1, { timestamps: true });
    trace.nextWithin(1000);
    trace.nextWithin(1000);
    trace.after(100).send({ seq: NEXT, ack: at(1) });
    const { srttMs = 0 } = trace.connection.statistics();
    assert.equal(srttMs, HANDSHAKE_RTT_MS + (100 - HANDSHAKE_RTT_MS) / 8);
  });

  it('fails with timeout and RST when nothing is acknowledged for two minutes', () => {
    const trace = inFlight(1);
    for (let i = 0; i < 20 && trace.counter('connections') > 0; i++) trace.nextWithin(70_000);
    assert.deepEqual(trace.events(), ['failed timeout']);
    assert.equal(trace.counter('timers'), 0);
    assert.equal(trace.counter('memoryUsedBytes'), 0);
  });

  it('forgets SACKed bytes that a peer reneged on (RFC 2018 section 8)', () => {
    const trace = inFlight(3);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(0), at(3)]] } });
    const { seen } = trace.nextWithin(1000);
    assert.equal(seen.seq, 1);
  });
});

describe('loss detection by RACK (RFC 8985) and recovery by PRR (RFC 6937)', () => {
  it('retransmits the first segment when three after it are SACKed', () => {
    const trace = inFlight(6);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(4)]] } });
    trace.expect({ seq: at(0), length: MSS });
    assert.equal(trace.connection.statistics().retransmissions, 1);
  });

  it('waits a quarter of the RTT when fewer are SACKed: it may be reordering', () => {
    const trace = inFlight(6);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(2)]] } });
    trace.expectNothing();
    const { seen, waitedMs } = trace.nextWithin(100);
    assert.deepEqual([seen.seq, waitedMs], [at(0), 5]);
  });

  it('retransmits nothing when the late segment arrives within that time', () => {
    const trace = inFlight(6);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(2)]] } });
    trace.after(3).send({ seq: NEXT, ack: at(2) });
    trace.after(10).expectNothing();
    assert.equal(trace.connection.statistics().retransmissions, 0);
  });

  it('reduces the window by CUBIC’s factor once for all losses of a window', () => {
    const trace = inFlight(10);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(3), at(10)]] } });
    const sent = trace.drain().map((segment) => segment.seq);
    assert.deepEqual(sent, [at(0), at(1), at(2)]);
    trace.after(20).send({ seq: NEXT, ack: at(10) });
    assert.equal(trace.connection.statistics().ssthreshBytes, 7 * MSS);
    assert.ok(trace.connection.statistics().cwndBytes <= 7 * MSS);
  });

  it('retransmits a lost retransmission again', () => {
    const trace = inFlight(8);
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(5)]] } });
    trace.expect({ seq: at(0), length: MSS });
    trace.write(3 * MSS);
    trace.drain();
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(8)]] } });
    trace.drain();
    trace.after(20).send({ seq: NEXT, ack: 1, options: { sack: [[at(1), at(11)]] } });
    const again = trace.nextWithin(100).seen;
    assert.equal(again.seq, at(0));
  });

  it('repairs without SACK after three duplicates, hole by hole (RFC 6582)', () => {
    const trace = inFlight(6, { sack: false });
    for (let i = 0; i < 2; i++) trace.send({ seq: NEXT, ack: 1 });
    trace.expectNothing();
    trace.send({ seq: NEXT, ack: 1 });
    trace.expect({ seq: at(0), length: MSS });
    trace.after(20).send({ seq: NEXT, ack: at(3) });
    trace.expect({ seq: at(3), length: MSS });
    trace.send({ seq: NEXT, ack: at(6) });
    trace.expectNothing();
  });

  it('ignores SACK blocks of what was never sent or is acknowledged', () => {
    const trace = inFlight(4);
    for (const sack of [
      [at(4), at(9)],
      [at(9), at(4)],
      [-5000, at(2)],
    ] as const)
      trace.send({ seq: NEXT, ack: 1, options: { sack: [sack] } });
    trace.expectNothing();
    assert.equal(trace.connection.statistics().bytesInFlight, 4 * MSS);
  });

  it('tolerates D-SACK and sends nothing for it', () => {
    const trace = inFlight(2);
    trace.after(20).send({ seq: NEXT, ack: at(2) });
    trace.send({ seq: NEXT, ack: at(2), options: { sack: [[at(0), at(1)]] } });
    trace.expectNothing();
  });
});

describe('tail loss probe (RFC 8985 section 7)', () => {
  it('sends new data when there is some, else the last segment', () => {
    const trace = inFlight(10);
    trace.write(MSS);
    trace.expectNothing();
    const { seen } = trace.nextWithin(100);
    assert.equal(seen.seq, at(10), 'the window is full but a probe may exceed it');
  });

  it('repairs a lost tail without a timeout', () => {
    const trace = inFlight(4);
    trace.after(20).send({ seq: NEXT, ack: at(2) });
    const probe = trace.nextWithin(200);
    assert.equal(probe.seen.seq, at(3));
    trace.after(20).send({ seq: NEXT, ack: at(2), options: { sack: [[at(3), at(4)]] } });
    assert.equal(trace.nextWithin(30).seen.seq, at(2));
    trace.after(20).send({ seq: NEXT, ack: at(4) });
    assert.equal(trace.connection.statistics().timeouts, 0);
  });
});

describe('needless recoveries (Eifel: RFC 3522, RFC 4015)', () => {
  it('restores the window when the original arrives after a timeout', () => {
    const trace = inFlight(5, { timestamps: true });
    const original = trace.lastTsVal;
    const before = trace.connection.statistics().cwndBytes;
    trace.nextWithin(1000);
    trace.nextWithin(1000);
    assert.equal(trace.connection.statistics().cwndBytes, MSS);
    trace.send({ seq: NEXT, ack: 1 + MSS, options: { timestamps: [trace.peerTsVal, original] } });
    assert.ok(trace.connection.statistics().cwndBytes >= before);
    assert.equal(trace.connection.statistics().spuriousRecoveries, 1);
    trace.expectNothing();
  });

  it('does not when the echo is of the retransmission', () => {
    const trace = inFlight(5, { timestamps: true });
    trace.nextWithin(1000);
    trace.nextWithin(1000);
    trace.after(20).send({ seq: NEXT, ack: 1 + MSS });
    assert.equal(trace.connection.statistics().spuriousRecoveries, 0);
  });
});
