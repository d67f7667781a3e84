// heavy: a whole connector and the tunnels of three whole PoPs, over UDP on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { toBase64Url } from '../base/index.ts';
import { createClock } from '../io/clock.ts';
import { loadIdentity } from '../io/identity.ts';
import { createLog } from '../io/log.ts';
import { createRandom } from '../io/random.ts';
import { eventually } from '../testing/eventually.ts';
import { LoopbackNode } from '../testing/loopback-node.ts';
import { playedConnector, records, TunnelPop } from '../testing/pop-tunnels-world.ts';
import { GrantAuthority, signing, siteGrant } from '../testing/site-grants.ts';
import { startConnector } from './start-connector.ts';

const authority = new GrantAuthority();
const PORT = 5_000;

class World {
  readonly pops: readonly TunnelPop[];
  readonly logLines: string[] = [];
  readonly overlayAddress: string;
  restart: () => Promise<void> = async () => undefined;

  /** A connector with an echo behind it, and PoPs of which it keeps two; some that it cannot reach by itself. */
  static async open(t: TestContext, unreachable: readonly string[] = []): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'manis-mesh-'));
    const pops = await Promise.all(['pop-1', 'pop-2', 'pop-3'].map((id) => TunnelPop.open(id)));
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const twin = await LoopbackNode.open((await loadIdentity(dataDir)).wireguardPrivateKey);
    await twin.driver.close();
    const world = new World(pops, twin.address.text);
    const connectors = [playedConnector('connector-1', twin)];
    await Promise.all(
      pops.map((pop) => pop.tunnels.follow(records({ connectors, pops: pops.map(({ record }) => record) }))),
    );
    const target = { id: 'echo', overlayPort: PORT, host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const granted = pops.map(({ record }) =>
      unreachable.includes(record.id) ? { ...record, udpEndpoints: ['127.0.0.1:9'] } : record,
    );
    const grant = siteGrant({ pops: granted, targets: [target] });
    const enrolled = { connectorId: 'connector-1', siteId: 'site-1', rootKey: toBase64Url(authority.rootKey) };
    writeFileSync(join(dataDir, 'connector.json'), JSON.stringify(enrolled));
    writeFileSync(join(dataDir, 'grant.json'), JSON.stringify(authority.sign(grant)));
    let running = await world.#start(dataDir);
    world.restart = async () => {
      await running.close();
      running = await world.#start(dataDir);
    };
    t.after(async () => {
      await running.close();
      await Promise.all(pops.map((pop) => pop.tunnels.close()));
      server.close();
      rmSync(dataDir, { recursive: true });
    });
    return world;
  }

  private constructor(pops: readonly TunnelPop[], overlayAddress: string) {
    this.pops = pops;
    this.overlayAddress = overlayAddress;
  }

  #start(dataDir: string) {
    return startConnector({
      dataDir,
      listen: { address: '127.0.0.1', port: 0 },
      tunnels: 2,
      mtu: 1420,
      clock: createClock(),
      random: createRandom(),
      signing,
      log: createLog({ level: 'info', destination: { write: (line) => void this.logLines.push(line) } }),
      software: 'manis/test',
    });
  }

  /** PoPs that the connector keeps a tunnel to: both others say so of each. */
  attached(): TunnelPop[] {
    return this.pops.filter(({ record }) =>
      this.pops.some((pop) => pop.tunnels.relaysTo('connector-1').some(({ id }) => id === record.id)),
    );
  }

  pop(id: string): TunnelPop {
    return this.pops.find(({ record }) => record.id === id) as TunnelPop;
  }

  async open(pop: TunnelPop): Promise<Duplex> {
    return pop.tunnels.connect({ overlayAddress: this.overlayAddress, port: PORT, timeoutMs: 10_000 });
  }

  async ask(pop: TunnelPop): Promise<string> {
    const stream = await this.open(pop);
    return echoed(stream, 'hello').finally(() => stream.destroy());
  }
}

async function echoed(stream: Duplex, text: string): Promise<string> {
  stream.write(text);
  const [heard] = await once(stream, 'data');
  return String(heard);
}

/** The third PoP is reached through the two others alone, and knows both. */
async function behindRelays(t: TestContext): Promise<World> {
  const world = await World.open(t, ['pop-3']);
  await knowsBothWays(world);
  return world;
}

const knowsBothWays = (world: World) =>
  eventually(() => world.pop('pop-3').tunnels.relaysTo('connector-1').length === 2);

test('a connector is reached through a PoP that it has no tunnel to', async (t) => {
  const world = await behindRelays(t);
  for (const pop of world.pops) assert.equal(await world.ask(pop), 'hello');
  assert.equal(world.pop('pop-3').tunnels.isRelayed(world.overlayAddress), true);
  await t.test('and a stream outlives the PoP that relays it', async () => {
    const apart = world.pop('pop-3');
    const stream = await world.open(apart);
    assert.equal(await echoed(stream, 'one'), 'one');
    const [told] = apart.tunnels.attached();
    assert.equal(told?.path, 'relay');
    await world.pop(told?.relayPopId ?? '').tunnels.close();
    assert.equal(await echoed(stream, 'two'), 'two');
    assert.notEqual(apart.tunnels.attached()[0]?.relayPopId, told?.relayPopId);
    stream.destroy();
  });
});

test('a connector that restarts is reached again by way of relays', async (t) => {
  const world = await behindRelays(t);
  assert.equal(await world.ask(world.pop('pop-3')), 'hello');
  await world.restart();
  await knowsBothWays(world);
  await eventually(() => world.pop('pop-3').tunnels.state(world.overlayAddress) === 'up');
  assert.equal(await world.ask(world.pop('pop-3')), 'hello');
});

test('a PoP that dies is replaced by another', async (t) => {
  const world = await World.open(t);
  await eventually(() => world.attached().length === 2);
  const [doomed] = world.attached();
  await doomed?.tunnels.close();
  const others = world.pops.filter((pop) => pop !== doomed);
  await eventually(() => others.every((pop) => world.attached().includes(pop)));
  for (const pop of others) assert.equal(await world.ask(pop), 'hello');
  const line = `PoP ${doomed?.record.id} given up: silent`;
  assert.ok(world.logLines.some((one) => one.includes(line)));
});
