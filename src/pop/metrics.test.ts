import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { METRICS } from '../io/metrics/registry.ts';
import { Samples } from '../io/metrics/samples.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';
import { familyOf, type ReadMetrics, readPrometheusText } from '../testing/prometheus-text.ts';
import { COUNTER_GROUPS } from './counters.ts';

describe('the metrics of a PoP', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
  });
  after(() => world.stop());

  const collect = async (): Promise<ReadMetrics> => {
    const samples = new Samples();
    await world.pop.collect(samples);
    return readPrometheusText(samples.text());
  };

  test('say that it has nothing to serve, and readiness says so, too', async () => {
    assert.deepEqual(world.pop.notReady(), ['snapshot-missing']);
    const read = await collect();
    assert.equal(read.value('manis_pop_drain_phase', { phase: 'serving' }), 1);
    assert.ok(Number.isNaN(read.value('manis_pop_snapshot_revision')));
  });

  test('tell of requests, decisions, the snapshot and certificates, by documented names alone', async () => {
    const port = await world.listen(createServer((_request, response) => response.end('hello')));
    world.publishBasics(resource(port, { policy: PUBLIC }));
    assert.equal((await world.fetch(APP_HOST, '/')).status, 200);
    assert.deepEqual(world.pop.notReady(), []);
    const read = await collect();
    assert.equal(read.value('manis_pop_requests_total', { kind: 'resource' }), 1);
    assert.equal(read.value('manis_pop_decisions_total', { reason: 'bypass' }), 1);
    assert.equal(read.value('manis_pop_exchanges_total', { event: 'complete' }), 1);
    assert.ok(read.value('manis_pop_snapshot_revision') >= 1);
    assert.equal(read.value('manis_pop_resources'), 1);
    assert.ok(read.value('manis_pop_certificate_earliest_expiry_timestamp_seconds') > 1.6e9);
    for (const { name, labels } of read.samples) {
      const family = familyOf(name, read.kinds);
      assert.ok(Object.hasOwn(METRICS, family), name);
      const documented = Object.keys(METRICS[family as keyof typeof METRICS].labels);
      assert.deepEqual(
        Object.keys(labels)
          .filter((label) => label !== 'le')
          .sort(),
        documented.sort(),
        name,
      );
      for (const value of Object.values(labels)) assert.ok(!value.includes(APP_HOST), `${name} tells of a host`);
    }
  });

  test('count everything that the counters hold', async () => {
    const { counters } = { counters: world.pop.counters() };
    const read = await collect();
    for (const group of COUNTER_GROUPS)
      for (const [counted, count] of Object.entries(counters[group])) {
        const told = read.samples.filter(
          ({ name, labels }) => name === `manis_pop_${group}_total` && Object.values(labels)[0] === counted,
        );
        assert.deepEqual(
          told.map(({ value }) => value),
          [count],
          `${group} ${counted}`,
        );
      }
  });
});
