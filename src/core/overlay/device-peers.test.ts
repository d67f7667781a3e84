/** A PoP's overlay node and a plain WireGuard host, which pass datagrams to one another under a virtual clock. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DatagramBatch, type IpAddress, ipAddress, parseEndpoint, parseIpAddress } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { Netstack, type NetstackEvent } from '../netstack/index.ts';
import { DATA_HEADER_BYTES, type WireguardCrypto, WireguardDevice } from '../wireguard/index.ts';
import {
  DEVICE_ADDRESSES,
  deviceAddress,
  deviceIndex,
  isBehindDevice,
  POP_DEVICE_ADDRESS,
} from './device-addresses.ts';
import { OverlayNode } from './overlay-node.ts';

const MTU = 1420;
const OWN_V6 = address('fd6d:616e:6973::1');

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

/** A machine with `wg` and a network behind it: what its kernel would do, done by our own parts. */
class PlainHost {
  readonly endpoint;
  readonly device: WireguardDevice;
  readonly stack: Netstack;
  readonly events: NetstackEvent[] = [];
  readonly pop;
  readonly own: IpAddress;

  constructor(random: SeededRandom, popKey: Uint8Array, own: IpAddress, behind: readonly IpAddress[], at: string) {
    this.endpoint = parseEndpoint(at) ?? assert.fail(at);
    this.own = own;
    this.device = newDevice(random);
    this.stack = new Netstack({ addresses: [own, ...behind], mtu: MTU, random, nowMs: 0 });
    this.stack.listenAllTcp();
    const endpoint = parseEndpoint('192.0.2.1:51820') ?? assert.fail();
    this.pop = this.device.addPeer({ publicKey: popKey, endpoint, persistentKeepaliveMs: 25_000 });
  }
}

function newDevice(random: SeededRandom): WireguardDevice {
  return new WireguardDevice({ privateKey: random.bytes(32), crypto, random, unixOffsetMs: 1_700_000_000_000 });
}

class DeviceWorld {
  nowMs = 1_000;
  readonly random = new SeededRandom(7);
  readonly hosts: PlainHost[] = [];
  readonly node: OverlayNode;
  readonly device: WireguardDevice;
  readonly events: NetstackEvent[] = [];
  isCut = false;
  readonly #batch = new DatagramBatch(65_536, 64);

  constructor() {
    this.device = newDevice(this.random);
    const { random } = this;
    const netstack = new Netstack({ addresses: [OWN_V6, POP_DEVICE_ADDRESS], mtu: MTU, random, nowMs: 0 });
    netstack.listenAllTcp();
    this.node = new OverlayNode({ device: this.device, netstack, address: OWN_V6, role: 'pop', mtu: MTU });
  }

  add(id: string, behind: readonly string[]): PlainHost {
    const own = deviceAddress(this.hosts.length);
    const places = behind.map(address);
    const host = new PlainHost(this.random, this.device.publicKey, own, places, `192.0.2.${10 + this.hosts.length}:1`);
    this.hosts.push(host);
    this.node.devices.add({ id, publicKey: host.device.publicKey, addresses: [own, ...places] });
    return host;
  }

  run(forMs: number, stepMs = 5): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; this.nowMs += stepMs) this.#step();
  }

  #step(): void {
    const batch = this.#batch;
    this.node.poll(batch, this.nowMs);
    this.#deliver(batch, (bytes, i) => {
      const to = this.hosts.find(({ endpoint }) => endpoint.address.text === batch.endpointOf(i).address.text);
      if (to) this.#hostReceives(to, bytes);
    });
    for (const host of this.hosts) {
      host.device.poll(batch, this.nowMs);
      while (host.device.nextEvent());
      while (batch.hasRoomFor(2_000)) {
        const length = host.stack.poll(batch.slab, batch.tail + DATA_HEADER_BYTES, this.nowMs);
        if (length === 0) break;
        host.device.sealInto(host.pop, batch, length, this.nowMs);
      }
      this.#deliver(batch, (bytes) =>
        this.node.receive(bytes, 0, bytes.length, bytes.length, host.endpoint, this.nowMs),
      );
      take(host.stack, host.events);
    }
    take(this.node.netstack, this.events);
  }

  #deliver(batch: DatagramBatch, give: (bytes: Uint8Array, index: number) => void): void {
    for (let i = 0; i < batch.count; i++) if (!this.isCut) give(batch.bytesOf(i).slice(), i);
    batch.clear();
  }

  #hostReceives(host: PlainHost, bytes: Uint8Array): void {
    const from = parseEndpoint('192.0.2.1:51820') ?? assert.fail();
    const received = host.device.receiveDatagram(bytes, 0, bytes.length, from, this.nowMs);
    if (received.kind === 'packet') host.stack.receivePacket(bytes, received.offset, received.length, this.nowMs);
  }

  state(id: string): string {
    return this.node.devices.state(id, this.nowMs);
  }

  drops(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.node.counters()).filter(([, count]) => count > 0));
  }
}

