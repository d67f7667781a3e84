import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Samples } from '../io/metrics/samples.ts';
import { ControlWorld } from '../testing/control-world.ts';
import { readPrometheusText } from '../testing/prometheus-text.ts';
import { collectControl, notReadyOf } from './metrics.ts';

test('a control node tells what it is asked, what it has, and whether its store is there', async (context) => {
  const world = new ControlWorld();
  context.after(() => world.end());
  const { observed } = await world.start();
  await world.must('POST', '/sites', { name: 'office' });
  assert.equal((await world.call('GET', '/no/such/thing')).status, 404);
  const collect = async () => {
    const samples = new Samples();
    await collectControl(samples, observed);
    return readPrometheusText(samples.text());
  };
  const read = await collect();
  const sites = { route: '/api/v1/sites', method: 'POST', status: '2xx' };
  assert.equal(read.value('manis_control_http_requests_total', sites), 1);
  assert.equal(read.value('manis_control_http_requests_total', { route: 'none', status: '4xx' }), 1);
  assert.equal(read.value('manis_control_http_request_seconds_count'), 2);
  assert.equal(read.value('manis_control_records', { noun: 'site' }), 1);
  assert.equal(read.value('manis_control_webhook_deliveries', { state: 'dead' }), 0);
  assert.equal(read.value('manis_control_alerts_raised'), 0);
  for (const reason of ['rate', 'waiting', 'store'])
    assert.equal(read.value('manis_control_captures_lost_total', { reason }), 0, reason);
  assert.equal(read.value('manis_control_live_cut_total'), 0);
  assert.ok(read.value('manis_control_published_revision') >= 1);
  assert.ok(read.value('manis_control_certificate_earliest_expiry_timestamp_seconds') > 1.6e9);
  assert.equal(read.value('manis_control_store_reachable'), 1);
  assert.deepEqual(await notReadyOf(observed), []);
  await world.stop();
  assert.deepEqual(await notReadyOf(observed), ['store-unreachable']);
  const without = await collect();
  assert.equal(without.value('manis_control_store_reachable'), 0);
  assert.ok(Number.isNaN(without.value('manis_control_records', { noun: 'site' })));
});
