import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ipAddress, type parseIpAddress } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { established, listening, QUICK_BYTES, synSent } from '../../testing/tcp-states.ts';
import { naiveSum, OURS, type TcpTrace, THEIRS, writeIpv4 } from '../../testing/tcp-trace.ts';
import { LEFT, RIGHT, TwoHosts } from '../../testing/two-hosts.ts';
import { Netstack } from './index.ts';

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

  it('leaves connections to others alone', () => {
    const trace = established({ peerMss: 1460 });
    trace.stack.pathChanged(OURS, 1000, trace.nowMs);
    assert.equal(trace.connection.statistics().mssBytes, 1460);
    trace.stack.pathChanged(undefined, 1000, trace.nowMs);
    assert.equal(trace.connection.statistics().mssBytes, 960);
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

describe('echo', () => {
  for (const version of [4, 6] as const)
    it(`is answered over IPv${version}, and the answer becomes an event`, () => {
      const [from, to] = version === 4 ? [OURS, THEIRS] : [LEFT, RIGHT];
      const left = host([from]);
      const right = host([to]);
      assert.equal(left.sendEcho(to, 7, 3, Uint8Array.of(1, 2, 3)), true);
      exchange(left, right);
      exchange(right, left);
      const event = left.nextEvent();
      assert.ok(event?.kind === 'echoReply');
      assert.deepEqual([event.from.text, event.identifier, event.sequence], [to.text, 7, 3]);
      assert.deepEqual([...event.payload], [1, 2, 3]);
    });
});

describe('UDP', () => {
  for (const version of [4, 6] as const)
    it(`carries datagrams over IPv${version}`, () => {
      const [from, to] = version === 4 ? [OURS, THEIRS] : [LEFT, RIGHT];
      const left = host([from]);
      const right = host([to]);
      const receiver = right.bindUdp(53);
      const sender = left.bindUdp(1234);
      assert.equal(sender.send(Uint8Array.of(9, 8, 7), { address: to, port: 53 }), true);
      exchange(left, right);
      assert.deepEqual(right.nextEvent(), { kind: 'datagram', socket: receiver });
      const datagram = receiver.receive();
      assert.deepEqual([...(datagram?.payload ?? [])], [9, 8, 7]);
      assert.deepEqual(datagram?.from, { address: ipAddress(from.bytes), port: 1234 });
      assert.equal(receiver.receive(), undefined);
    });

  it('answers a closed port with ICMP, at a limited rate', () => {
    const left = host([LEFT]);
    const right = host([RIGHT]);
    const sender = left.bindUdp(1234);
    for (let i = 0; i < 300; i++) sender.send(Uint8Array.of(1), { address: RIGHT, port: 9 });
    exchange(left, right);
    assert.equal(right.counters()['drop.udp-no-socket'], 300);
    assert.equal(right.counters()['icmpErrorsSent'], 100);
  });

  it('bounds what waits in a socket', () => {
    const left = host([LEFT]);
    const right = host([RIGHT]);
    right.bindUdp(53);
    const sender = left.bindUdp(1);
    for (let i = 0; i < 600; i++) sender.send(Uint8Array.of(1), { address: RIGHT, port: 53 });
    exchange(left, right);
    assert.equal(right.counters()['drop.udp-queue-full'], 600 - 512);
  });

  it('refuses what does not fit a packet, a foreign family and a port that is taken', () => {
    const left = host([LEFT]);
    const socket = left.bindUdp(1);
    assert.equal(socket.send(new Uint8Array(1420 - 48 + 1), { address: RIGHT, port: 1 }), false);
    assert.equal(socket.send(new Uint8Array(1420 - 48), { address: RIGHT, port: 1 }), true);
    assert.equal(socket.send(new Uint8Array(1), { address: OURS, port: 1 }), false);
    assert.throws(() => left.bindUdp(1), /bound already/);
    socket.close();
    left.bindUdp(1);
  });
});

describe('IP (RFC 791, RFC 8200)', () => {
  const cases: readonly (readonly [string, string, (packet: Uint8Array, view: DataView) => Uint8Array | undefined])[] =
    [
      ['a cut packet', 'truncated', (packet) => packet.subarray(0, 30)],
      ['nothing', 'truncated', (packet) => packet.subarray(0, 0)],
      ['another version', 'bad-version', (packet) => set(packet, 0, 0x55)],
      ['options', 'ipv4-options', (packet) => set(packet, 0, 0x46)],
      ['a header that is too short', 'ipv4-bad-header', (packet) => set(packet, 0, 0x44)],
      ['a wrong header checksum', 'ipv4-bad-checksum', (packet) => set(packet, 8, 1)],
      ['a fragment', 'ipv4-fragment', (packet, view) => rewritten(packet, () => view.setUint16(6, 0x2000))],
      [
        'an address that is not ours',
        'not-for-us',
        (packet) => rewritten(packet, () => packet.set([9, 9, 9, 9], 16), true),
      ],
      ['a multicast source', 'bad-source', (packet) => rewritten(packet, () => packet.set([224, 0, 0, 1], 12), true)],
      ['an unknown protocol', 'unknown-protocol', (packet) => rewritten(packet, () => set(packet, 9, 99))],
      ['a wrong TCP checksum', 'tcp-bad-checksum', (packet) => set(packet, 36, (packet[36] ?? 0) ^ 1)],
    ];
  for (const [name, reason, change] of cases)
    it(`drops ${name}: ${reason}`, () => {
      const trace = listening();
      const packet = trace.build({ flags: 'S', seq: 0 });
      const changed = change(packet, new DataView(packet.buffer)) ?? packet;
      assert.equal(receive(trace, changed), reason);
      assert.equal(trace.counter(`drop.${reason}`), 1);
    });

  for (const [nextHeader, reason] of [
    [0, 'ipv6-extension-header'],
    [43, 'ipv6-extension-header'],
    [44, 'ipv6-fragment'],
    [60, 'ipv6-extension-header'],
    [59, 'unknown-protocol'],
  ] as const)
    it(`drops IPv6 with next header ${nextHeader}: ${reason}`, () => {
      const stack = host([RIGHT]);
      const packet = new Uint8Array(48);
      packet[0] = 0x60;
      packet[5] = 8;
      packet[6] = nextHeader;
      packet.set(LEFT.bytes, 8);
      packet.set(RIGHT.bytes, 24);
      assert.equal(stack.receivePacket(packet, 0, packet.length, 0), reason);
    });

  it('takes packets anywhere in a larger buffer and ignores padding', () => {
    const trace = listening();
    const packet = trace.build({ flags: 'S', seq: 0 });
    const buffer = new Uint8Array(200);
    buffer.set(packet, 33);
    const part = buffer.subarray(10, 150);
    assert.equal(trace.stack.receivePacket(part, 23, packet.length + 5, trace.nowMs), undefined);
  });
});

describe('connections of one stack', () => {
  it('share the wire in turn', () => {
    const hosts = new TwoHosts(9, { forward: { delayMs: 5, bitsPerSecond: 20e6, queueBytes: 60_000 } });
    for (let i = 0; i < 4; i++) hosts.open(100_000_000);
    hosts.network.run(20_000);
    const read = hosts.rightEnds.map((end) => end.read).sort((a, b) => a - b);
    assert.equal(read.length, 4);
    assert.ok((read[0] ?? 0) * 3 > (read[3] ?? 0), `shares ${read.join(', ')}`);
  });

  it('cost nothing to look for deadlines when thousands are idle', () => {
    const hosts = new TwoHosts(10);
    for (let i = 0; i < 1000; i++) hosts.open(0);
    hosts.network.run(1);
    for (let i = 0; i < 1000; i++) hosts.open(0);
    for (const end of hosts.leftEnds) end.connection.setKeepAlive({ idleMs: 1e6, intervalMs: 1000, probes: 3 });
    hosts.network.run(50);
    assert.equal(hosts.rightEnds.length, 2000);
    assert.equal(new Set(hosts.leftEnds.map((end) => end.connection.local.port)).size, 2000, 'ports differ');
  });

  it('throws when a program asks for the impossible', () => {
    const stack = host([LEFT]);
    assert.throws(() => stack.connectTcp({ to: OURS, port: 1, nowMs: 0 }), /no own address/);
    assert.throws(() => stack.lastDestination(), /not written a packet/);
    const full = new Netstack({
      addresses: [LEFT],
      mtu: 1420,
      random: new SeededRandom(1),
      nowMs: 0,
      limits: { maxConnections: 0 },
    });
    assert.throws(() => full.connectTcp({ to: RIGHT, port: 1, nowMs: 0 }), /too many/);
  });
});

function host(addresses: readonly NonNullable<ReturnType<typeof parseIpAddress>>[]): Netstack {
  return new Netstack({ addresses, mtu: 1420, random: new SeededRandom(1), nowMs: 0 });
}

function exchange(from: Netstack, to: Netstack): void {
  const room = new Uint8Array(2000);
  for (let length = from.poll(room, 3, 0); length > 0; length = from.poll(room, 3, 0))
    to.receivePacket(room, 3, length, 0);
}

function set(packet: Uint8Array, at: number, value: number): Uint8Array {
  packet[at] = value;
  return packet;
}

/** Changes the IP header and makes its checksum right again; `withPorts` also that of TCP, which covers addresses. */
function rewritten(packet: Uint8Array, change: () => unknown, withPorts = false): Uint8Array {
  const view = new DataView(packet.buffer);
  const before = naiveSum(packet.subarray(12, 20));
  change();
  view.setUint16(10, 0);
  view.setUint16(10, ~naiveSum(packet.subarray(0, 20)) & 0xffff);
  if (!withPorts) return packet;
  const sum = (~view.getUint16(36) & 0xffff) + 0xffff - before + naiveSum(packet.subarray(12, 20));
  const folded = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(36, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff);
  return packet;
}
