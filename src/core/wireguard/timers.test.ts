/** Many peers in one device: the deadline is right, cheap, and nobody is forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { WireguardWorld } from '../../testing/wireguard-world.ts';

const PEERS = 60;

test(`${PEERS} peers of one device, each kept alive at its own pace, are all established after five minutes`, async () => {
  const world = new WireguardWorld(await createWireguardCrypto(), new SeededRandom(1));
  const hub = world.addNode('192.0.2.1:1');
  const handles = Array.from({ length: PEERS }, (_, i) => {
    const node = world.addNode(`198.51.100.${i}:1`);
    node.device.addPeer({
      publicKey: hub.device.publicKey,
      endpoint: hub.endpoint,
      persistentKeepaliveMs: 10_000 + 500 * i,
    });
    return hub.device.addPeer({ publicKey: node.device.publicKey });
  });
  world.run(5 * 60_000);
  for (const handle of handles) assert.ok(hub.device.peerStatus(handle, world.nowMs).established);
  for (const handle of handles) hub.device.removePeer(handle);
  assert.equal(hub.device.nextDeadlineMs(), undefined);
});

test('the deadline is that of the earliest timer although packets move timers back all the time', async () => {
  const world = new WireguardWorld(await createWireguardCrypto(), new SeededRandom(2));
  const anne = world.addNode('192.0.2.1:1');
  const bert = world.addNode('192.0.2.2:1');
  const toBert = anne.device.addPeer({ publicKey: bert.device.publicKey, endpoint: bert.endpoint });
  bert.device.addPeer({ publicKey: anne.device.publicKey });
  anne.send(toBert, new Uint8Array(10), world.nowMs);
  world.run(1000);
  // Bert owes a keepalive ten seconds after the packet, which came in after a round trip and a half.
  const cameInMs = world.nowMs - 1000 + 30;
  assert.equal(bert.device.nextDeadlineMs(), cameInMs + 10_000);
  world.run(5_000);
  bert.send(bert.device.peerByPublicKey(anne.device.publicKey) as never, new Uint8Array(10), world.nowMs);
  world.run(100);
  // It sent data instead: what is left is to hear of Anne in time, 15 s (and some jitter) after that.
  const next = bert.device.nextDeadlineMs() as number;
  assert.ok(next >= world.nowMs - 100 + 15_000 && next <= world.nowMs + 15_334, `${next - world.nowMs}`);
});
