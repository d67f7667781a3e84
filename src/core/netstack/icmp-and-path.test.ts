import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { naiveSum, writeIpv4 } from '../../testing/naive-packets.ts';
import { established, listening, QUICK_BYTES, synSent } from '../../testing/tcp-states.ts';
import { OURS, type TcpTrace, THEIRS } from '../../testing/tcp-trace.ts';
import { TwoHosts } from '../../testing/two-hosts.ts';

const NEXT = 1 + QUICK_BYTES;
const ICMP_BYTES = 8;

/** An ICMPv4 message to us, with the right checksum. */
function icmp(type: number, code: number, rest: number, body: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + ICMP_BYTES + body.length);
  const view = new DataView(packet.buffer);
  packet.set(body, 20 + ICMP_BYTES);
  view.setUint8(20, type);
  view.setUint8(21, code);
  view.setUint32(24, rest);
  view.setUint16(22, ~naiveSum(packet.subarray(20)) & 0xffff);
  writeIpv4(view, packet.length, THEIRS, OURS, 1);
  return packet;
}

/** The beginning of a segment of ours, as an ICMP error quotes it. */
function quoted(trace: TcpTrace, seq: number): Uint8Array {
  const packet = new Uint8Array(28);
  const view = new DataView(packet.buffer);
  writeIpv4(view, 1500, OURS, THEIRS, 6);
  view.setUint16(20, trace.ourPort);
  view.setUint16(22, 5000);
  view.setInt32(24, (trace.ourIss ?? 0) + seq);
  return packet;
}

function receive(trace: TcpTrace, packet: Uint8Array): string | undefined {
  const reason = trace.stack.receivePacket(packet, 0, packet.length, trace.nowMs);
  return reason;
}

function failures(trace: TcpTrace): string[] {
  const out: string[] = [];
  for (let event = trace.stack.nextEvent(); event; event = trace.stack.nextEvent())
    if (event.kind === 'failed') out.push(event.reason);
  return out;
}

describe('ICMP errors (RFC 5927, RFC 1122 section 4.2.3.9)', () => {
  for (const [name, code, reason] of [
    ['host unreachable', 1, 'unreachable'],
    ['port unreachable', 3, 'refused'],
  ] as const)
    it(`${name} ends an attempt to connect`, () => {
      const trace = synSent();
      receive(trace, icmp(3, code, 0, quoted(trace, 0)));
      assert.deepEqual(failures(trace), [reason]);
    });

  it('never end an open connection', () => {
    const trace = established();
    trace.write(100);
    trace.drain();
    receive(trace, icmp(3, 1, 0, quoted(trace, 1)));
    assert.deepEqual(failures(trace), []);
    assert.equal(trace.connection.statistics().softErrors, 1);
  });

  it('are ignored when they quote what is not in flight', () => {
    const trace = synSent();
    assert.equal(receive(trace, icmp(3, 1, 0, quoted(trace, 5))), 'icmp-unrelated');
    assert.equal(receive(trace, icmp(3, 1, 0, new Uint8Array(28))), 'icmp-unrelated');
    assert.equal(receive(trace, icmp(3, 1, 0, new Uint8Array(5))), 'icmp-unrelated');
    assert.deepEqual(failures(trace), []);
  });
});

describe('packet too big (RFC 1191)', () => {
  it('cuts what is in flight anew and sends it again at once', () => {
    const trace = established({ peerMss: 1460 });
    trace.write(1460);
    trace.expect({ seq: 1, length: 1460 });
    assert.equal(receive(trace, icmp(3, 4, 1000, quoted(trace, 1))), undefined);
    trace.expect({ seq: 1, length: 960 });
    trace.expect({ seq: 961, length: 500 });
    trace.expectNothing();
    assert.equal(trace.connection.statistics().cwndBytes, 14_600, 'no sign of congestion');
    trace.after(20).send({ seq: NEXT, ack: 1461 });
    trace.write(960);
    trace.expect({ length: 960 });
  });

  it('is not believed below the floor, for what is not in flight, or when it grows', () => {
    const trace = established({ peerMss: 1460 });
    assert.equal(receive(trace, icmp(3, 4, 1000, quoted(trace, 1))), 'icmp-unrelated');
    trace.write(1460);
    trace.drain();
    assert.equal(receive(trace, icmp(3, 4, 9000, quoted(trace, 1))), 'icmp-unrelated');
    receive(trace, icmp(3, 4, 68, quoted(trace, 1)));
    assert.equal(trace.connection.statistics().mssBytes, 536);
  });
});

