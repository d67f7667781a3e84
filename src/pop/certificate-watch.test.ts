import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../io/log.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { CERTIFICATE_LOOK_MS, CERTIFICATE_PROBLEMS_TOLD } from './constants.ts';
import type { SnapshotView } from './snapshot-view.ts';

function setUp(ends: Record<string, number>, hosts: readonly string[] = ['a.example', 'off.example']) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const watch = new CertificateWatch(log, {
    recordFor: (host) => (ends[host] === undefined ? undefined : { notAfterUnixMs: ends[host] }),
  });
  const resources = new Map(hosts.map((host) => [host, { record: { host, enabled: host !== 'off.example' } }]));
  const view = (): SnapshotView => ({ installation: { portalHost: 'portal.example' }, resources }) as never;
  return { watch, view, lines, ends };
}

test('hosts without a certificate, and with one that has ended, are told once each, and again when they are well', () => {
  const { watch, view, lines, ends } = setUp({ 'portal.example': 1_000 });
  const first = view();
  watch.look(first, 500);
  assert.deepEqual(watch.problems, [{ host: 'a.example', problem: 'missing' }]);
  watch.look(first, 999);
  assert.equal(lines.length, 1, 'nothing is said twice');
  watch.look(first, 500 + CERTIFICATE_LOOK_MS);
  assert.deepEqual(watch.problems, [
    { host: 'portal.example', problem: 'expired' },
    { host: 'a.example', problem: 'missing' },
  ]);
  Object.assign(ends, { 'portal.example': 9e9, 'a.example': 9e9 });
  watch.look(view(), 501 + CERTIFICATE_LOOK_MS);
  assert.equal(watch.problems, undefined);
  assert.deepEqual(
    lines.map((line) => /is missing|is expired|has a certificate now/.exec(line)?.[0]),
    ['is missing', 'is expired', 'has a certificate now', 'has a certificate now'],
  );
});

test('control is told of a few', () => {
  const { watch, view } = setUp(
    {},
    Array.from({ length: 100 }, (_, i) => `h${i}.example`),
  );
  watch.look(view(), 1);
  assert.equal(watch.problems?.length, CERTIFICATE_PROBLEMS_TOLD);
});
