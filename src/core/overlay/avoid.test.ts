// One end asks both to avoid UDP, as a connector does that found it wanting.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { OverlayWorld, type WorldNode } from '../../testing/overlay-world.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';
import type { PathKind } from './path.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

function pair(): { world: OverlayWorld; pop: WorldNode; connector: WorldNode } {
  const world = new OverlayWorld(crypto, new SeededRandom(5));
  const pop = world.add('pop');
  const connector = world.add('connector');
  pop.knows(connector, false);
  connector.knows(pop, true);
  world.run(1_000);
  return { world, pop, connector };
}

const active = (world: OverlayWorld, node: WorldNode): PathKind | undefined =>
  node.overlay.status(world.nowMs)[0]?.paths.find((path) => path.active)?.kind;

test('packets go by UDP although a carrier is open, and by the carrier at both ends when one end avoids UDP', () => {
  const { world, pop, connector } = pair();
  world.openCarrier(connector, pop);
  world.run(10_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'udp');
  connector.overlay.avoidUdp('pop', true, world.nowMs);
  world.run(200);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'tls');
  world.run(60_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'tls');
  connector.overlay.avoidUdp('pop', false, world.nowMs);
  world.run(5_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'udp');
});

test('an avoided path is still better than none', () => {
  const { world, pop, connector } = pair();
  connector.overlay.avoidUdp('pop', true, world.nowMs);
  world.run(1_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'udp');
  const carrier = world.openCarrier(connector, pop);
  world.run(1_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'tls');
  world.closeCarrier(carrier);
  world.run(1_000);
  for (const node of [pop, connector]) assert.equal(active(world, node), 'udp');
});
