import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { TwoWayStream } from '../../testing/overlay-flows.ts';
import { OverlayMesh } from '../../testing/overlay-mesh.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

for (const how of ['both', 'towards the connector', 'from the connector'] as const) {
  test(`open streams move to a relay when the direct path is cut (${how}), and back when it is mended`, () => {
    const mesh = new OverlayMesh(crypto, 1, ['pop-a', 'pop-b']);
    const { connector } = mesh;
    const a = mesh.pop('pop-a');
    const stream = new TwoWayStream(mesh.world, a, connector);
    stream.run(1_000);
    const cutAtMs = mesh.cut(a, how);
    stream.run(3_000);
    const stallMs = stream.stallMs(cutAtMs);
    assert.ok(stallMs < 1_000, `the stream stalled for ${stallMs} ms`);
    assert.equal(mesh.way(a, connector), 'pop-b');
    assert.equal(mesh.way(connector, a), 'pop-b');
    const mendedAtMs = mesh.world.nowMs;
    mesh.mend();
    stream.run(6_000);
    assert.equal(mesh.way(a, connector), 'udp');
    assert.equal(mesh.way(connector, a), 'udp');
    assert.ok(stream.stallMs(mendedAtMs) < 200, `${stream.stallMs(mendedAtMs)} ms of stall on the way back`);
    stream.finish();
  });
}

test('a relay that dies too is replaced by another', () => {
  const mesh = new OverlayMesh(crypto, 2, ['pop-a', 'pop-b', 'pop-c']);
  const { connector } = mesh;
  const a = mesh.pop('pop-a');
  const stream = new TwoWayStream(mesh.world, a, connector);
  stream.run(500);
  mesh.cut(a);
  stream.run(2_000);
  const first = mesh.pop(mesh.way(a, connector) ?? '');
  const diedAtMs = mesh.world.nowMs;
  first.isDead = true;
  stream.run(3_000);
  assert.ok(stream.stallMs(diedAtMs) < 1_500, `${stream.stallMs(diedAtMs)} ms of stall`);
  assert.notEqual(mesh.way(a, connector), first.name);
  stream.finish();
});

test('a PoP that the connector never dialled serves through a relay, without a handshake before', () => {
  const mesh = new OverlayMesh(crypto, 3, ['pop-a', 'pop-d'], ['pop-a']);
  const d = mesh.pop('pop-d');
  assert.equal(d.overlay.stateTo(mesh.connector.address.text), 'up');
  const stream = new TwoWayStream(mesh.world, d, mesh.connector, 500);
  stream.run(1_000);
  assert.equal(mesh.way(d, mesh.connector), 'pop-a');
  assert.equal(mesh.way(mesh.connector, d), 'pop-a');
  assert.equal(d.overlay.status(mesh.world.nowMs).find(({ id }) => id === 'connector')?.directState, 'unproven');
  stream.finish();
});

test('a relay that says it reaches a connector and does not is put aside for one that does', () => {
  const mesh = new OverlayMesh(crypto, 4, ['pop-a', 'pop-b', 'pop-d'], ['pop-a', 'pop-b']);
  const d = mesh.pop('pop-d');
  const liar = mesh.pop('pop-a');
  liar.overlay.removePeer('connector', mesh.world.nowMs);
  d.overlay.setRelays(
    'connector',
    [
      { id: 'pop-a', rttMs: 1 },
      { id: 'pop-b', rttMs: 50 },
    ],
    mesh.world.nowMs,
  );
  const askedAtMs = mesh.world.nowMs;
  const stream = new TwoWayStream(mesh.world, d, mesh.connector, 3_000);
  assert.ok(mesh.world.nowMs - askedAtMs < 1_500, `${mesh.world.nowMs - askedAtMs} ms until the stream was open`);
  assert.ok(liar.overlay.counters()['unknown-destination'] > 0);
  stream.run(1_000);
  assert.equal(mesh.way(d, mesh.connector), 'pop-b');
  stream.finish();
});

