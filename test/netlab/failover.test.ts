/** heavy: tunnels are lost and streams go on by other PoPs, in network namespaces. Takes about 60 s. */
import { after, describe, test } from 'node:test';
import type { HostProcess } from '../lab/host-process.ts';
import { download, item, pacedFor, type Stream, upload, webSocket, wentOn } from './streams.ts';
import { SharedWorld } from './world.ts';

/** A download, an upload and a WebSocket that are in the middle of it. */
async function allKinds(person: HostProcess, seconds: number): Promise<Stream[]> {
  return [
    await download(person, pacedFor(seconds)),
    await upload(person, pacedFor(seconds)),
    await webSocket(person, { messages: seconds * 20, everyMs: 50 }),
  ];
}

describe('a network whose tunnels are lost', { timeout: 240_000 }, () => {
  const shared = new SharedWorld({ pops: 3, connectors: 1, tunnels: 2 });
  after(() => shared.close());

  test('reaches the site by a PoP that has no tunnel to it', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    await world.withoutTunnel(world.connector(0).program.name);
    for (const i of world.pops.keys()) {
      const person = await world.person([i]);
      wentOn(await item(person), `item by PoP ${i + 1}`);
      for (const stream of await allKinds(person, 1)) wentOn(await stream.outcome, `a stream by PoP ${i + 1}`);
    }
  });

  test('keeps open streams when the tunnel that carries them goes silent', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    for (const i of world.pops.keys()) {
      const person = await world.person([i]);
      const streams = await allKinds(person, 5);
      const cut = world.internet.part(world.pop(i).line, world.site.line, 'meta l4proto udp');
      for (const stream of streams) wentOn(await stream.outcome, `a stream by PoP ${i + 1} without its tunnel`);
      wentOn(await item(person), `item by PoP ${i + 1} without its tunnel`);
      cut.heal();
      await world.settled();
    }
  });

  test('keeps open streams when the PoP that relays them is killed', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    const away = await world.withoutTunnel(world.connector(0).program.name);
    const person = await world.person([away]);
    const streams = await allKinds(person, 5);
    const relay = world.pop((away + 1) % world.pops.length);
    await relay.program.kill();
    for (const stream of streams) wentOn(await stream.outcome, 'a stream whose relay was killed');
    await relay.program.start();
    await world.settled();
  });

  test('keeps open streams while one tunnel after the other is cut and comes back', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    const person = await world.person([0]);
    const streams = await allKinds(person, 8);
    for (const pop of world.pops.slice(0, 2)) {
      const cut = world.internet.part(pop.line, world.site.line, 'meta l4proto udp');
      await streams[0]?.moves(2_000_000);
      cut.heal();
      await streams[0]?.moves(1_000_000);
    }
    for (const stream of streams) wentOn(await stream.outcome, 'a stream over tunnels that come and go');
  });
});
