import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PopReport } from '../link/index.ts';
import { FIRST_TUNNEL_MS } from './constants.ts';
import { MeshView } from './mesh-view.ts';

const report = (hears: readonly string[] = []): PopReport => ({
  draining: false,
  load: { connections: 3, capacity: 100, cpu: 0.5 },
  hears,
  prefixes: [],
});

function view(...popIds: string[]): MeshView {
  const mesh = new MeshView();
  mesh.follow(new Set(popIds), 0);
  return mesh;
}

test('a PoP is seen with its last word and the time when it was said', () => {
  const mesh = view('b', 'c');
  mesh.tunnel('b', 'up', 12);
  mesh.take('b', 1, report(['a', 'c', 'stranger']), 1_000);
  const [b, c] = mesh.peers(1_700);
  const word = { ...report(['a', 'c', 'stranger']), receivedMs: 1_000 };
  assert.deepEqual(b, { popId: 'b', tunnel: 'up', rttMs: 12, report: word });
  assert.deepEqual(c, { popId: 'c', tunnel: 'unknown', rttMs: undefined });
  assert.deepEqual(mesh.hears(), ['b']);
});

test('a tunnel that never came up is down after a while', () => {
  assert.equal(view('b').peers(FIRST_TUNNEL_MS)[0]?.tunnel, 'down');
});

test('a report outlives its tunnel, and a PoP that leaves the snapshot is forgotten', () => {
  const mesh = view('b');
  mesh.tunnel('b', 'up', 1);
  mesh.take('b', 1, report(), 7);
  mesh.tunnel('b', 'down', undefined);
  assert.equal(mesh.peers(9_000)[0]?.report?.receivedMs, 7);
  assert.deepEqual(mesh.hears(), []);
  mesh.follow(new Set(['c']), 9_000);
  assert.deepEqual(mesh.peers(9_000), [{ popId: 'c', tunnel: 'unknown', rttMs: undefined }]);
});

test('reports are taken in sequence, and a new stream begins a new one', () => {
  const mesh = view('b');
  assert.ok(mesh.take('b', 5, report(), 0));
  assert.ok(mesh.take('b', 6, report(), 0));
  assert.ok(!mesh.take('b', 6, report(), 0));
  mesh.opened('b');
  assert.ok(mesh.take('b', 1, report(), 0));
});

test('a PoP that is not in the snapshot changes nothing', () => {
  const mesh = view('b');
  mesh.tunnel('x', 'up', 1);
  mesh.take('x', 1, report(['b']), 0);
  assert.deepEqual(
    mesh.peers(0).map(({ popId }) => popId),
    ['b'],
  );
});
