import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { OverlayWorld, type WorldNode } from '../../testing/overlay-world.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

function attachedWorld(): { world: OverlayWorld; pop: WorldNode; connector: WorldNode; sent: Map<string, number> } {
  const world = new OverlayWorld(crypto, new SeededRandom(1));
  const sent = new Map<string, number>();
  world.passes = (from) => {
    sent.set(from, (sent.get(from) ?? 0) + 1);
    return true;
  };
  const pop = world.add('pop-a');
  const connector = world.add('connector');
  pop.knows(connector, false);
  connector.knows(pop, true);
  world.run(1_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
  return { world, pop, connector, sent };
}

test('a peer that is removed says goodbye: the other end knows at once, and sends nothing more', () => {
  const { world, pop, connector, sent } = attachedWorld();
  connector.overlay.removePeer('pop-a', world.nowMs);
  world.run(50);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'down');
  sent.clear();
  world.run(60_000);
  // WireGuard's own keepalive, for what came last.
  assert.ok((sent.get('pop-a') ?? 0) <= 1, String(sent.get('pop-a')));
});

test('a goodbye that is lost: the end that does not dial falls silent after a while', () => {
  const { world, pop, connector, sent } = attachedWorld();
  world.passes = (from, to) => from !== 'connector' || to !== 'pop-a';
  connector.overlay.removePeer('pop-a', world.nowMs);
  // WireGuard asks for new keys for a minute and a half.
  world.run(150_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'down');
  world.passes = (from) => {
    sent.set(from, (sent.get(from) ?? 0) + 1);
    return true;
  };
  sent.clear();
  world.run(60_000);
  assert.equal(sent.get('pop-a') ?? 0, 0);
});

test('whoever comes back after a goodbye is up again', () => {
  const { world, pop, connector } = attachedWorld();
  connector.overlay.removePeer('pop-a', world.nowMs);
  connector.knows(pop, true);
  world.run(500);
  for (const [from, to] of [
    [pop, connector],
    [connector, pop],
  ] as const)
    assert.equal(from.overlay.stateTo(to.address.text), 'up');
});

test('an end that dials and hears a goodbye asks for new keys', () => {
  const { world, pop, connector } = attachedWorld();
  pop.overlay.removePeer('connector', world.nowMs);
  world.run(100);
  assert.notEqual(connector.overlay.stateTo(pop.address.text), 'up');
  pop.knows(connector, false);
  world.run(2_000);
  assert.equal(connector.overlay.stateTo(pop.address.text), 'up');
});

test('where no keys are left a path that fell silent comes back with the other end', () => {
  const { world, pop, connector } = attachedWorld();
  const { passes } = world;
  world.passes = () => false;
  world.run(40_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'down');
  world.passes = passes;
  world.run(6_000);
  assert.equal(pop.overlay.stateTo(connector.address.text), 'up');
  assert.equal(connector.overlay.stateTo(pop.address.text), 'up');
});
