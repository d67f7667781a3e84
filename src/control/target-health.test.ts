/** What PoPs say of targets, through the link into the store and out of the API. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toBase64 } from '../base/index.ts';
import type { WayStatus } from '../core/link/index.ts';
import { createRandom } from '../io/random.ts';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

const world = new ControlWorld();
const random = createRandom();
let pop: PopWorld;
let other: PopWorld;
let siteId = '';
let targetId = '';
let connectorId = '';
let strangerId = '';

before(async () => {
  await world.start();
  pop = await world.addPop('ams');
  other = await world.addPop('fra');
  siteId = (await world.must('POST', '/sites', { name: 'office' })).id;
  const elsewhere = (await world.must('POST', '/sites', { name: 'elsewhere' })).id;
  const targets = [{ siteId, url: 'http://127.0.0.1:3000' }];
  const { id } = await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.manis.localhost', targets });
  targetId = (await world.must('GET', `/resources/${id}/targets`)).items[0].id;
  connectorId = await enrolConnector(siteId);
  strangerId = await enrolConnector(elsewhere);
  for (const one of [pop, other]) await one.until(() => one.find('connector', strangerId) !== undefined);
});
after(() => world.end());

async function enrolConnector(site: string): Promise<string> {
  const { token } = await world.must('POST', `/sites/${site}/enrolment-tokens`, {});
  const body = { token, wireguardKey: toBase64(random.bytes(32)), name: 'one' };
  return (await world.call('POST', '/enrol/v1/connector', body)).body.connectorId;
}

const way = (state: WayStatus['state'], reason: string, changes: Partial<WayStatus> = {}): WayStatus => ({
  connectorId,
  targetId,
  state,
  reason,
  sinceUnixMs: 5,
  ...changes,
});

const health = () => world.must('GET', `/targets/${targetId}/health`);

/** Asks until the API says so; news is gathered for a moment before it is written. */
async function until(says: (health: Awaited<ReturnType<typeof world.must>>) => boolean) {
  for (;;) {
    const now = await health();
    if (says(now)) return now;
  }
}

const resourceHealth = async () => (await world.must('GET', '/resources')).items[0].health;
const listedState = async () => (await world.must('GET', '/targets')).items[0].state;

test('a target that nobody spoke of is unknown', async () => {
  assert.deepEqual(await health(), { targetId, state: 'unknown', ways: [], history: [] });
  assert.equal(await resourceHealth(), 'unknown');
  assert.equal(await listedState(), 'unknown');
});

test('each PoP has its word, and what it may not speak of is passed over', async () => {
  pop.client.send({ type: 'targets', whole: true, status: [way('healthy', 'ok')] });
  const lies = [
    way('unhealthy', 'timed-out', { connectorId: strangerId }),
    way('unhealthy', 'ok', { targetId: 'tgt_none' }),
  ];
  other.client.send({ type: 'targets', whole: true, status: [...lies, way('unhealthy', 'status-503')] });
  const now = await until(({ ways }) => ways.length === 2);
  assert.equal(now.state, 'degraded');
  assert.equal(await resourceHealth(), 'degraded');
  assert.equal(await listedState(), 'degraded');
  const said = now.ways.map((one: Record<string, unknown>) => [
    one['pop'],
    one['connector'],
    one['state'],
    one['text'],
    one['current'],
  ]);
  assert.deepEqual(said.sort(), [
    ['ams', 'one', 'healthy', 'the last check was good', true],
    ['fra', 'one', 'unhealthy', 'the target answered with status 503', true],
  ]);
  assert.equal(now.ways[0].sinceUnixMs, 5);
  assert.equal(now.history.length, 2);
});

test('history is written when something changes, not when it is told again, and outlives control', async () => {
  pop.client.send({ type: 'targets', whole: false, status: [way('healthy', 'ok', { sinceUnixMs: 9 })] });
  pop.client.send({ type: 'targets', whole: false, status: [way('unhealthy', 'tunnel-down', { sinceUnixMs: 7 })] });
  const changed = await until(({ state }) => state === 'unhealthy');
  assert.deepEqual(
    changed.history.map((one: { reason: string }) => one.reason),
    ['tunnel-down', ...changed.history.slice(1).map((one: { reason: string }) => one.reason)],
  );
  assert.equal(changed.history.length, 3);
  await world.stop();
  await world.start();
  const kept = await health();
  assert.deepEqual(kept.history, changed.history);
  assert.equal(kept.state, 'unknown', 'no PoP is linked with the new start yet');
  assert.deepEqual(
    kept.ways.map((one: { current: boolean }) => one.current),
    [false, false],
  );
});

test('a target takes its health along', async () => {
  await world.must('DELETE', `/targets/${targetId}`);
  assert.equal((await world.api('GET', `/targets/${targetId}/health`)).body.code, 'not-found');
});

test('a device of the site is a way as well, by its name', async () => {
  const { wireguardKey, udpEndpoints } = {
    wireguardKey: toBase64(random.bytes(32)),
    udpEndpoints: ['192.0.2.1:51820'],
  };
  const third = await world.addPop('ber', { wireguardKey, udpEndpoints });
  const { id: barn } = await world.must('POST', '/sites', { name: 'barn' });
  const targets = [{ siteId: barn, url: 'http://192.168.1.10:80' }];
  const { id } = await world.must('POST', '/resources', { name: 'Barn', host: 'barn.manis.localhost', targets });
  const { device } = await world.must('POST', `/sites/${barn}/devices`, { name: 'router' });
  const [target] = (await world.must('GET', `/resources/${id}/targets`)).items;
  await third.until(() => third.find('device', device.id) !== undefined);
  const said = { ...way('unhealthy', 'timed-out'), connectorId: device.id, targetId: target.id };
  third.client.send({ type: 'targets', whole: true, status: [said] });
  for (;;) {
    const { ways } = await world.must('GET', `/targets/${target.id}/health`);
    if (ways.length === 0) continue;
    assert.deepEqual([ways[0].pop, ways[0].connector, ways[0].reason], ['ber', 'router', 'timed-out']);
    break;
  }
});
