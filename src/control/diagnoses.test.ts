import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnosis, SiteGrant } from '../core/link/index.ts';
import { makeWireguardKeys } from '../io/wireguard-keys.ts';
import { controlWithPop } from '../testing/control-with-pop.ts';
import type { PopWorld } from '../testing/control-world.ts';

let pop: PopWorld;
let siteId = '';
let connectorId = '';

const world = controlWithPop(async (one) => {
  pop = one;
  siteId = (await world.must('POST', '/sites', { name: 'home' })).id;
  const { token } = await world.must('POST', `/sites/${siteId}/enrolment-tokens`, {});
  const wireguardKey = makeWireguardKeys().publicKey;
  connectorId = (await world.call('POST', '/enrol/v1/connector', { token, wireguardKey, name: 'nas' })).body
    .connectorId;
});

const diagnosis = (change: Partial<Diagnosis> = {}): Diagnosis => ({
  ...{ asked: 0, unixMs: 1_000, software: 'manis/test' },
  findings: [{ code: 'udp-blocked', weight: 'note', what: 'UDP to PoP ams is blocked.', advice: 'Allow it.' }],
  ways: [
    { pop: 'ams', by: 'udp', place: '192.0.2.1:51820', outcome: 'no-answer' },
    { pop: 'ams', by: 'tls', place: '192.0.2.1:443', outcome: 'ok', rttMs: 12.5, bytesPerSecond: 1e6 },
  ],
  ...change,
});
const handIn = (line: string, ofConnector = connectorId) =>
  world.call('POST', '/internal/v1/connector-diagnoses', { connectorId: ofConnector, diagnosis: line }, pop.headers);
const read = () => world.must('GET', `/connectors/${connectorId}/diagnosis`);
const wishes = (): SiteGrant['examine'] =>
  (JSON.parse(pop.find('siteGrant', siteId)?.signed.payload ?? '{}') as SiteGrant).examine;

test('before a connector told anything there is nothing, and nobody asked', async () => {
  const { takenUnixMs, askedUnixMs, isAwaited, findings, ways } = await read();
  assert.deepEqual([takenUnixMs, askedUnixMs, isAwaited, findings, ways], [null, null, false, [], []]);
  assert.equal(wishes(), undefined);
});

test('a wish reaches the connector in the grant of its site, and is over when it is answered', async () => {
  const { isAwaited, askedUnixMs } = await world.must('POST', `/connectors/${connectorId}/examine`, {});
  assert.ok(isAwaited);
  await pop.until(() => wishes()?.length === 1);
  const asked = wishes()?.[0]?.asked ?? 0;
  assert.deepEqual([wishes()?.[0]?.connectorId, asked], [connectorId, askedUnixMs]);
  assert.deepEqual((await handIn(JSON.stringify(diagnosis({ asked })))).body, { outcome: 'kept' });
  const told = await read();
  assert.equal(told.isAwaited, false);
  assert.deepEqual(told.findings, diagnosis().findings);
  assert.deepEqual(
    told.ways.map((way: { by: string; outcome: string; rttMs: number | null }) => [way.by, way.outcome, way.rttMs]),
    [
      ['udp', 'no-answer', null],
      ['tls', 'ok', 12.5],
    ],
  );
});

test('each wish is a new one', async () => {
  const [first, second] = [
    await world.must('POST', `/connectors/${connectorId}/examine`, {}),
    await world.must('POST', `/connectors/${connectorId}/examine`, {}),
  ];
  assert.ok(second.askedUnixMs > first.askedUnixMs);
});

test('a connector that tells of itself all the time is not written down each time; the same once more does no harm', async () => {
  const last = JSON.stringify(diagnosis({ asked: (await read()).askedUnixMs, unixMs: 2_000 }));
  const answer = await handIn(last);
  assert.deepEqual([answer.status, answer.body.code], [429, 'diagnosis-rate-limited']);
});

for (const [what, line, of] of [
  ['no diagnosis', '{"asked":0}', undefined],
  ['a connector that nobody knows', JSON.stringify(diagnosis()), 'con_unknown'],
] as const)
  test(`what is refused for good: ${what}`, async () =>
    assert.deepEqual((await handIn(line, of)).body, { outcome: 'refused' }));
