import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PopReport } from '../link/index.ts';
import { MeshView } from './mesh-view.ts';

const report = (hears: readonly string[] = []): PopReport => ({
  draining: false,
  load: { connections: 3, capacity: 100, cpu: 0.5 },
  hears,
  prefixes: [],
});

function view(...popIds: string[]): MeshView {
  const mesh = new MeshView();
  mesh.follow(new Set(popIds));
  return mesh;
}

test('a PoP is seen with its last word, its age, and who hears it', () => {
  const mesh = view('b', 'c');
  mesh.tunnel('b', true, 12);
  mesh.take('b', 1, report(['a', 'c', 'stranger']), 1_000);
  mesh.take('c', 1, report(['b']), 1_000);
  const [b, c] = mesh.peers(1_700);
  assert.deepEqual(b, {
    popId: 'b',
    tunnelUp: true,
    rttMs: 12,
    report: report(['a', 'c', 'stranger']),
    reportAgeMs: 700,
    heardBy: [],
  });
  // The word of c, which we do not hear any more, does not count for b; that of b counts for c.
  assert.deepEqual(c?.heardBy, ['b']);
  assert.deepEqual(mesh.hears(), ['b']);
});

test('a report outlives its tunnel and ages, and a PoP that leaves the snapshot is forgotten', () => {
  const mesh = view('b');
  mesh.tunnel('b', true, 1);
  mesh.take('b', 1, report(), 0);
  mesh.tunnel('b', false, undefined);
  assert.equal(mesh.peers(9_000)[0]?.reportAgeMs, 9_000);
  mesh.follow(new Set(['c']));
  assert.deepEqual(
    mesh.peers(9_000).map(({ popId, report: last }) => [popId, last]),
    [['c', undefined]],
  );
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
  mesh.tunnel('x', true, 1);
  mesh.take('x', 1, report(['b']), 0);
  assert.deepEqual(
    mesh.peers(0).map(({ popId }) => popId),
    ['b'],
  );
});
