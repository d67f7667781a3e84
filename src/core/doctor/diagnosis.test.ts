import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIAGNOSIS_LINE_MAX_CHARS, DIAGNOSIS_WAYS_MAX, readDiagnosis } from '../link/index.ts';
import { diagnosisOf } from './diagnosis.ts';
import type { Measurements, PopMeasurement } from './measurements.ts';

const pop = (name: string, detail = ''): PopMeasurement => ({
  name,
  udp: [
    {
      ...{ endpoint: '192.0.2.1:51820', address: '192.0.2.1', sent: 20, answered: 18, rttMs: 12.3456 },
      ...{ seenAs: '198.51.100.7:4711', clockAheadMs: 3, largestBytes: 1_472 },
    },
  ],
  tls: [
    { endpoint: 'a.example:443', outcome: 'proxy-refused', detail, handshakeMs: undefined, bytesPerSecond: undefined },
  ],
});
const of = (pops: readonly PopMeasurement[]): Measurements => ({
  software: 'manis/1',
  source: 's',
  proxy: 'p:1',
  pops,
});

test('what control is told: every way with what was found, and the findings', () => {
  const told = diagnosisOf(of([pop('Oslo', '407')]), { asked: 5, unixMs: 1_000.4, popsLeftOut: 0 });
  assert.deepEqual(told.ways, [
    { pop: 'Oslo', by: 'udp', place: '192.0.2.1:51820', outcome: 'ok', loss: 0.1, rttMs: 12.35, largestBytes: 1_472 },
    { pop: 'Oslo', by: 'tls', place: 'a.example:443', outcome: 'proxy-refused', detail: '407' },
  ]);
  assert.deepEqual(
    told.findings.map(({ code }) => code),
    ['proxy-refused', 'tls-blocked', 'loss'],
  );
  assert.deepEqual([told.asked, told.unixMs, told.proxy], [5, 1_000, 'p:1']);
  assert.deepEqual(readDiagnosis(JSON.stringify(told)), told);
});

test('it stays within its bounds, whatever names and errors say', () => {
  const wild = Array.from({ length: 100 }, (_, i) => pop(`${'\u0007"\\'.repeat(400)}${i}`, 'x\n'.repeat(5_000)));
  const line = JSON.stringify(diagnosisOf(of(wild), { asked: 0, unixMs: 0, popsLeftOut: 88 }));
  assert.ok(line.length <= DIAGNOSIS_LINE_MAX_CHARS, `${line.length}`);
  const read = readDiagnosis(line);
  assert.deepEqual([read?.ways.length, read?.popsLeftOut], [DIAGNOSIS_WAYS_MAX, 88]);
});

for (const [what, line] of [
  ['no JSON', '{'],
  ['a wish that is no number', '{"asked":"1","unixMs":0,"software":"m","findings":[],"ways":[]}'],
  [
    'a way without an outcome',
    '{"asked":1,"unixMs":0,"software":"m","findings":[],"ways":[{"pop":"a","by":"udp","place":"b"}]}',
  ],
  ['a text of two lines', '{"asked":1,"unixMs":0,"software":"a\\nb","findings":[],"ways":[]}'],
] as const)
  test(`no diagnosis: ${what}`, () => assert.equal(readDiagnosis(line), undefined));
