// heavy: two connectors of one site behind a whole PoP, and one of them dies without a word.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fromBase64, parseEndpoint } from '../../base/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { playedConnector, records, TunnelPop } from '../../testing/pop-tunnels-world.ts';
import { PORTAL_HOST, PopWorld, PUBLIC, resource, target } from '../../testing/pop-world.ts';
import { UdpWire } from '../../testing/udp-wire.ts';

const HOST = `replicas.${PORTAL_HOST}`;

/** A connector that dials one backend, on a wire that can be cut. */
async function openConnector(t: TestContext, pop: TunnelPop, backendPort: number) {
  const wire = await UdpWire.to(pop.tunnels.port);
  const node = await LoopbackNode.open();
  t.after(async () => {
    await node.driver.close();
    wire.close();
  });
  node.onAttempt = (attempt) => {
    const backend = connect({ port: backendPort, host: '127.0.0.1', allowHalfOpen: true }, () => {
      const stream = node.driver.accept(attempt);
      if (!stream) return void backend.destroy();
      stream.on('error', () => backend.destroy()).pipe(backend);
      backend.pipe(stream);
    });
    backend.on('error', () => attempt.refuse());
  };
  const publicKey = fromBase64(pop.record.wireguardKey) as Uint8Array;
  const dial = () => node.knows(pop.record.id, publicKey, parseEndpoint(`127.0.0.1:${wire.port}`));
  return { wire, node, dial };
}

async function openWorld(t: TestContext) {
  const pop = await TunnelPop.open('pop-1');
  const world = await PopWorld.start({ dialer: pop.tunnels });
  const lostWhile: string[] = [];
  pop.onLost = (address) => {
    lostWhile.push(pop.tunnels.state(address));
    world.pop.connectorLost(address);
  };
  t.after(async () => {
    await world.stop();
    await pop.tunnels.close();
  });
  const ports = await Promise.all(
    ['one', 'two'].map((name) => world.listen(createServer((_, response) => setTimeout(() => response.end(name), 20)))),
  );
  const connectors = await Promise.all(ports.map((port) => openConnector(t, pop, port)));
  const known = connectors.map(({ node }, i) => playedConnector(`connector-${i + 1}`, node));
  world.publishBasics(...known, resource(0, { id: 'replicas', host: HOST, policy: PUBLIC, targets: [target(5_000)] }));
  await pop.tunnels.follow(records({ connectors: known }));
  for (const { dial } of connectors) dial();
  await eventually(() => known.every(({ overlayAddress }) => pop.tunnels.state(overlayAddress) === 'up'));
  return { pop, world, connectors, known, lostWhile };
}

test('of two connectors of one site both serve, and the death of one fails no request that may be repeated', async (t) => {
  const { pop, world, connectors, known, lostWhile } = await openWorld(t);
  const ask = async () => {
    const { status, body } = await world.fetch(HOST, '/');
    assert.equal(status, 200);
    return body;
  };
  const first = await Promise.all(Array.from({ length: 40 }, ask));
  assert.deepEqual([...new Set(first)].sort(), ['one', 'two']);
  const [doomed, kept] = known;
  let isOver = false;
  const people = Array.from({ length: 8 }, async () => {
    let answers = 0;
    for (; !isOver; answers++) await ask();
    return answers;
  });
  const { wire } = connectors[0] as (typeof connectors)[number];
  wire.isCut = true;
  await eventually(() => pop.tunnels.state(doomed?.overlayAddress ?? '') === 'down');
  assert.equal(pop.tunnels.state(kept?.overlayAddress ?? ''), 'up');
  assert.equal(lostWhile[0], 'suspect', 'requests move before anybody is sure');
  isOver = true;
  const answers = await Promise.all(people);
  assert.ok(answers.every((count) => count > 0));
  assert.deepEqual([...new Set(await Promise.all(Array.from({ length: 10 }, ask)))], ['two']);
  await t.test('and it serves again once it is back', async () => {
    wire.isCut = false;
    await eventually(() => pop.tunnels.state(doomed?.overlayAddress ?? '') === 'up');
    const after = await Promise.all(Array.from({ length: 60 }, ask));
    assert.ok(after.includes('one'));
  });
});
