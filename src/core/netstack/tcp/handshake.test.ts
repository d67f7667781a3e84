import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { established, listening, synReceived, synSent } from '../../../testing/tcp-states.ts';
import { PEER_PORT, TcpTrace, THEIRS } from '../../../testing/tcp-trace.ts';

describe('opening actively (RFC 9293 section 3.5, figure 6)', () => {
  it('sends SYN with MSS, SACK-permitted, timestamps and window scale, aligned and in the customary order', () => {
    const trace = new TcpTrace();
    trace.connection = trace.stack.connectTcp({ to: THEIRS, port: PEER_PORT, nowMs: trace.nowMs });
    const syn = trace.expect({ flags: 'S', seq: 0, options: { mss: 1460, windowShift: 7, sackPermitted: true } });
    assert.deepEqual([...syn.optionBytes.subarray(0, 8)], [2, 4, 0x05, 0xb4, 4, 2, 8, 10]);
    assert.deepEqual([...syn.optionBytes.subarray(16)], [1, 3, 3, 7]);
    assert.deepEqual([...syn.optionBytes.subarray(12, 16)], [0, 0, 0, 0], 'TSecr of a SYN is zero (RFC 7323 3.2)');
  });

  it('completes with ACK after SYN-ACK and says connected', () => {
    const trace = synSent();
    trace.after(30).send({ flags: 'SA', seq: 0, ack: 1 });
    trace.expect({ seq: 1, ack: 1 });
    assert.deepEqual(trace.events(), ['connected']);
    assert.equal(trace.connection.statistics().srttMs, 30);
  });

  it('sends data written before the handshake with its first segments', () => {
    const trace = synSent();
    trace.write(10);
    trace.expectNothing();
    trace.send({ flags: 'SA', seq: 0, ack: 1 });
    trace.expect({ flags: 'PA', seq: 1, ack: 1, length: 10 });
  });

  it('repeats the SYN after 1, 2 and 4 seconds (RFC 6298 section 2.1 and 5.5)', () => {
    const trace = synSent();
    for (const waitMs of [1000, 2000, 4000]) {
      trace.after(waitMs - 1).expectNothing();
      trace.after(1).expect({ flags: 'S', seq: 0 });
    }
  });

  it('fails with timeout when nobody answers', () => {
    const trace = synSent();
    trace.after(30_000).next();
    assert.deepEqual(trace.events(), ['failed timeout']);
    assert.equal(trace.counter('connections'), 0);
    assert.equal(trace.stack.nextDeadlineMs(), undefined);
  });

  it('fails with refused on RST that acknowledges the SYN', () => {
    const trace = synSent();
    trace.send({ flags: 'RA', seq: 0, ack: 1 });
    assert.deepEqual(trace.events(), ['failed refused']);
  });

  for (const [name, segment, reason] of [
    ['RST without ACK', { flags: 'R', seq: 0 }, 'tcp-unproven-reset'],
    ['RST that acknowledges something else', { flags: 'RA', seq: 0, ack: 7 }, 'tcp-bad-ack'],
    ['SYN-ACK that acknowledges something else', { flags: 'SA', seq: 0, ack: 2 }, 'tcp-bad-ack'],
    ['ACK without SYN', { flags: 'A', seq: 0, ack: 1 }, 'tcp-bad-flags'],
  ] as const)
    it(`ignores ${name} (section 3.10.7.3)`, () => {
      const trace = synSent();
      assert.equal(trace.send(segment), reason);
      assert.deepEqual(trace.events(), []);
      assert.equal(trace.connection.state, 'synSent');
    });

  it('opens simultaneously (figure 7)', () => {
    const trace = synSent();
    trace.send({ flags: 'S', seq: 0 });
    trace.expect({ flags: 'SA', seq: 0, ack: 1 });
    trace.send({ flags: 'A', seq: 1, ack: 1 });
    assert.deepEqual(trace.events(), ['connected']);
    trace.write(5);
    trace.expect({ seq: 1, ack: 1, length: 5 });
  });

  it('takes text and FIN on the SYN-ACK', () => {
    const trace = synSent();
    trace.send({ flags: 'SFA', seq: 0, ack: 1 });
    assert.equal(trace.connection.state, 'synSent', 'SYN with FIN is nobody honest');
    trace.send({ flags: 'SA', seq: 0, ack: 1 });
    trace.expect({ seq: 1, ack: 1 });
  });

  it('gives up its timer guess when the SYN was lost (RFC 6298 section 5.7)', () => {
    const trace = synSent({ timestamps: false });
    trace.after(1000).expect({ flags: 'S' });
    trace.send({ flags: 'SA', seq: 0, ack: 1 });
    assert.equal(trace.connection.statistics().rtoMs, 3000);
  });
});

