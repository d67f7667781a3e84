import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePopToControl, encodeMessage } from './codec.ts';
import { LATENCY_BOUNDS_MS } from './constants.ts';
import { LATENCY_BUCKETS, latencyBucket, latencyQuantileMs, type SentRequest } from './request-record.ts';

const record: SentRequest = {
  ...{ id: 'q-1', unixMs: 1, resourceId: 'res_1', method: 'GET', host: 'wiki.example', path: '/a?b=…' },
  ...{ protocol: 'HTTP/2.0', status: 200, outcome: 'allowed', reason: 'authenticated', ruleId: 'r', ruleName: 'Staff' },
  ...{ policy: 'resource', subject: { kind: 'user', id: 'usr_1', name: 'ann@example.com' }, address: '192.0.2.1' },
  ...{ country: 'NL', agent: 'curl', bytesIn: 0, bytesOut: 12, targetId: 'tgt_1', retries: 1, traceId: 'ab' },
  stageMs: { judge: 0.1, way: 0.4, backend: 2, total: 3.25 },
  way: { connectorId: 'con_1', carrier: 'relay', relayPopId: 'pop_2' },
  rules: [{ scope: 'resource', ruleId: 'r', ruleName: 'Staff', effect: 'decided', condition: { kind: 'all' } }],
};
const traffic = {
  ...{ resourceId: 'res_1', requests: 2, errors: 0, denied: { 'rule-denied': 1 }, bytesOut: 12 },
  latency: new Array<number>(LATENCY_BUCKETS).fill(0),
};
const message = { type: 'requests', unixMs: 2, lost: 3, records: [record], traffic: [traffic] } as const;

test('a batch of requests is read as it was written', () => {
  assert.deepEqual(decodePopToControl(encodeMessage(message)), { ok: true, value: message });
});

test('a request that is not one is named by the field that is wrong', () => {
  const table: [change: object, path: string][] = [
    [{ records: [{ ...record, outcome: 'perhaps' }] }, '.records[0].outcome'],
    [{ records: [{ ...record, status: 1000 }] }, '.records[0].status'],
    [{ records: [{ ...record, path: 'x'.repeat(5000) }] }, '.records[0].path'],
    [{ records: [{ ...record, way: {} }] }, '.records[0].way.connectorId'],
    [{ records: [{ ...record, stageMs: { ...record.stageMs, total: -1 } }] }, '.records[0].stageMs.total'],
    [
      { records: [{ ...record, rules: [{ ...record.rules?.[0], condition: 'x'.repeat(20_000) }] }] },
      '.records[0].rules',
    ],
    [{ records: new Array(501).fill(record) }, '.records'],
    [{ traffic: [{ ...traffic, denied: { a: 'b' } }] }, '.traffic[0].denied.a'],
    [{ traffic: [{ ...traffic, denied: [] }] }, '.traffic[0].denied'],
    [{ traffic: [{ ...traffic, latency: new Array(100).fill(0) }] }, '.traffic[0].latency'],
    [{ lost: -1 }, '.lost'],
  ];
  for (const [change, path] of table) {
    const decoded = decodePopToControl(JSON.stringify({ ...message, ...change }));
    assert.deepEqual(decoded.ok ? 'read' : decoded.path.replace(/^(?!\.)/, '.'), path);
  }
});

test('a welcome may say what control takes, and need not', async () => {
  const { decodeControlToPop } = await import('./codec.ts');
  const welcome = { type: 'welcome', signature: 's', linkSecret: 'l', caPem: 'pem' };
  for (const each of [welcome, { ...welcome, takes: ['requests'] }])
    assert.deepEqual(decodeControlToPop(JSON.stringify(each)), { ok: true, value: each });
});

test('latency falls into the first bucket that it is not above, and a percentile lies within its bucket', () => {
  const table: [ms: number, bucket: number][] = [
    [0, 0],
    [1, 0],
    [1.01, 1],
    [30_000, LATENCY_BOUNDS_MS.length - 1],
    [30_001, LATENCY_BOUNDS_MS.length],
  ];
  for (const [ms, bucket] of table) assert.equal(latencyBucket(ms), bucket, `${ms} ms`);
  const counts = new Array<number>(LATENCY_BUCKETS).fill(0);
  assert.equal(latencyQuantileMs(counts, 0.5), null);
  for (let ms = 1; ms <= 1000; ms++) counts[latencyBucket(ms)] = (counts[latencyBucket(ms)] ?? 0) + 1;
  assert.ok(Math.abs((latencyQuantileMs(counts, 0.5) ?? 0) - 500) < 1);
  assert.ok(Math.abs((latencyQuantileMs(counts, 0.95) ?? 0) - 950) < 1);
});