test('a relay that passes heartbeats but loses what is large is put aside', () => {
  const mesh = new OverlayMesh(crypto, 8, ['pop-a', 'pop-b', 'pop-d'], ['pop-a', 'pop-b']);
  const d = mesh.pop('pop-d');
  const { connector } = mesh;
  const relays = [
    { id: 'pop-a', rttMs: 1 },
    { id: 'pop-b', rttMs: 50 },
  ];
  d.overlay.setRelays('connector', relays, mesh.world.nowMs);
  connector.overlay.setRelays('pop-d', relays, mesh.world.nowMs);
  mesh.world.passes = (from, to, bytes) => bytes.length < 900 || (from !== 'pop-a' && to !== 'pop-a');
  const stream = new TwoWayStream(mesh.world, d, connector);
  const openAtMs = mesh.world.nowMs;
  assert.equal(mesh.way(d, connector), 'pop-a');
  stream.run(4_000);
  assert.equal(mesh.way(d, connector), 'pop-b');
  assert.equal(mesh.way(connector, d), 'pop-b');
  assert.ok(stream.stallMs(openAtMs) < 1_500, `${stream.stallMs(openAtMs)} ms of stall`);
  stream.finish();
});

test('a direct path that loses a third of its datagrams gives way to a relay, and comes back when it is better', () => {
  const mesh = new OverlayMesh(crypto, 10, ['pop-a', 'pop-b']);
  const { world, connector } = mesh;
  const a = mesh.pop('pop-a');
  let loss = 0.35;
  const isDirect = (from: string, to: string) => [from, to].every((name) => name !== 'pop-b');
  world.passes = (from, to) => !isDirect(from, to) || !world.random.chance(loss);
  const stream = new TwoWayStream(world, a, connector, 30_000);
  stream.run(40_000, 200);
  assert.equal(mesh.way(a, connector), 'pop-b');
  assert.equal(mesh.way(connector, a), 'pop-b');
  loss = 0;
  stream.run(400_000, 20);
  assert.equal(mesh.way(a, connector), 'udp');
  assert.equal(mesh.way(connector, a), 'udp');
  stream.finish();
});

test('an end without a processor for a second loses nothing, and does not take the others for dead', () => {
  const mesh = new OverlayMesh(crypto, 5, ['pop-a', 'pop-b']);
  const { connector } = mesh;
  const a = mesh.pop('pop-a');
  const stream = new TwoWayStream(mesh.world, a, connector);
  stream.run(1_000);
  const events = connector.tunnelEvents.length;
  mesh.world.freeze(connector, 1_000);
  stream.run(8_000);
  assert.deepEqual(connector.tunnelEvents.slice(events), []);
  assert.equal(mesh.way(a, connector), 'udp');
  assert.equal(mesh.way(connector, a), 'udp');
  stream.finish();
});

test('paths that are down cost a few datagrams a second, and no turns without one', () => {
  const mesh = new OverlayMesh(crypto, 9, ['pop-a', 'pop-b']);
  const { world, connector } = mesh;
  world.passes = () => false;
  world.run(20_000);
  let turns = 0;
  const { overlay } = connector;
  for (const untilMs = world.nowMs + 10_000; world.nowMs < untilMs; turns++) {
    const dueMs = overlay.nextDeadlineMs();
    world.run(Math.max(1, Math.min(untilMs, dueMs) - world.nowMs));
  }
  assert.ok(turns < 200, `${turns} turns in ten seconds`);
});

test('an idle node keeps no relay busy', () => {
  const mesh = new OverlayMesh(crypto, 6, ['pop-a', 'pop-d'], ['pop-a']);
  const a = mesh.pop('pop-a');
  let sent = 0;
  mesh.world.passes = (from) => {
    if (from === a.name) sent++;
    return true;
  };
  mesh.world.run(60_000);
  assert.ok(sent < 80, `the relay sent ${sent} datagrams in a minute`);
});
