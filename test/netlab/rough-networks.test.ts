/** heavy: lossy, narrow and one-sided networks and a wrong clock, in network namespaces. Takes about 60 s. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Host } from '../lab/host.ts';
import { FINE_WEATHER, type RelayCounters, type Weather } from '../lab/weather.ts';
import { cameThrough, download, item, pacedFor, upload, webSocket, wentOn } from './streams.ts';
import { UDP_PORT, type World, worldFor } from './world.ts';

const TIMEOUT = { timeout: 180_000 };
const DAY_MS = 86_400_000;

/** Small requests and whole streams in both directions, by every PoP. */
async function everythingWorks(world: World): Promise<void> {
  for (const i of world.pops.keys()) {
    const person = await world.person([i]);
    wentOn(await item(person), `item by PoP ${i + 1}`);
    wentOn(await (await download(person, { seed: 3, bytes: 3_000_000 })).outcome, `download by PoP ${i + 1}`);
    wentOn(await (await upload(person, { seed: 4, bytes: 3_000_000 })).outcome, `upload by PoP ${i + 1}`);
    wentOn(await (await webSocket(person, { messages: 20, everyMs: 20 })).outcome, `WebSocket by PoP ${i + 1}`);
  }
}

describe('a network', TIMEOUT, () => {
  test('works where there is IPv6 alone', async (t) => {
    await using world = await worldFor(t, { pops: 2, connectors: 1, family: 'ipv6' });
    if (!world) return;
    for (const { line } of world.pops) line.host.ip('-4', 'route', 'del', 'default');
    await everythingWorks(world);
  });

  for (const mtu of [1492, 1400]) {
    test(`carries downloads and uploads over a line of MTU ${mtu} whose ICMP errors are lost`, async (t) => {
      await using world = await worldFor(t, {
        pops: 2,
        connectors: 1,
        prepare: (internet, site) => void internet.mtuBlackHole(site.line, mtu),
      });
      if (!world) return;
      await everythingWorks(world);
    });
  }

  test('goes on when a line gets narrow in the middle of a download', async (t) => {
    await using world = await worldFor(t, { pops: 2, connectors: 1 });
    if (!world) return;
    const person = await world.person();
    const streams = [await download(person, pacedFor(6)), await upload(person, pacedFor(6))];
    world.internet.mtuBlackHole(world.site.line, 1400);
    for (const stream of streams) wentOn(await stream.outcome, 'a stream over a line that got narrow');
  });

  test('works by a path that loses 5 % of all datagrams and delays the others by 50 ms', async (t) => {
    const relays: { readonly host: Host; readonly call: (method: string, ...args: unknown[]) => Promise<unknown> }[] =
      [];
    await using world = await worldFor(t, { pops: 1, connectors: 1, tunnels: 1, announceUdp });
    if (!world) return;
    async function announceUdp(popAddress: string, attach: () => { host: Host; address: string }): Promise<string> {
      const { host, address } = attach();
      const process = host.spawnNode('test/lab/udp-relay-process.ts');
      const place = { address, port: UDP_PORT, serverAddress: popAddress, serverPort: UDP_PORT };
      await process.call('open', place);
      const weather: Weather = { ...FINE_WEATHER, seed: 42, loss: 0.05, delayMs: 50 };
      await process.call('setWeather', weather);
      relays.push({ host, call: (method, ...args) => process.call(method, ...args) });
      return `${address}:${UDP_PORT}`;
    }
    const person = await world.person();
    cameThrough(await item(person), 'item');
    cameThrough(await (await download(person, { seed: 5, bytes: 200_000 })).outcome, 'download');
    cameThrough(await (await upload(person, { seed: 6, bytes: 200_000 })).outcome, 'upload');
    const counters = (await relays[0]?.call('counters')) as RelayCounters;
    assert.ok(counters.lost > 10, `the relay lost ${counters.lost} datagrams`);
  });

  for (const [says, shiftMs] of [
    ['fast', DAY_MS],
    ['slow', -DAY_MS],
  ] as const) {
    test(`has tunnels to a connector whose clock is a day ${says}`, async (t) => {
      const connectorEnv = {
        NODE_OPTIONS: `--import=${new URL('./wrong-clock.mjs', import.meta.url).pathname}`,
        MANIS_TEST_CLOCK_SHIFT_MS: String(shiftMs),
      };
      await using world = await worldFor(t, { pops: 2, connectors: 1, connectorEnv });
      if (!world) return;
      await everythingWorks(world);
      const how = shiftMs > 0 ? 'ahead of' : 'behind';
      assert.match(
        world.connector(0).program.log,
        new RegExp(`the clock of this machine is 86[34]\\d\\d s ${how} that of`),
      );
    });
  }
});