function take(stack: { nextEvent(): NetstackEvent | undefined }, events: NetstackEvent[]): void {
  for (let event = stack.nextEvent(); event; event = stack.nextEvent()) {
    events.push(event);
    if (event.kind === 'accept') event.attempt.accept(0);
  }
}

/** What a host received: by which of its addresses it was reached, from whom, and how many bytes. */
function arrivals(host: PlainHost): string[] {
  return host.events.flatMap((event) => {
    if (event.kind !== 'accept') return [];
    const { local, remote } = event.attempt;
    return `${remote.address.text} -> ${local.address.text}:${local.port}`;
  });
}

function connect(world: DeviceWorld, id: string, to: string, port = 80) {
  const name = world.node.devices.nameOf(id, to);
  assert.ok(name, `${id} leads to ${to}`);
  return world.node.netstack.connectTcp({ to: name, port, nowMs: world.nowMs });
}

test('a device that is up leads to what is behind it, by the addresses of its site', () => {
  const world = new DeviceWorld();
  const host = world.add('one', ['192.168.1.10']);
  assert.equal(world.state('one'), 'down');
  host.device.startHandshake(host.pop, world.nowMs);
  world.run(100);
  assert.equal(world.state('one'), 'up');
  const stream = connect(world, 'one', '192.168.1.10', 8080);
  stream.write(new Uint8Array(1000));
  world.run(200);
  assert.deepEqual(arrivals(host), ['100.96.0.1 -> 192.168.1.10:8080']);
  assert.ok(world.events.some((event) => event.kind === 'connected' && event.connection === stream));
  assert.ok(host.events.some((event) => event.kind === 'readable'));
  assert.equal(world.node.devices.nameOf('one', '192.168.1.11'), undefined, 'nowhere else');
  assert.deepEqual(world.drops(), {});
});

test('two sites with the same addresses are told apart', () => {
  const world = new DeviceWorld();
  const hosts = ['one', 'two'].map((id) => world.add(id, ['192.168.1.10']));
  for (const { device, pop } of hosts) device.startHandshake(pop, world.nowMs);
  world.run(100);
  const streams = ['one', 'two'].map((id, i) => connect(world, id, '192.168.1.10', 81 + i));
  world.run(200);
  assert.deepEqual(hosts.map(arrivals), [['100.96.0.1 -> 192.168.1.10:81'], ['100.96.0.1 -> 192.168.1.10:82']]);
  const connected = world.events.flatMap((event) => (event.kind === 'connected' ? [event.connection] : []));
  assert.deepEqual(new Set(connected), new Set(streams));
});

test('a device sends from its own address and those of its site alone, to the PoP alone', () => {
  const world = new DeviceWorld();
  const host = world.add('one', ['192.168.1.10']);
  world.add('two', ['192.168.2.20']);
  const strange = new Netstack({ addresses: [address('192.168.2.20')], mtu: MTU, random: world.random, nowMs: 0 });
  const table: [send: (from: Netstack) => void, from: Netstack, drop: string | undefined][] = [
    [(from) => from.sendEcho(POP_DEVICE_ADDRESS, 1, 1, new Uint8Array(8)), host.stack, undefined],
    [(from) => from.sendEcho(POP_DEVICE_ADDRESS, 1, 1, new Uint8Array(8)), strange, 'source-not-allowed'],
    [(from) => from.sendEcho(deviceAddress(1), 1, 1, new Uint8Array(8)), host.stack, 'not-for-us'],
    [
      (from) => from.bindUdp(9).send(Uint8Array.of(1), { address: POP_DEVICE_ADDRESS, port: 9 }),
      host.stack,
      'not-for-devices',
    ],
    [
      (from) => from.bindUdp(9).send(Uint8Array.of(1), { address: ipAddress(POP_DEVICE_ADDRESS.bytes), port: 1 }),
      strange,
      'not-for-devices',
    ],
  ];
  host.device.startHandshake(host.pop, world.nowMs);
  world.run(100);
  const batch = new DatagramBatch(4_000, 4);
  for (const [i, [send, from, drop]] of table.entries()) {
    const before: Record<string, number> = world.drops();
    send(from);
    const length = from.poll(batch.slab, batch.tail + DATA_HEADER_BYTES, world.nowMs);
    assert.ok(length > 0);
    host.device.sealInto(host.pop, batch, length, world.nowMs);
    const bytes = batch.bytesOf(0).slice();
    world.node.receive(bytes, 0, bytes.length, bytes.length, host.endpoint, world.nowMs);
    batch.clear();
    const after = world.drops();
    const added = Object.keys(after).filter((reason) => after[reason] !== before[reason]);
    assert.deepEqual(added, drop === undefined ? [] : [drop], `row ${i}`);
  }
  world.run(100);
  assert.ok(host.events.some((event) => event.kind === 'echoReply' && event.from.text === POP_DEVICE_ADDRESS.text));
});

