// A connector that sends from the address of another one, before a PoP's own tunnels, over UDP on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type IpAddress, parseEndpoint } from '../../base/index.ts';
import { CONNECTOR_LINK_PORT } from '../../core/link/index.ts';
import { Netstack } from '../../core/netstack/index.ts';
import { OverlayNode, overlayAddress } from '../../core/overlay/index.ts';
import { WireguardDevice } from '../../core/wireguard/index.ts';
import { createClock } from '../../io/clock.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { sha256 } from '../../io/overlay/open-overlay.ts';
import { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { createRandom } from '../../io/random.ts';
import { openUdpSocket } from '../../io/udp/open-udp-socket.ts';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { playedConnector, records, TunnelPop } from '../../testing/pop-tunnels-world.ts';

const MTU = 1420;
const clock = createClock();
const random = createRandom();

/** A node with a key of its own, whose every packet says that it comes from `address`. */
async function openLiar(t: TestContext, address: IpAddress) {
  const crypto = await createWireguardCrypto();
  const unixOffsetMs = clock.unixMs() - clock.nowMs();
  const device = new WireguardDevice({ privateKey: random.bytes(32), crypto, random, unixOffsetMs });
  const netstack = new Netstack({ addresses: [address], mtu: MTU, random, nowMs: clock.nowMs() });
  const node = new OverlayNode({ device, netstack, address, role: 'connector', mtu: MTU });
  const attempts: number[] = [];
  const driver = new OverlayDriver({
    ...{ clock, node, onTunnel: () => undefined },
    onAttempt: (attempt) => {
      attempts.push(attempt.local.port);
      attempt.refuse();
    },
    carriers: { send: () => undefined },
  });
  driver.start(await openUdpSocket({ address: '127.0.0.1', port: 0 }, driver));
  driver.listenAll(16);
  t.after(() => driver.close());
  return { device, driver, attempts };
}

test('a connector that sends from the address of another is no tunnel, gets no link, and none of its streams', async (t) => {
  const pop = await TunnelPop.open('pop-1');
  const honest = await LoopbackNode.open();
  t.after(() => Promise.all([pop.tunnels.close(), honest.driver.close()]));
  const liar = await openLiar(t, honest.address);
  const own = overlayAddress(liar.device.publicKey, sha256);
  const twin = { ...playedConnector('liar', honest), overlayAddress: own.text };
  const popKey = Buffer.from(pop.record.wireguardKey, 'base64');
  await pop.tunnels.follow(
    records({
      connectors: [
        playedConnector('honest', honest),
        { ...twin, wireguardKey: Buffer.from(liar.device.publicKey).toString('base64') },
      ],
    }),
  );
  const at = parseEndpoint(`127.0.0.1:${pop.tunnels.port}`);
  const popAddress = overlayAddress(popKey, sha256);
  // The liar is there first, so that whoever is there first has no right by it.
  const peer = { id: 'pop', role: 'pop', publicKey: popKey, overlayAddress: popAddress, dials: true } as const;
  liar.driver.node.addPeer({ ...peer, ...(at && { endpoint: at }) }, liar.driver.nowMs());
  liar.driver.wake();
  const link = liar.driver.connect(popAddress, CONNECTOR_LINK_PORT, 1_500);
  link.write('{"type":"hello","software":"manis/test","have":null}\n');
  const [failure] = await once(link, 'error');
  assert.equal(failure.reason, 'timeout', 'not even a refusal comes back');
  assert.deepEqual([pop.tunnels.state(honest.address.text), pop.tunnels.state(own.text)], ['down', 'down']);

  honest.knows('pop', popKey, at);
  await honest.tunnel('pop', 'up');
  while (pop.tunnels.state(honest.address.text) !== 'up') await new Promise((resolve) => setTimeout(resolve, 5));
  const accepted = honest.nextStream();
  // What the liar goes on sending in between changes nothing.
  const again = liar.driver.connect(popAddress, CONNECTOR_LINK_PORT, 500);
  again.on('error', () => undefined).write('x'.repeat(4_000));
  const stream = await pop.tunnels.connect({ overlayAddress: honest.address.text, port: 5_000, timeoutMs: 5_000 });
  stream.write('for the honest one');
  const [bytes] = await once(await accepted, 'data');
  assert.equal(String(bytes), 'for the honest one');
  assert.deepEqual(liar.attempts, []);
  assert.equal(pop.tunnels.state(own.text), 'down');
  assert.deepEqual(
    pop.tunnels.attached().map(({ connectorId, state }) => [connectorId, state]),
    [
      ['honest', 'up'],
      ['liar', 'down'],
    ],
  );
  stream.destroy();
});
