import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PopReportNews } from '../link/index.ts';
import { FIRST_TUNNEL_MS } from './constants.ts';
import { MeshView } from './mesh-view.ts';
import { ReportAnnouncer } from './report-announcer.ts';

const quiet = { draining: false, load: { connections: 3, capacity: 100, cpu: 0.5 } };
const report = (put: readonly string[] = [], remove: readonly string[] = []): PopReportNews => ({
  ...quiet,
  hears: { put, remove },
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
  const word = { ...quiet, hears: ['a', 'c', 'stranger'], prefixes: [], receivedMs: 1_000 };
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
  assert.equal(mesh.take('b', 5, report(), 0), undefined);
  assert.equal(mesh.take('b', 6, report(), 0), undefined);
  assert.equal(mesh.take('b', 6, report(), 0), 'report-out-of-sequence');
  mesh.opened('b');
  assert.equal(mesh.take('b', 1, report(), 0), undefined);
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

test('what a report leaves out holds on, and a new stream begins with nobody heard', () => {
  const mesh = view('b');
  const rtts = [{ prefix: '192.0.2.0/24', rttMs: 5, samples: 4 }];
  const said = () => mesh.peers(0)[0]?.report;
  mesh.take('b', 1, { ...report(['a', 'c']), prefixes: rtts }, 0);
  mesh.take('b', 2, { ...quiet, draining: true }, 1);
  assert.deepEqual([said()?.draining, said()?.hears, said()?.prefixes], [true, ['a', 'c'], rtts]);
  mesh.take('b', 3, report(['d'], ['a']), 2);
  assert.deepEqual(said()?.hears, ['c', 'd']);
  mesh.opened('b');
  assert.deepEqual(said()?.hears, ['c', 'd'], 'its last word holds until then');
  mesh.take('b', 1, report(['a']), 3);
  assert.deepEqual(said()?.hears, ['a']);
});

test('a PoP that says it hears thousands that nobody knows is not listened to', () => {
  const mesh = view('b');
  const many = (from: number) => Array.from({ length: 1_000 }, (_, i) => `nobody-${from + i}`);
  assert.equal(mesh.take('b', 1, report(many(0)), 0), undefined);
  assert.equal(mesh.take('b', 2, report(many(1_000)), 0), 'hears-too-many');
});

test('an announcer says whom a PoP hears once, and then what changed', () => {
  const announcer = new ReportAnnouncer();
  const prefixes = [{ prefix: '192.0.2.0/24', rttMs: 5, samples: 4 }];
  const next = (hears: readonly string[]) =>
    announcer.next({ ...quiet, hears, prefixes: hears.length > 1 ? prefixes : [] });
  assert.deepEqual(next(['a', 'b']), { sequence: 1, ...quiet, hears: { put: ['a', 'b'], remove: [] }, prefixes });
  assert.deepEqual(next(['a', 'b']), { sequence: 2, ...quiet, prefixes });
  assert.deepEqual(next(['c']), { sequence: 3, ...quiet, hears: { put: ['c'], remove: ['a', 'b'] } });
});