test('addresses that a device may not use any more are cut, the others stay', () => {
  const world = new DeviceWorld();
  const host = world.add('one', ['192.168.1.10', '192.168.1.11']);
  host.device.startHandshake(host.pop, world.nowMs);
  world.run(100);
  const kept = world.node.devices.nameOf('one', '192.168.1.11')?.text;
  connect(world, 'one', '192.168.1.10');
  world.node.devices.setAddresses('one', [host.own, address('192.168.1.11'), address('192.168.1.12')]);
  world.run(100);
  assert.deepEqual(arrivals(host), []);
  assert.equal(world.drops()['no-route'], 1);
  assert.equal(world.node.devices.nameOf('one', '192.168.1.10'), undefined);
  assert.equal(world.node.devices.nameOf('one', '192.168.1.11')?.text, kept);
  assert.ok(world.node.devices.nameOf('one', '192.168.1.12'));
  world.node.devices.remove('one');
  assert.equal(world.state('one'), 'down');
  assert.deepEqual(world.node.devices.status(world.nowMs), []);
});

test('a device that answers nothing is suspect after 15 s and down after 30 s, and up again when it is heard', () => {
  const world = new DeviceWorld();
  const host = world.add('one', ['192.168.1.10']);
  host.device.startHandshake(host.pop, world.nowMs);
  world.run(100);
  // Quiet for long: its keepalives renew the handshake, and nothing of ours is unanswered.
  world.run(400_000);
  assert.equal(world.state('one'), 'up');
  world.isCut = true;
  connect(world, 'one', '192.168.1.10');
  const states: string[] = [];
  for (let i = 0; i < 32; i++) {
    world.run(1_000);
    if (states.at(-1) !== world.state('one')) states.push(world.state('one'));
  }
  assert.deepEqual(states, ['up', 'suspect', 'down']);
  world.isCut = false;
  world.run(60_000);
  assert.equal(world.state('one'), 'up');
});

test('a handshake of before is none for a device that was removed and added again', () => {
  const world = new DeviceWorld();
  const host = world.add('one', []);
  const batch = new DatagramBatch(4_000, 4);
  host.device.startHandshake(host.pop, world.nowMs);
  host.device.poll(batch, world.nowMs);
  const old = batch.bytesOf(0).slice();
  world.node.receive(old.slice(), 0, old.length, old.length, host.endpoint, world.nowMs);
  const answers = () => {
    batch.clear();
    world.node.poll(batch, world.nowMs);
    return batch.count;
  };
  assert.equal(answers(), 1);
  world.node.devices.remove('one');
  world.node.devices.add({ id: 'one', publicKey: host.device.publicKey, addresses: [host.own] });
  world.nowMs += 60_000;
  world.node.receive(old.slice(), 0, old.length, old.length, host.endpoint, world.nowMs);
  assert.equal(answers(), 0);
});

test('a handshake older than 180 s makes it down', () => {
  const world = new DeviceWorld();
  const host = world.add('one', []);
  host.device.startHandshake(host.pop, world.nowMs);
  world.run(100);
  world.isCut = true;
  world.nowMs += 181_000;
  assert.equal(world.state('one'), 'down');
});

test('a device that is called where it was is up, and stays up though it says nothing but keepalives', () => {
  const world = new DeviceWorld();
  const host = world.add('one', []);
  world.node.devices.call('nobody', host.endpoint, world.nowMs);
  world.node.devices.call('one', host.endpoint, world.nowMs);
  world.run(100);
  assert.equal(world.state('one'), 'up');
  const [called] = world.node.devices.status(world.nowMs);
  // Its keepalives come at 35 s, 60 s, ..., 160 s, 185 s: none shortly before its session ends.
  world.run(24_900);
  host.stack.sendEcho(POP_DEVICE_ADDRESS, 1, 1, new Uint8Array(8));
  for (let i = 0; i < 400; i++) {
    world.run(1_000, 50);
    assert.equal(world.state('one'), 'up', `after ${i} s`);
  }
  world.node.devices.call('one', parseEndpoint('192.0.2.99:9') ?? assert.fail(), world.nowMs);
  const [now] = world.node.devices.status(world.nowMs);
  assert.deepEqual(now?.endpoint, host.endpoint, 'one that is here is not called elsewhere');
  assert.ok((now?.lastHandshakeMs ?? 0) > (called?.lastHandshakeMs ?? Number.POSITIVE_INFINITY));
});

test('addresses are numbered, and what can be behind a device is one host of another network', () => {
  for (const [index, text] of [
    [0, '100.96.1.0'],
    [255, '100.96.1.255'],
    [256, '100.96.2.0'],
    [DEVICE_ADDRESSES - 1, '100.96.255.255'],
  ] as const) {
    assert.equal(deviceAddress(index).text, text);
    assert.equal(deviceIndex(address(text)), index);
  }
  assert.throws(() => deviceAddress(DEVICE_ADDRESSES), RangeError);
  assert.equal(deviceIndex(POP_DEVICE_ADDRESS), undefined);
  assert.equal(deviceIndex(address('10.0.0.1')), undefined);
  const behind: [string, boolean][] = [
    ['192.168.1.10', true],
    ['10.0.0.1', true],
    ['100.96.1.0', true],
    ['8.8.8.8', true],
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['100.96.0.1', false],
    ['fd00::1', false],
  ];
  for (const [text, can] of behind) assert.equal(isBehindDevice(address(text)), can, text);
});
