// PoPs that meet over UDP on the loopback address: whole ones, and one that a test plays.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fromBase64, type IpAddress, parseIpAddress } from '../../base/index.ts';
import { CONNECTOR_LINK_PORT, POP_LINK_PORT, type PopToPop } from '../../core/link/index.ts';
import type { TunnelFailure } from '../../io/overlay/tunnel-socket.ts';
import { eventually } from '../../testing/eventually.ts';
import { LinkEnd } from '../../testing/link-world.ts';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { dials, playedConnector, playedPop, QUIET, records, TunnelPop } from '../../testing/pop-tunnels-world.ts';
import type { MeshRefusal } from './mesh-link.ts';

async function openPop(t: TestContext, id: string): Promise<TunnelPop> {
  const pop = await TunnelPop.open(id);
  t.after(() => pop.tunnels.close());
  return pop;
}

async function openNode(t: TestContext): Promise<LoopbackNode> {
  const node = await LoopbackNode.open();
  t.after(() => node.driver.close());
  return node;
}

const peer = (pop: TunnelPop, id: string) => pop.tunnels.peerReports.peers(0).find(({ popId }) => popId === id);

const publicKeyOf = (pop: TunnelPop) => fromBase64(pop.record.wireguardKey) as Uint8Array;

/** A connector that a test plays keeps its tunnel to a PoP: it opens its link. */
async function attach(connector: LoopbackNode, pop: TunnelPop): Promise<LinkEnd> {
  dials(connector, pop, publicKeyOf(pop));
  await connector.tunnel(pop.record.id, 'up');
  return new LinkEnd(connector.driver.connect(addressOf(pop), CONNECTOR_LINK_PORT));
}

function addressOf({ record }: TunnelPop): IpAddress {
  const address = parseIpAddress(record.overlayAddress);
  if (!address) throw new RangeError(`${record.overlayAddress} is no address`);
  return address;
}

/** Two PoPs, and a connector that has a tunnel to the first. */
async function openMesh(t: TestContext) {
  const [first, second, connector] = await Promise.all([openPop(t, 'pop-1'), openPop(t, 'pop-2'), openNode(t)]);
  const known = records({
    connectors: [playedConnector('connector-1', connector)],
    pops: [first.record, second.record],
  });
  await Promise.all([first.tunnels.follow(known), second.tunnels.follow(known)]);
  await attach(connector, first);
  await eventually(() => second.tunnels.relaysTo('connector-1').length > 0);
  return { first, second, connector };
}

test('PoPs find one another from the snapshot and tell how they are, whom they hear and who is attached', async (t) => {
  const { first, second } = await openMesh(t);
  first.report = { ...QUIET, draining: true };
  await eventually(() => peer(second, 'pop-1')?.report?.draining === true);
  await eventually(() => peer(second, 'pop-1')?.report?.hears.includes('pop-2') === true);
  assert.equal(peer(second, 'pop-1')?.tunnel, 'up');
  assert.deepEqual(
    second.tunnels.relaysTo('connector-1').map(({ id }) => id),
    ['pop-1'],
  );
  assert.deepEqual(first.tunnels.relaysTo('connector-1'), []);
  assert.deepEqual(second.tunnels.meshRefusals(), {});
});

test('a connector that leaves a PoP, and a PoP that goes silent, lead nowhere any more', async (t) => {
  const { first, second, connector } = await openMesh(t);
  await connector.driver.close();
  await eventually(() => second.tunnels.relaysTo('connector-1').length === 0);
  await eventually(() => first.lost.length > 0);
  assert.deepEqual(first.lost, [connector.address.text]);
  await first.tunnels.close();
  await eventually(() => peer(second, 'pop-1')?.tunnel === 'down');
  assert.equal(peer(second, 'pop-1')?.report?.draining, false);
});

test('a PoP that leaves the snapshot loses its tunnel', async (t) => {
  const { second } = await openMesh(t);
  await second.tunnels.follow(records({ pops: [second.record] }));
  assert.deepEqual(second.tunnels.relaysTo('connector-1'), []);
  assert.deepEqual(second.tunnels.peerReports.peers(0), []);
});

