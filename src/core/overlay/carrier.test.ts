import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { parseEndpoint } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { TwoWayStream } from '../../testing/overlay-flows.ts';
import { OverlayMesh } from '../../testing/overlay-mesh.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';
import { isCarrierEndpoint } from './endpoints.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

test('which endpoints stand for carriers', () => {
  const cases: [text: string, isCarrier: boolean][] = [
    ['[fd6d:616e:6974::1]:1', true],
    ['[fd6d:616e:6974:ffff::]:9', true],
    ['[fd6d:616e:6973::1]:4', false],
    ['127.0.0.1:1', false],
  ];
  for (const [text, isCarrier] of cases) {
    const endpoint = parseEndpoint(text);
    assert.equal(endpoint && isCarrierEndpoint(endpoint), isCarrier, text);
  }
});

test('where UDP is blocked, a carrier brings the tunnel up, at both ends', () => {
  const mesh = new OverlayMesh(crypto, 1, ['pop-a']);
  const { world, connector } = mesh;
  const a = mesh.pop('pop-a');
  mesh.cut(a);
  world.run(10_000);
  assert.equal(connector.overlay.stateTo(a.address.text), 'down');
  world.openCarrier(connector, a);
  world.run(1_000);
  assert.equal(mesh.way(connector, a), 'tls');
  assert.equal(mesh.way(a, connector), 'tls');
  const stream = new TwoWayStream(world, a, connector);
  stream.run(1_000);
  stream.finish();
});

test('an open stream moves to the carrier when UDP is blocked later, and climbs back', () => {
  const mesh = new OverlayMesh(crypto, 2, ['pop-a']);
  const { world, connector } = mesh;
  const a = mesh.pop('pop-a');
  const stream = new TwoWayStream(world, a, connector);
  stream.run(1_000);
  const cutAtMs = mesh.cut(a);
  stream.run(1_000);
  world.openCarrier(connector, a);
  stream.run(2_000);
  assert.ok(stream.stallMs(cutAtMs) < 1_500, `${stream.stallMs(cutAtMs)} ms of stall`);
  assert.equal(mesh.way(connector, a), 'tls');
  mesh.mend();
  stream.run(6_000);
  assert.equal(mesh.way(connector, a), 'udp');
  assert.equal(mesh.way(a, connector), 'udp');
  stream.finish();
});

test('a carrier that closes moves its streams at once', () => {
  const mesh = new OverlayMesh(crypto, 3, ['pop-a', 'pop-b']);
  const { world, connector } = mesh;
  const a = mesh.pop('pop-a');
  mesh.cut(a);
  const near = world.openCarrier(connector, a);
  world.run(10_000);
  assert.equal(mesh.way(connector, a), 'tls');
  const stream = new TwoWayStream(world, a, connector);
  stream.run(500);
  const closedAtMs = world.nowMs;
  world.closeCarrier(near);
  stream.run(1_000);
  assert.equal(mesh.way(connector, a), 'pop-b');
  assert.ok(stream.stallMs(closedAtMs) < 300, `${stream.stallMs(closedAtMs)} ms of stall`);
  stream.finish();
});

test('a tunnel event says by which path packets go', () => {
  const mesh = new OverlayMesh(crypto, 4, ['pop-a', 'pop-b']);
  const { world, connector } = mesh;
  mesh.cut(mesh.pop('pop-a'));
  world.run(8_000);
  const moved = connector.tunnelEvents.find(({ id, path }) => id === 'pop-a' && path === 'relay');
  assert.ok(moved);
  assert.deepEqual([moved.state, moved.previousPath, moved.via, moved.directState], ['up', 'udp', 'pop-b', 'suspect']);
});