describe('another MTU of the same path', () => {
  it('is used at once where it is larger, and RTT and window stay', () => {
    const trace = established({ peerMss: 1460 });
    trace.stack.mtuChanged(THEIRS, 1040, trace.nowMs);
    const before = trace.connection.statistics();
    assert.equal(before.mssBytes, 1000);
    trace.stack.mtuChanged(THEIRS, 1240, trace.nowMs);
    const after = trace.connection.statistics();
    assert.deepEqual({ ...after, mssBytes: 0 }, { ...before, mssBytes: 0 });
    trace.write(1200);
    trace.expect({ seq: 1, length: 1200 });
  });

  it('sends again, cut anew, what was too large for it', () => {
    const trace = established({ peerMss: 1460 });
    trace.write(1460);
    trace.expect({ seq: 1, length: 1460 });
    trace.stack.mtuChanged(THEIRS, 1000, trace.nowMs);
    trace.expect({ seq: 1, length: 960 });
    trace.expect({ seq: 961, length: 500 });
    assert.equal(trace.connection.statistics().cwndBytes, 14_600, 'no sign of congestion');
  });
});

describe('a change of path', () => {
  it('sends the oldest segment at once, forgets RTT and back-off, and cuts to the new MTU', () => {
    const trace = established({ peerMss: 1460 });
    trace.write(3000);
    trace.drain();
    for (let i = 0; i < 5; i++) trace.nextWithin(10_000);
    assert.ok(trace.connection.statistics().rtoMs > 2000);
    trace.drain();
    trace.stack.pathChanged(THEIRS, 1040, trace.nowMs);
    trace.expect({ seq: 1, length: 1000 });
    const { srttMs, rtoMs, mssBytes } = trace.connection.statistics();
    assert.deepEqual([srttMs, rtoMs, mssBytes], [undefined, 1000, 1000]);
  });

  it('sends the oldest segment at once even where more was in flight than a new window holds', () => {
    const trace = established({ peerMss: 1460 });
    // Grow the window, then fill it.
    let acked = 1;
    for (let round = 0; round < 4; round++) {
      trace.write(40 * 1460);
      trace.drain();
      acked = 1 + trace.connection.statistics().bytesAcknowledged + trace.connection.statistics().bytesInFlight;
      trace.after(20).send({ seq: NEXT, ack: acked });
    }
    trace.write(100 * 1460);
    trace.drain();
    const inFlight = trace.connection.statistics().bytesInFlight;
    assert.ok(inFlight > 20 * 1460, `${inFlight} bytes in flight`);
    trace.stack.pathChanged(THEIRS, 1040, trace.nowMs);
    trace.expect({ seq: acked, length: 1000 });
    trace.expect({ seq: acked + 1000, length: 460 });
  });

  it('acknowledges again what was received lately, and only that', () => {
    const trace = established({ peerMss: 1460 });
    trace.send({ seq: NEXT, ack: 1, length: 100 });
    trace.drain();
    trace.stack.pathChanged(THEIRS, undefined, trace.nowMs);
    trace.expect({ seq: 1, ack: NEXT + 100, length: 0 });
    trace.expectNothing();
    trace.after(6_000);
    trace.stack.pathChanged(THEIRS, undefined, trace.nowMs);
    trace.expectNothing();
  });

  it('leaves connections to others alone', () => {
    const trace = established({ peerMss: 1460 });
    trace.stack.pathChanged(OURS, 1000, trace.nowMs);
    assert.equal(trace.connection.statistics().mssBytes, 1460);
    trace.stack.pathChanged(undefined, 1000, trace.nowMs);
    assert.equal(trace.connection.statistics().mssBytes, 960);
  });

  it('is remembered for connections that are opened later, but the MSS offered stays what we can take', () => {
    const trace = listening({ peerMss: 1460 });
    trace.stack.pathChanged(THEIRS, 1040, trace.nowMs);
    trace.send({ flags: 'S', seq: 0 });
    const connection = trace.attempt?.accept(trace.nowMs);
    trace.expect({ flags: 'SA', options: { mss: 1460 } });
    assert.equal(connection?.statistics().mssBytes, 1000);
  });

  it('repeats a SYN at once', () => {
    const trace = synSent();
    trace.stack.pathChanged(undefined, undefined, trace.nowMs);
    trace.expect({ flags: 'S', seq: 0 });
  });

  it('lets a stream live on when the old path was dead for seconds', () => {
    const hosts = new TwoHosts(5, { forward: { delayMs: 10 } });
    const end = hosts.open(20_000_000);
    hosts.network.run(100);
    const { forward, backward } = hosts.network;
    forward.conditions = { loss: 1 };
    backward.conditions = { loss: 1 };
    hosts.network.run(5000);
    forward.conditions = { delayMs: 25, mtu: 1300 };
    backward.conditions = { delayMs: 25, mtu: 1300 };
    const readBefore = hosts.rightEnds[0]?.read ?? 0;
    for (const stack of [hosts.left, hosts.right]) stack.pathChanged(undefined, 1300, hosts.clock.nowMs());
    const tookMs = hosts.network.run(1000, () => (hosts.rightEnds[0]?.read ?? 0) > readBefore);
    // One and a half round trips: the acknowledgements in flight were lost too, so the oldest segment may be a duplicate.
    assert.ok(tookMs <= 80, `the stream moved after ${tookMs} ms`);
    hosts.network.run(60_000, () => end.end !== undefined);
    assert.equal(end.end, 'closed');
    assert.equal(hosts.rightEnds[0]?.read, 20_000_000);
    assert.equal(hosts.rightEnds[0]?.isCorrupt, false);
  });
});