test('a connector hears which PoPs its PoP hears', async (t) => {
  const { first, connector } = await openMesh(t);
  await eventually(() => peer(first, 'pop-2')?.report !== undefined);
  first.tunnels.report();
  const address = addressOf(first);
  const link = new LinkEnd(connector.driver.connect(address, CONNECTOR_LINK_PORT));
  const heard = (await link.next()) as { type: string; pops: { popId: string }[] };
  assert.equal(heard.type, 'reach');
  assert.deepEqual(
    heard.pops.map(({ popId }) => popId),
    ['pop-1', 'pop-2'],
  );
});

test('only PoPs open links to a PoP: a connector is refused at that port', async (t) => {
  const { first, connector } = await openMesh(t);
  const address = addressOf(first);
  const [error] = (await once(connector.driver.connect(address, POP_LINK_PORT), 'error')) as [TunnelFailure];
  assert.equal(error.reason, 'refused');
});

/** A PoP, and the link of another one that the test plays, whoever of the two opens it. */
async function openLink(t: TestContext) {
  const [pop, played] = await Promise.all([openPop(t, 'pop-1'), openNode(t)]);
  const streamToUs = played.nextStream();
  await pop.tunnels.follow(records({ pops: [pop.record, playedPop('pop-2', played)] }));
  dials(played, pop, publicKeyOf(pop));
  await played.tunnel('pop-1', 'up');
  const address = addressOf(pop);
  const weOpen = played.address.text < pop.record.overlayAddress;
  const link = new LinkEnd(weOpen ? played.driver.connect(address, POP_LINK_PORT) : await streamToUs);
  return { pop, link };
}

const HELLO: PopToPop = { type: 'hello', popId: 'pop-2', software: 'manis/test' };
const attached = (sequence: number, whole: boolean, ids: readonly string[]): PopToPop => ({
  type: 'attached',
  sequence,
  whole,
  put: ids.map((connectorId) => ({ connectorId, rttMs: 1, draining: false })),
  remove: [],
});
const report = (sequence: number): PopToPop => ({ type: 'report', sequence, ...QUIET });
const many = (prefix: number) => Array.from({ length: 1_000 }, (_, i) => `nobody-${prefix}-${i}`);

const lies: { what: string; says: readonly (PopToPop | string)[]; reason: MeshRefusal }[] = [
  { what: 'says nothing of itself', says: [report(1)], reason: 'hello-missing' },
  { what: 'says that it is another', says: [{ ...HELLO, popId: 'pop-1' }], reason: 'hello-of-another' },
  { what: 'speaks no JSON', says: ['nonsense'], reason: 'not-json' },
  { what: 'speaks of what nobody knows', says: ['{"type":"grant"}'], reason: 'unknown-type' },
  { what: 'reports nonsense', says: [HELLO, JSON.stringify({ ...report(1), load: 7 })], reason: 'malformed-field' },
  { what: 'begins with a part', says: [HELLO, attached(1, false, ['connector-1'])], reason: 'first-not-whole' },
  {
    what: 'leaves out a message',
    says: [HELLO, attached(1, true, []), attached(3, false, [])],
    reason: 'out-of-sequence',
  },
  { what: 'reports twice', says: [HELLO, report(1), report(1)], reason: 'report-out-of-sequence' },
  {
    what: 'says that a million connectors are attached to it',
    says: [HELLO, ...Array.from({ length: 1_000 }, (_, i) => attached(i + 1, i === 0, many(i)))],
    reason: 'too-many-unknown',
  },
];
for (const { what, says, reason } of lies) {
  test(`a PoP that ${what} loses its link: ${reason}`, async (t) => {
    const { pop, link } = await openLink(t);
    for (const message of says) {
      if (link.stream.destroyed) break;
      if (typeof message === 'string') link.sendText(message);
      else link.send(message);
    }
    await link.closed();
    assert.deepEqual(pop.tunnels.meshRefusals(), { [reason]: 1 });
    assert.deepEqual(pop.tunnels.relaysTo('nobody-0-0'), []);
  });
}

/** Answers every stream with what it hears. */
function echo(connector: LoopbackNode): void {
  connector.onAttempt = (attempt) => {
    const accepted = connector.driver.accept(attempt);
    accepted?.on('error', () => undefined).pipe(accepted);
  };
}

async function ask(pop: TunnelPop, connector: LoopbackNode): Promise<string> {
  const to = { overlayAddress: connector.address.text, port: 5_000, timeoutMs: 10_000 };
  const stream = await pop.tunnels.connect(to);
  stream.write('hello');
  const [heard] = await once(stream, 'data');
  stream.destroy();
  return String(heard);
}

