import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { formatEndpoint, parseIpAddress, toBase64 } from '../base/index.ts';
import type { GrantedPop } from '../core/link/index.ts';
import { createLog } from '../io/log.ts';
import { createRandom } from '../io/random.ts';
import { LoopbackNode } from '../testing/loopback-node.ts';
import { siteGrant } from '../testing/site-grants.ts';
import { ConnectorTunnels } from './tunnels.ts';

interface World {
  readonly connector: LoopbackNode;
  readonly pop: LoopbackNode;
  readonly tunnels: ConnectorTunnels;
  /** What the resolver knows. */
  readonly names: Map<string, string>;
  readonly lookedUp: string[];
  readonly removed: string[];
}

async function openWorld(t: TestContext, count = 2): Promise<World> {
  const connector = await LoopbackNode.open();
  const pop = await LoopbackNode.open();
  t.after(() => Promise.all([connector.driver.close(), pop.driver.close()]));
  pop.knows('connector', connector.device.publicKey);
  const names = new Map<string, string>();
  const lookedUp: string[] = [];
  const removed: string[] = [];
  const tunnels = new ConnectorTunnels({
    driver: connector.driver,
    count,
    log: createLog({ level: 'silent' }),
    resolve: async (name) => {
      lookedUp.push(name);
      return parseIpAddress(names.get(name) ?? '');
    },
    connectorId: 'connector-1',
    random: createRandom(),
    links: {
      tunnelUp: () => undefined,
      tunnelDown: (popId) => removed.push(popId),
      leave: () => undefined,
      isOpen: () => true,
    },
    streamsFrom: () => 0,
  });
  t.after(() => tunnels.close());
  return { connector, pop, tunnels, names, lookedUp, removed };
}

function grantedPop(node: LoopbackNode, change: Partial<GrantedPop> = {}): GrantedPop {
  return {
    id: 'pop-1',
    name: 'One',
    location: { name: 'here', latitude: 0, longitude: 0 },
    wireguardKey: node.wireguardKey,
    overlayAddress: node.address.text,
    udpEndpoints: [formatEndpoint(node.endpoint)],
    httpsEndpoints: [],
    ...change,
  };
}

const named = (node: LoopbackNode): Partial<GrantedPop> => ({ udpEndpoints: [`pop.example:${node.endpoint.port}`] });

test('a tunnel to each PoP of the grant comes up, and goes with it', async (t) => {
  const { connector, pop, tunnels, removed } = await openWorld(t);
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop)] }));
  await connector.tunnel('pop-1', 'up');
  assert.equal(tunnels.pop('pop-1')?.name, 'One');
  await tunnels.follow(siteGrant());
  assert.deepEqual(removed, ['pop-1']);
  assert.equal(tunnels.pop('pop-1'), undefined);
  assert.equal(connector.driver.node.hasPeer('pop-1'), false);
});

test('a PoP whose name was not found at first gets its tunnel once it is', async (t) => {
  const { connector, pop, tunnels, names } = await openWorld(t);
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop, named(pop))] }));
  assert.equal(tunnels.pop('pop-1'), undefined);
  await tunnels.lookAgain();
  assert.equal(tunnels.pop('pop-1'), undefined);
  names.set('pop.example', '127.0.0.1');
  await tunnels.lookAgain();
  await connector.tunnel('pop-1', 'up');
});

test('a PoP that moved is found at its new address, and stays known while its name is not found', async (t) => {
  const { connector, pop, tunnels, names, removed } = await openWorld(t);
  names.set('pop.example', '127.0.0.77');
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop, named(pop))] }));
  names.delete('pop.example');
  await tunnels.lookAgain();
  assert.equal(tunnels.pop('pop-1')?.name, 'One');
  assert.deepEqual(removed, []);
  names.set('pop.example', '127.0.0.1');
  await tunnels.lookAgain();
  assert.deepEqual(removed, ['pop-1']);
  await connector.tunnel('pop-1', 'up');
});

test('the name of a PoP whose tunnel is up is left alone', async (t) => {
  const { connector, pop, tunnels, names, lookedUp } = await openWorld(t);
  names.set('pop.example', '127.0.0.1');
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop, named(pop))] }));
  await connector.tunnel('pop-1', 'up');
  await tunnels.lookAgain();
  assert.deepEqual(lookedUp, ['pop.example']);
});

test('a PoP that has a new key gets a new tunnel', async (t) => {
  const { connector, pop, tunnels, removed } = await openWorld(t);
  const former = { wireguardKey: toBase64(new Uint8Array(32).fill(7)) };
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop, former)] }));
  await tunnels.follow(siteGrant({ pops: [grantedPop(pop)] }));
  assert.deepEqual(removed, ['pop-1']);
  await connector.tunnel('pop-1', 'up');
});

const unusable: { what: string; change: Partial<GrantedPop> }[] = [
  { what: 'a key of small order', change: { wireguardKey: toBase64(new Uint8Array(32)) } },
  { what: 'a key that is too short', change: { wireguardKey: 'AAAA' } },
  { what: 'no endpoint', change: { udpEndpoints: [] } },
  { what: 'an endpoint that is none', change: { udpEndpoints: ['nonsense'] } },
  { what: 'a port that is none', change: { udpEndpoints: ['pop.example:70000'] } },
];
for (const { what, change } of unusable) {
  test(`a PoP with ${what} does not keep the others out, nor what follows`, async (t) => {
    const { connector, pop, tunnels, names } = await openWorld(t);
    names.set('pop.example', '127.0.0.1');
    const bad = grantedPop(pop, { id: 'pop-0', location: { name: 'there', latitude: 0, longitude: 0 }, ...change });
    await tunnels.follow(siteGrant({ pops: [bad, grantedPop(pop)] }));
    await connector.tunnel('pop-1', 'up');
    await tunnels.follow(siteGrant());
    assert.equal(tunnels.pop('pop-1'), undefined);
  });
}
