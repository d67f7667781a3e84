// Keys that are unknown, stolen, shared or revoked, against a whole PoP's tunnels over UDP on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fromBase64, parseIpAddress } from '../../base/index.ts';
import { CONNECTOR_LINK_PORT } from '../../core/link/index.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { createRandom } from '../../io/random.ts';
import { eventually } from '../../testing/eventually.ts';
import { LinkEnd } from '../../testing/link-world.ts';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { dials, playedConnector, playedPop, records, TunnelPop } from '../../testing/pop-tunnels-world.ts';

async function openPop(t: TestContext): Promise<TunnelPop> {
  const pop = await TunnelPop.open('pop-1');
  t.after(() => pop.tunnels.close());
  return pop;
}

async function openNode(t: TestContext, privateKey?: Uint8Array): Promise<LoopbackNode> {
  const node = await LoopbackNode.open(privateKey);
  t.after(() => node.driver.close());
  return node;
}

const publicKeyOf = (pop: TunnelPop) => fromBase64(pop.record.wireguardKey) as Uint8Array;

function toLinkPort(node: LoopbackNode, pop: TunnelPop): TunnelSocket {
  const address = parseIpAddress(pop.record.overlayAddress);
  assert.ok(address);
  return node.driver.connect(address, CONNECTOR_LINK_PORT);
}

for (const who of ['connector', 'PoP'] as const) {
  test(`a ${who} with a key that the snapshot does not name gets no tunnel`, async (t) => {
    const [pop, stranger, known] = [await openPop(t), await openNode(t), await openNode(t)];
    await pop.tunnels.follow(records({ connectors: [playedConnector('connector-1', known)], pops: [pop.record] }));
    for (const node of [stranger, known]) dials(node, pop, publicKeyOf(pop));
    // The stranger asked first; when the other is up its handshakes were refused.
    await known.tunnel('pop-1', 'up');
    const [tunnel] = stranger.driver.node.status(stranger.driver.nowMs());
    assert.notEqual(tunnel?.state, 'up');
    await eventually(() => pop.logLines.some((line) => line.includes('handshakes refused')));
    assert.deepEqual(
      pop.tunnels.attached().map(({ connectorId }) => connectorId),
      ['connector-1'],
    );
  });
}

test('a connector that is revoked loses its tunnel, is told of, and cannot come back', async (t) => {
  const [pop, node] = [await openPop(t), await openNode(t)];
  await pop.tunnels.follow(records({ connectors: [playedConnector('connector-1', node)] }));
  dials(node, pop, publicKeyOf(pop));
  await node.tunnel('pop-1', 'up');
  await pop.tunnels.follow(records({}));
  await node.tunnel('pop-1', 'down');
  assert.deepEqual(pop.tunnels.attached(), []);
  assert.ok(pop.logLines.some((line) => line.includes('its tunnel ends')));
  await eventually(() => pop.logLines.some((line) => line.includes('handshakes refused')));
});

test('a PoP that is revoked loses its tunnel and cannot come back', async (t) => {
  const [pop, other] = [await openPop(t), await openNode(t)];
  await pop.tunnels.follow(records({ pops: [pop.record, playedPop('pop-2', other)] }));
  dials(other, pop, publicKeyOf(pop));
  await other.tunnel('pop-1', 'up');
  await pop.tunnels.follow(records({ pops: [pop.record] }));
  await other.tunnel('pop-1', 'down');
  assert.deepEqual(pop.tunnels.peerReports.peers(0), []);
});

test('of two records with one key the first is served, and the others do not suffer', async (t) => {
  const [pop, one, other] = [await openPop(t), await openNode(t), await openNode(t)];
  const connectors = [
    playedConnector('connector-1', one),
    playedConnector('connector-2', one, 'site-2'),
    playedConnector('connector-3', other),
  ];
  await pop.tunnels.follow(records({ connectors }));
  for (const node of [one, other]) dials(node, pop, publicKeyOf(pop));
  await eventually(() => [one, other].every(({ address }) => pop.tunnels.state(address.text) === 'up'));
  assert.deepEqual(
    pop.tunnels.attached().map(({ connectorId }) => connectorId),
    ['connector-1', 'connector-3'],
  );
});

test('a key that was stolen lets one of two in at a time, who is the connector and nobody else, and is told of', async (t) => {
  const privateKey = createRandom().bytes(32);
  const [pop, owner, thief] = [await openPop(t), await openNode(t, privateKey), await openNode(t, privateKey)];
  await pop.tunnels.follow(records({ connectors: [playedConnector('connector-1', owner)] }));
  for (let i = 0; i < 4; i++) {
    const node = i % 2 === 0 ? owner : thief;
    node.driver.node.removePeer('pop-1');
    dials(node, pop, publicKeyOf(pop));
    await node.tunnel('pop-1', 'up');
    const stream = toLinkPort(node, pop);
    new LinkEnd(stream);
    await once(stream, 'connect');
  }
  await eventually(() => pop.logLines.some((line) => line.includes('two connectors use one key')));
  assert.equal(pop.tunnels.attached().length, 1);
});