test('a PoP without a tunnel to a connector reaches it through one that has one', async (t) => {
  const { first, second, connector } = await openMesh(t);
  connector.knows('pop-2', publicKeyOf(second));
  echo(connector);
  const { text } = connector.address;
  await eventually(() => second.tunnels.state(text) === 'up');
  assert.equal(await ask(second, connector), 'hello');
  assert.deepEqual([first.tunnels.isRelayed(text), second.tunnels.isRelayed(text)], [false, true]);
  const [told] = second.tunnels.attached();
  assert.deepEqual([told?.state, told?.path, told?.relayPopId], ['up', 'relay', 'pop-1']);
  // And not through one that it only measures: a tunnel without a link attaches nobody.
  assert.deepEqual(
    second.tunnels.relaysTo('connector-1').map(({ id }) => id),
    ['pop-1'],
  );
  assert.deepEqual(first.tunnels.relaysTo('connector-1'), []);
});

test('a PoP that says it has a connector and has not costs a moment: the way leads through another', async (t) => {
  const { first, second, connector } = await openMesh(t);
  connector.knows('pop-2', publicKeyOf(second));
  echo(connector);
  const liar = await openNode(t);
  const streamToUs = liar.nextStream();
  const pops = [first.record, second.record, playedPop('pop-3', liar)];
  await second.tunnels.follow(records({ connectors: [playedConnector('connector-1', connector)], pops }));
  dials(liar, second, publicKeyOf(second));
  await liar.tunnel('pop-2', 'up');
  const weOpen = liar.address.text < second.record.overlayAddress;
  const link = new LinkEnd(weOpen ? liar.driver.connect(addressOf(second), POP_LINK_PORT) : await streamToUs);
  link.send({ ...HELLO, popId: 'pop-3' });
  link.send({ ...attached(1, true, []), put: [{ connectorId: 'connector-1', rttMs: 0, draining: false }] });
  await eventually(() => second.tunnels.relaysTo('connector-1')[0]?.id === 'pop-3');
  assert.equal(await ask(second, connector), 'hello');
  assert.equal(second.tunnels.attached().find(({ path }) => path === 'relay')?.relayPopId, 'pop-1');
});

test('a connector that is about to stop is passed over by PoPs that reach it through others, too', async (t) => {
  const { first, second, connector } = await openMesh(t);
  const { text } = connector.address;
  assert.equal(second.tunnels.isDraining(text), false);
  const link = new LinkEnd(connector.driver.connect(addressOf(first), CONNECTOR_LINK_PORT));
  link.send({ type: 'draining', endsInMs: 60_000 });
  await eventually(() => second.tunnels.isDraining(text));
  assert.equal(second.tunnels.state(text), 'up');
});

test('a connector that ends its link is no longer led to, though its tunnel is up', async (t) => {
  const { first, second, connector } = await openMesh(t);
  const link = new LinkEnd(connector.driver.connect(addressOf(first), CONNECTOR_LINK_PORT));
  await link.next();
  link.stream.end();
  await eventually(() => second.tunnels.relaysTo('connector-1').length === 0);
  assert.equal(first.tunnels.state(connector.address.text), 'up');
});

test('a PoP whose clock was fast and is set right goes on from its last handshake', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-mesh-time-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // TAI64N: some decades from now.
  const fast = Buffer.from('40000000f000000000000000', 'hex');
  const pathOf = (id: string) => join(folder, id, 'handshake-time.json');
  const open = async (id: string) => {
    mkdirSync(join(folder, id));
    writeFileSync(pathOf(id), JSON.stringify({ sent: fast.toString('base64') }));
    return TunnelPop.open(id, undefined, join(folder, id));
  };
  const pops = await Promise.all(['pop-1', 'pop-2'].map(open));
  const known = records({ pops: pops.map(({ record }) => record) });
  await Promise.all(pops.map(({ tunnels }) => tunnels.follow(known)));
  await eventually(() => pops.every((pop, i) => peer(pop, `pop-${2 - i}`)?.tunnel === 'up'));
  await Promise.all(pops.map(({ tunnels }) => tunnels.close()));
  const kept = pops.map(({ record }) =>
    Buffer.from(JSON.parse(readFileSync(pathOf(record.id), 'utf8')).sent, 'base64'),
  );
  // One of them dials, and the other has nothing newer to keep.
  assert.ok(kept.every((sent) => sent.compare(fast) >= 0));
  assert.ok(kept.some((sent) => sent.compare(fast) > 0));
});
