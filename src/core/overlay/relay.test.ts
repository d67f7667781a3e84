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

/** Two PoPs in a mesh and a connector that dials both. */
function triangle(seed: number): { world: OverlayWorld; a: WorldNode; b: WorldNode; c: WorldNode } {
  const world = new OverlayWorld(crypto, new SeededRandom(seed));
  const [a, b, c] = [world.add('pop-a'), world.add('pop-b'), world.add('connector')];
  a.knows(b, true);
  b.knows(a, false);
  for (const pop of [a, b]) {
    pop.knows(c, false);
    c.knows(pop, true);
  }
  for (const [node, peer, relay] of [
    [a, c, b],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ] as const) {
    node.overlay.setRelays(peer.name, [{ id: relay.name, rttMs: 20 }]);
  }
  world.run(1_000);
  return { world, a, b, c };
}

test('a download goes on over a relay when the direct path is cut', () => {
  const { world, a, b, c } = triangle(1);
  const stream = a.overlay.netstack.connectTcp({ to: c.address, port: 80, nowMs: world.nowMs });
  let written = 0;
  const write = (forMs: number) => {
    for (let i = 0; i < forMs / 10; i++) {
      written += stream.write(new Uint8Array(5_000));
      world.run(10);
    }
  };
  write(1_000);
  world.passes = (from, to) => !(from === a.name && to === c.name) && !(from === c.name && to === a.name);
  write(3_000);
  assert.equal(
    a.overlay
      .status(world.nowMs)
      .find(({ id }) => id === c.name)
      ?.paths.find(({ active }) => active)?.via,
    b.name,
  );
  const accepted = c.accepted[0];
  const received = (accepted && c.received.get(accepted)) ?? 0;
  assert.ok(written - received < 50_000, `${received} of ${written} bytes arrived`);
});
