import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CONNECTOR_LINK_PORT, type HeardPopsNews, type SignedDocument } from '../core/link/index.ts';
import { createLog } from '../io/log.ts';
import { LinkEnd } from '../testing/link-world.ts';
import { type LoopbackNode, openPair } from '../testing/loopback-node.ts';
import { GrantAuthority, siteGrant } from '../testing/site-grants.ts';
import { PopLinks } from './pop-links.ts';

const have = { epoch: 3, revision: 14 };
const signed = new GrantAuthority().sign(siteGrant());

interface World {
  readonly pop: LoopbackNode;
  readonly links: PopLinks;
  readonly offered: Promise<[SignedDocument, string]>;
  readonly heard: Promise<[HeardPopsNews, string]>;
}

async function openWorld(t: TestContext): Promise<World> {
  const { near: connector, far: pop } = await openPair(t);
  let offer: (offered: [SignedDocument, string]) => void = () => undefined;
  const offered = new Promise<[SignedDocument, string]>((resolve) => {
    offer = resolve;
  });
  let hear: (heard: [HeardPopsNews, string]) => void = () => undefined;
  const heard = new Promise<[HeardPopsNews, string]>((resolve) => {
    hear = resolve;
  });
  const links = new PopLinks({
    driver: connector.driver,
    software: 'manis/test',
    log: createLog({ level: 'silent' }),
    have: () => have,
    targets: () => [],
    onGrant: (grant, popId) => offer([grant, popId]),
    onReach: (news, popId) => hear([news, popId]),
    onClosed: () => undefined,
  });
  t.after(() => links.close());
  return { pop, links, offered, heard };
}

async function nextLink(pop: LoopbackNode): Promise<LinkEnd> {
  const stream = await pop.nextStream();
  assert.equal(stream.connection.local.port, CONNECTOR_LINK_PORT);
  return new LinkEnd(stream);
}

test('a tunnel that is up carries a link: hello first, then whatever the PoP brings', async (t) => {
  const { pop, links, offered, heard } = await openWorld(t);
  const accepted = nextLink(pop);
  links.tunnelUp('pop-1', pop.address.text);
  const link = await accepted;
  assert.deepEqual(await link.next(), { type: 'hello', software: 'manis/test', have });
  link.send({ type: 'grant', signed });
  assert.deepEqual(await offered, [signed, 'pop-1']);
  const pops = [{ popId: 'pop-2', rttMs: 4, draining: false, utilisation: null, tunnels: 0 }];
  const news = { whole: true, pops, gone: [] };
  link.send({ type: 'reach', ...news });
  assert.deepEqual(await heard, [{ type: 'reach', ...news }, 'pop-1']);
});

for (const text of ['not JSON', '{"type":"grant"}', '{"type":"run","command":"rm"}', '[]']) {
  test(`a PoP that sends ${text} loses its link`, async (t) => {
    const { pop, links } = await openWorld(t);
    const accepted = nextLink(pop);
    links.tunnelUp('pop-1', pop.address.text);
    const link = await accepted;
    await link.next();
    link.sendText(text);
    await link.closed();
  });
}

test('a link that its PoP closes is opened again', async (t) => {
  const { pop, links } = await openWorld(t);
  const first = nextLink(pop);
  links.tunnelUp('pop-1', pop.address.text);
  const link = await first;
  const second = nextLink(pop);
  link.stream.destroy();
  assert.ok(await (await second).next());
});

test('a tunnel that is down takes its link along', async (t) => {
  const { pop, links } = await openWorld(t);
  const accepted = nextLink(pop);
  links.tunnelUp('pop-1', pop.address.text);
  const link = await accepted;
  links.tunnelDown('pop-1');
  await link.closed();
  const again = nextLink(pop);
  links.tunnelUp('pop-1', pop.address.text);
  assert.ok(await (await again).next());
});

test('a PoP whose link opens while we stop is told so at once', async (t) => {
  const { pop, links } = await openWorld(t);
  links.sayDraining(4_000);
  const accepted = nextLink(pop);
  links.tunnelUp('pop-1', pop.address.text);
  const link = await accepted;
  await link.next();
  const { type, endsInMs } = (await link.next()) as { type: string; endsInMs: number };
  assert.equal(type, 'draining');
  assert.ok(endsInMs > 0 && endsInMs <= 4_000, String(endsInMs));
});
