/** heavy: networks that let no UDP out, in network namespaces. Takes about 30 s. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { download, item, pacedFor, upload, wentOn } from './streams.ts';
import { worldFor } from './world.ts';

/** Five seconds are promised; the benchmark holds them to it. */
const GENEROUS_MS = 20_000;

describe('a site that lets no UDP out', { timeout: 240_000 }, () => {
  test('has tunnels over TLS, and people notice nothing', async (t) => {
    await using world = await worldFor(t, {
      pops: 2,
      connectors: 1,
      prepare: (internet, site) => void internet.dropUdp(site.line),
    });
    if (!world) return;
    for (const i of world.pops.keys()) {
      const person = await world.person([i]);
      wentOn(await item(person), `item by PoP ${i + 1}`);
      wentOn(await (await download(person, { seed: 1, bytes: 3_000_000 })).outcome, `download by PoP ${i + 1}`);
      wentOn(await (await upload(person, { seed: 2, bytes: 3_000_000 })).outcome, `upload by PoP ${i + 1}`);
    }
  });

  test('keeps open streams when UDP is shut off under them, and when it is let through again', async (t) => {
    await using world = await worldFor(t, { pops: 2, connectors: 1 });
    if (!world) return;
    const person = await world.person();
    const streams = [await download(person, pacedFor(8)), await upload(person, pacedFor(8))];
    const blocked = world.internet.dropUdp(world.site.line);
    const startedMs = performance.now();
    await streams[0]?.moves(3_000_000);
    assert.ok(performance.now() - startedMs < GENEROUS_MS, 'traffic continues over TLS');
    blocked.heal();
    for (const stream of streams) wentOn(await stream.outcome, 'a stream over UDP, TLS and UDP');
    await world.settled();
    wentOn(await item(person), 'item afterwards');
  });
});
