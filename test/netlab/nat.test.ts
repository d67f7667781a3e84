/** heavy: sites behind address translation, in network namespaces. Takes about 25 s. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { NatKind } from './internet.ts';
import { cameThrough, download, item, pacedFor, upload, webSocket, wentOn } from './streams.ts';
import { SharedWorld } from './world.ts';

const KINDS: readonly { readonly nat: NatKind; readonly says: string }[] = [
  { nat: 'preserving', says: 'a NAT that keeps ports, as home routers are' },
  { nat: 'symmetric', says: 'a symmetric NAT, as mobile carriers have' },
];

for (const { nat, says } of KINDS) {
  describe(`two connectors behind ${says}`, { timeout: 240_000 }, () => {
    const shared = new SharedWorld({ pops: 2, connectors: 2, nat });
    after(() => shared.close());

    test('have tunnels to both PoPs, and people reach the application by each', async (t) => {
      const world = await shared.open(t);
      if (!world) return;
      for (const pop of [0, 1]) {
        const person = await world.person([pop]);
        for (let i = 0; i < 4; i++) wentOn(await item(person), `item by PoP ${pop + 1}`);
        wentOn(await (await download(person, { seed: 1, bytes: 2_000_000 })).outcome, `download by PoP ${pop + 1}`);
        wentOn(await (await upload(person, { seed: 2, bytes: 2_000_000 })).outcome, `upload by PoP ${pop + 1}`);
      }
    });

    test('go on when the NAT forgets its mappings and gives other ports', async (t) => {
      const world = await shared.open(t);
      if (!world) return;
      const person = await world.person();
      const streams = [
        await download(person, pacedFor(4)),
        await upload(person, pacedFor(4)),
        await webSocket(person, { messages: 80, everyMs: 50 }),
      ];
      world.site.rebind();
      for (const stream of streams) wentOn(await stream.outcome, 'a stream over a NAT that forgot');
    });
  });
}

test('a person who is behind no NAT at all has the same right answers', async (t) => {
  const world = await new SharedWorld({ pops: 1, connectors: 1 }).open(t);
  if (!world) return;
  try {
    cameThrough(await item(await world.person()), 'item');
    assert.equal(world.connectors.length, 1);
  } finally {
    await world.close();
  }
});
