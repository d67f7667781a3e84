import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ipAddress, type parseIpAddress } from '../../base/index.ts';
import { naiveSum } from '../../testing/naive-packets.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { listening } from '../../testing/tcp-states.ts';
import { OURS, type TcpTrace, THEIRS } from '../../testing/tcp-trace.ts';
import { LEFT, RIGHT, TwoHosts } from '../../testing/two-hosts.ts';
import { Netstack } from './index.ts';

function receive(trace: TcpTrace, packet: Uint8Array): string | undefined {
  const reason = trace.stack.receivePacket(packet, 0, packet.length, trace.nowMs);
  return reason;
}

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

  it('binds port 0 to a free ephemeral port, another one each time', () => {
    const left = host([LEFT]);
    const ports = Array.from({ length: 100 }, () => left.bindUdp(0).local.port);
    assert.equal(new Set(ports).size, ports.length);
    assert.ok(ports.every((port) => port >= 16_384 && port <= 65_535));
    assert.throws(() => host([]).bindUdp(0), /no own address/);
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
