import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { OverlayWorld, type WorldNode } from '../../testing/overlay-world.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { PeerHandle, WireguardCrypto } from '../wireguard/index.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

/** A PoP and a connector that dials it, up. */
function pair(seed = 1): { world: OverlayWorld; pop: WorldNode; connector: WorldNode } {
  const world = new OverlayWorld(crypto, new SeededRandom(seed));
  const pop = world.add('pop');
  const connector = world.add('connector');
  pop.knows(connector, false);
  connector.knows(pop, true);
  return { world, pop, connector };
}

/** Writes `total` bytes to a new stream from one node to another and runs until they are there. */
function transfer(world: OverlayWorld, from: WorldNode, to: WorldNode, total: number, forMs: number): number {
  const connection = from.overlay.netstack.connectTcp({ to: to.address, port: 80, nowMs: world.nowMs });
  let left = total;
  const before = to.accepted.length;
  for (let step = 0; step < forMs / 10; step++) {
    while (left > 0) {
      const taken = connection.write(new Uint8Array(Math.min(left, 65_536)));
      left -= taken;
      if (taken === 0) break;
    }
    world.run(10);
    const accepted = to.accepted[before];
    if (accepted && to.received.get(accepted) === total) break;
  }
  const accepted = to.accepted[before];
  return accepted ? (to.received.get(accepted) ?? 0) : 0;
}

test('a tunnel that is dialled comes up within two round trips and both ends know', () => {
  const { world, pop, connector } = pair();
  world.run(60);
  assert.equal(connector.overlay.stateTo(pop.address.text), 'up');
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
});

test('a handshake of before is a replay to a peer that was removed and added again, and moves no path', () => {
  const { world, pop, connector } = pair();
  const initiations: Uint8Array[] = [];
  world.passes = (from, _to, bytes) => {
    if (from === connector.name && bytes[0] === 1) initiations.push(Uint8Array.from(bytes));
    return true;
  };
  world.run(100);
  pop.overlay.removePeer(connector.name, world.nowMs);
  pop.knows(connector, false);
  const [captured] = initiations;
  assert.ok(captured);
  const elsewhere = { ...connector.endpoint, port: 9 };
  pop.overlay.receive(captured, 0, captured.length, captured.length, elsewhere, world.nowMs);
  assert.equal(pop.device.counters()['replayed-initiation'], 1);
  assert.equal(pop.overlay.status(world.nowMs)[0]?.endpoint, undefined);
  connector.device.startHandshake(connector.device.peerByPublicKey(pop.publicKey) as PeerHandle, world.nowMs);
  world.run(6_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
});

test('streams cross the tunnel both ways, with loss on the wire', () => {
  const { world, pop, connector } = pair(2);
  world.run(100);
  world.passes = () => !world.random.chance(0.02);
  assert.equal(transfer(world, pop, connector, 300_000, 60_000), 300_000);
  assert.equal(transfer(world, connector, pop, 300_000, 60_000), 300_000);
});

test('a tunnel that goes silent under load is suspect within 1.2 s, and the stream goes on when it is back', () => {
  const { world, pop, connector } = pair(3);
  world.run(1_000);
  const stream = pop.overlay.netstack.connectTcp({ to: connector.address, port: 80, nowMs: world.nowMs });
  for (let i = 0; i < 50; i++) {
    stream.write(new Uint8Array(1000));
    world.run(20);
  }
  world.passes = () => false;
  const cutAtMs = world.nowMs;
  for (let i = 0; i < 200; i++) {
    stream.write(new Uint8Array(100));
    world.run(20);
  }
  const suspect = pop.tunnelEvents.find((event) => event.atMs >= cutAtMs && event.state === 'suspect');
  assert.ok(suspect && suspect.atMs - cutAtMs <= 1_200, `suspect after ${suspect && suspect.atMs - cutAtMs} ms`);
  world.passes = () => true;
  world.run(4_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
  const accepted = connector.accepted[0];
  assert.equal(accepted && connector.received.get(accepted), 50 * 1000 + 200 * 100);
});

test('a PoP that is killed and started again has its tunnel back within 6 s, without a hand on the connector', () => {
  const { world, pop, connector } = pair(4);
  world.run(1_000);
  pop.isDead = true;
  world.run(20_000);
  assert.equal(connector.overlay.stateTo(pop.address.text), 'down');
  pop.restart();
  pop.knows(connector, false);
  world.run(6_000);
  assert.equal(connector.overlay.stateTo(pop.address.text), 'up');
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
  assert.equal(transfer(world, pop, connector, 10_000, 5_000), 10_000);
});

test('a connector that uses an address not its own is dropped and counted', () => {
  const world = new OverlayWorld(crypto, new SeededRandom(5));
  const [pop, liar, honest] = [world.add('pop'), world.add('liar'), world.add('honest')];
  // The PoP knows the key, but by another address than the one the connector sends from.
  pop.knows(liar, false, honest.address);
  liar.knows(pop, true);
  world.run(2_000);
  assert.ok(pop.overlay.counters()['source-not-allowed'] > 0);
  assert.equal(liar.overlay.stateTo(pop.address.text) === 'up', false);
});

test('a packet from one connector to another is not forwarded', () => {
  const world = new OverlayWorld(crypto, new SeededRandom(6));
  const [pop, a, b] = [world.add('pop'), world.add('a'), world.add('b')];
  pop.knows(a, false);
  pop.knows(b, false);
  a.knows(pop, true);
  b.knows(pop, true);
  // One connector takes the PoP's tunnel for a way to the other.
  a.overlay.removePeer('pop');
  a.knows(pop, true, b.address);
  world.run(500);
  a.overlay.netstack.connectTcp({ to: b.address, port: 80, nowMs: world.nowMs });
  world.run(3_000);
  assert.ok(pop.overlay.counters()['connector-to-connector'] > 0);
  assert.equal(b.accepted.length, 0);
});

test('a node that nobody enrolled gets no tunnel', () => {
  const { world, pop } = pair(7);
  const stranger = world.add('stranger');
  stranger.knows(pop, true);
  world.run(5_000);
  assert.equal(stranger.overlay.stateTo(pop.address.text), 'down');
});

test('datagrams of noise change nothing', () => {
  const { world, pop, connector } = pair(8);
  world.run(500);
  for (let i = 0; i < 500; i++)
    world.inject(world.random.bytes(world.random.integer(0, 200)), connector.endpoint, pop.endpoint);
  world.run(1_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
  assert.equal(transfer(world, pop, connector, 10_000, 2_000), 10_000);
});

test('a removed peer has no way in', () => {
  const { world, pop, connector } = pair(9);
  world.run(500);
  pop.overlay.removePeer('connector');
  world.run(10_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'down');
  assert.equal(connector.overlay.stateTo(pop.address.text), 'down');
});