describe('opening passively (RFC 9293 section 3.10.7.2)', () => {
  it('does not answer SYN before the program does, and absorbs repeated SYNs', () => {
    const trace = listening();
    assert.equal(trace.send({ flags: 'S', seq: 0 }), undefined);
    trace.expectNothing();
    assert.equal(trace.after(1000).send({ flags: 'S', seq: 0 }), 'tcp-attempt-pending');
    assert.equal(trace.after(2000).send({ flags: 'S', seq: 0 }), 'tcp-attempt-pending');
    trace.expectNothing();
    assert.deepEqual(trace.events(), ['accept']);
  });

  it('echoes only the options that the peer sent', () => {
    const trace = listening({ sack: false, timestamps: false });
    trace.send({ flags: 'S', seq: 0, options: { mss: 1000 } });
    trace.attempt?.accept(trace.nowMs);
    const answer = trace.expect({ flags: 'SA', seq: 0, ack: 1, options: { mss: 1460 } });
    assert.equal(answer.optionBytes.length, 4);
  });

  it('echoes the TSval of the SYN', () => {
    const trace = listening({ timestamps: true, peerShift: 3 });
    trace.send({ flags: 'S', seq: 0, options: { timestamps: [4711, 0] } });
    trace.attempt?.accept(trace.nowMs);
    trace.expect({ flags: 'SA', options: { timestamps: [undefined, 4711], windowShift: 7, sackPermitted: true } });
  });

  it('answers RST when the program refuses', () => {
    const trace = listening();
    trace.send({ flags: 'S', seq: 0 });
    trace.attempt?.refuse();
    trace.ourIss = 0;
    trace.expect({ flags: 'RA', seq: 0, ack: 1 });
    assert.equal(trace.attempt?.accept(trace.nowMs), undefined);
    assert.equal(trace.counter('attempts'), 0);
  });

  it('withdraws the attempt when the peer resets it', () => {
    const trace = listening();
    trace.send({ flags: 'S', seq: 0 });
    trace.events();
    trace.send({ flags: 'R', seq: 1 });
    assert.deepEqual(trace.events(), ['withdrawn']);
    assert.equal(trace.attempt?.isOpen, false);
  });

  it('forgets an attempt that is not answered for a minute', () => {
    const trace = listening();
    trace.send({ flags: 'S', seq: 0 });
    assert.equal(trace.untilDeadline(), 60_000);
    trace.expectNothing();
    assert.deepEqual(trace.events(), ['accept', 'withdrawn']);
    assert.equal(trace.stack.nextDeadlineMs(), undefined);
  });

  it('refuses a port without a listener with RST', () => {
    const trace = new TcpTrace();
    trace.ourIss = 0;
    assert.equal(trace.send({ flags: 'S', seq: 0 }), 'tcp-no-connection');
    trace.expect({ flags: 'RA', seq: 0, ack: 1 });
    trace.send({ flags: 'A', seq: 5, ack: 9 });
    trace.expect({ flags: 'R', seq: 9 });
    trace.send({ flags: 'R', seq: 5 });
    trace.expectNothing();
  });

  it('limits attempts and half-open connections by the backlog', () => {
    const trace = new TcpTrace();
    trace.stack.listenTcp(80, { backlog: 1 });
    trace.send({ flags: 'S', seq: 0 });
    const other = trace.build({ flags: 'S', seq: 0 });
    rewrite(other, 20, 99, [36]);
    assert.equal(trace.stack.receivePacket(other, 0, other.length, trace.nowMs), 'tcp-backlog-full');
    trace.attempt?.accept(trace.nowMs);
    assert.equal(trace.stack.receivePacket(other, 0, other.length, trace.nowMs), 'tcp-backlog-full');
    trace.next();
    trace.send({ seq: 1, ack: 1 });
    assert.equal(trace.stack.receivePacket(other, 0, other.length, trace.nowMs), undefined);
  });

  it('leaves a place for others where one source floods with attempts or half-open connections', () => {
    const trace = new TcpTrace();
    trace.stack.listenTcp(80, { backlog: 64 });
    const syn = (source: number, port: number) => {
      const packet = trace.build({ flags: 'S', seq: 0 });
      rewrite(packet, 20, PEER_PORT + port, [36]);
      rewrite(packet, 14, 0x0200 + source, [10, 36]);
      return trace.stack.receivePacket(packet, 0, packet.length, trace.nowMs);
    };
    for (let port = 0; port < 64; port++) assert.equal(syn(9, port), port < 32 ? undefined : 'tcp-backlog-share');
    for (let event = trace.stack.nextEvent(); event; event = trace.stack.nextEvent())
      if (event.kind === 'accept') event.attempt.accept(trace.nowMs);
    assert.equal(syn(9, 99), 'tcp-backlog-share');
    assert.equal(trace.counter('drop.tcp-backlog-share'), 33);
    assert.equal(syn(10, 0), undefined);
  });

  it('repeats the SYN-ACK on its timer and when the SYN comes again', () => {
    const trace = synReceived();
    trace.after(1000).expect({ flags: 'SA', seq: 0, ack: 1 });
    trace.send({ flags: 'S', seq: 0 });
    trace.expect({ flags: 'SA', seq: 0, ack: 1 });
  });

  it('fails when the third packet never comes', () => {
    const trace = synReceived();
    trace.after(20_000).next();
    assert.deepEqual(trace.events(), ['failed timeout']);
  });

  it('drops an acknowledgment of something never sent', () => {
    const trace = synReceived();
    assert.equal(trace.send({ seq: 1, ack: 5 }), 'tcp-bad-ack');
    assert.equal(trace.connection.state, 'synReceived');
  });

  it('takes text with the third packet', () => {
    const trace = synReceived();
    trace.send({ seq: 1, ack: 1, length: 100 });
    assert.deepEqual(trace.events(), ['connected', 'readable']);
    assert.equal(trace.read(), 100);
    trace.expect({ seq: 1, ack: 101 });
  });

  it('uses the default MSS when the peer offers none (section 3.7.1)', () => {
    const trace = established();
    assert.equal(trace.connection.statistics().mssBytes, 536);
  });

  it('keeps listeners of one port and for all ports apart', () => {
    const trace = new TcpTrace();
    const all = trace.stack.listenAllTcp();
    trace.stack.listenTcp(80);
    assert.throws(() => trace.stack.listenTcp(80), /has a listener already/);
    all.close();
    trace.send({ flags: 'S', seq: 0 });
    assert.deepEqual(trace.events(), ['accept']);
  });
});

/** Recomputes the TCP checksum of a packet that was changed at byte 21: the difference of one word. */
/** Changes two bytes of a packet and the checksums that cover them (RFC 1624). */
function rewrite(packet: Uint8Array, at: number, value: number, checksumsAt: readonly number[]): void {
  const view = new DataView(packet.buffer);
  const before = view.getUint16(at);
  view.setUint16(at, value);
  for (const checksumAt of checksumsAt) {
    let sum = (~view.getUint16(checksumAt) & 0xffff) + (~before & 0xffff) + value;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(checksumAt, ~sum & 0xffff);
  }
}
