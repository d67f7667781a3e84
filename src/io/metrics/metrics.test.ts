import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { metricsPage } from '../../testing/architecture/metrics-page.ts';
import { readPrometheusText } from '../../testing/prometheus-text.ts';
import { DURATION_BOUNDS_SECONDS, METRIC_SERIES_MAX } from './constants.ts';
import { Distribution } from './distribution.ts';
import type { NotReady } from './not-ready.ts';
import { listenForObservers } from './observation-listener.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { METRIC_GROUPS, METRICS } from './registry.ts';
import { Samples } from './samples.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

describe('the registry of metrics', () => {
  test('is what docs/metrics.md says: npm run docs', () => {
    assert.equal(readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8'), metricsPage());
  });

  test('has each name once', () => {
    const names = METRIC_GROUPS.flatMap(([, metrics]) => Object.keys(metrics));
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(names.sort(), Object.keys(METRICS).sort());
  });

  test('names metrics as Prometheus asks for', () => {
    for (const [name, { kind, help, labels }] of Object.entries(METRICS)) {
      assert.match(name, /^(?:manis|process)_[a-z0-9_]+$/);
      assert.equal(name.endsWith('_total'), kind === 'counter', name);
      assert.match(help, /^[A-Z1].*\.$/, name);
      for (const label of Object.keys(labels)) assert.match(label, /^(?!le$|quantile$)[a-z_]+$/, name);
    }
  });
});

describe('samples', () => {
  test('are written metric by metric, whatever the order they came in, and read again as they were', () => {
    const samples = new Samples();
    samples.add('manis_pop_decisions_total', 3, { reason: 'rule-denied' });
    samples.add('manis_ready', 1);
    samples.add('manis_pop_decisions_total', 4, { reason: 'a "quoted" \\ reason\nof two lines' });
    const read = readPrometheusText(samples.text());
    assert.deepEqual(
      [...read.kinds],
      [
        ['manis_ready', 'gauge'],
        ['manis_pop_decisions_total', 'counter'],
      ],
    );
    assert.equal(read.value('manis_pop_decisions_total', { reason: 'a "quoted" \\ reason\nof two lines' }), 4);
  });

  test('what is not known is left out', () => {
    const samples = new Samples();
    samples.add('manis_ready', undefined);
    samples.add('manis_pop_snapshot_age_seconds', Number.POSITIVE_INFINITY);
    assert.equal(samples.text(), '\n');
  });

  test('one metric has only so many series, and how many are missing is told', () => {
    const samples = new Samples();
    for (let i = 0; i < METRIC_SERIES_MAX + 3; i++)
      samples.add('manis_pop_decisions_total', 1, { reason: `reason-${i}` });
    assert.equal(readPrometheusText(samples.text()).samples.length, METRIC_SERIES_MAX);
    assert.equal(samples.leftOut, 3);
  });

  test('a distribution counts each duration under every bound that it is not above', () => {
    const distribution = new Distribution();
    for (const durationMs of [0, 1, 1.1, 60_000]) distribution.observeMs(durationMs);
    const samples = new Samples();
    samples.add('manis_pop_request_stage_seconds', distribution, { stage: 'total' });
    const read = readPrometheusText(samples.text());
    const under = (le: string) => read.value('manis_pop_request_stage_seconds_bucket', { le, stage: 'total' });
    assert.deepEqual([under('0.0001'), under('0.001'), under('0.0025'), under('30'), under('+Inf')], [1, 2, 3, 3, 4]);
    assert.equal(read.value('manis_pop_request_stage_seconds_count'), 4);
    assert.ok(Math.abs(read.value('manis_pop_request_stage_seconds_sum') - 60.0021) < 1e-9);
    assert.equal(read.samples.length, DURATION_BOUNDS_SECONDS.length + 3);
  });
});

test('a process tells of its memory, its processor time and, from the second time on, how late its loop is', async () => {
  const metrics = new ProcessMetrics();
  const collect = () => {
    const samples = new Samples();
    const facts = { node: 'pop', version: '1.2.3', notReady: ['draining'], lines: { warn: 2 } } as const;
    metrics.collect(samples, facts);
    return readPrometheusText(samples.text());
  };
  const first = collect();
  assert.equal(first.value('manis_build_info', { node: 'pop', version: '1.2.3' }), 1);
  assert.deepEqual([first.value('manis_ready'), first.value('manis_not_ready', { reason: 'draining' })], [0, 1]);
  assert.equal(first.value('manis_not_ready', { reason: 'snapshot-stale' }), 0);
  assert.ok(first.value('process_resident_memory_bytes') > 1e7);
  assert.ok(first.value('process_start_time_seconds') > 1.6e9);
  assert.ok(Number.isNaN(first.value('manis_event_loop_delay_seconds', { statistic: 'p99' })));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const p99 = collect().value('manis_event_loop_delay_seconds', { statistic: 'p99' });
    if (p99 >= 0 && p99 < 60) break;
  }
  metrics.stop();
});

describe('the listener for observers', () => {
  let reasons: readonly NotReady[] = [];
  const listening = listenForObservers(
    { host: '127.0.0.1', port: 0 },
    {
      notReady: () => reasons,
      metrics: async () => {
        if (reasons[0] === 'starting') throw new Error('no');
        return 'manis_ready 1\n';
      },
    },
  );
  const ask = async (
    path: string,
    method = 'GET',
    headers: Record<string, string> = {},
  ): Promise<readonly [status: number, body: string, type: string]> => {
    const { endpoint } = await listening;
    return new Promise((resolve, reject) => {
      const asked = request({ ...endpoint, path, method, headers }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          body += part;
        });
        answer.on('end', () => resolve([answer.statusCode ?? 0, body, answer.headers['content-type'] ?? '']));
      });
      asked.on('error', reject).end();
    });
  };

  test('on loopback it answers no page whose name is made to lead there', async () => {
    const { port } = (await listening).endpoint;
    const table: [host: string, status: number][] = [
      [`127.0.0.1:${port}`, 200],
      [`localhost:${port}`, 200],
      ['LOCALHOST', 200],
      ['[::1]:1', 200],
      ['127.1.2.3', 200],
      ['evil.example', 421],
      [`evil.example:${port}`, 421],
      ['127.0.0.1.evil.example', 421],
      ['localhost.evil.example', 421],
      ['192.0.2.1', 421],
    ];
    for (const path of ['/metrics', '/healthz', '/readyz'])
      for (const [host, status] of table)
        assert.equal((await ask(path, 'GET', { host }))[0], status, `${host} ${path}`);
  });

  test('tells metrics, health and readiness, and nothing else', async (context) => {
    context.after(async () => (await listening).close());
    assert.deepEqual(await ask('/metrics'), [200, 'manis_ready 1\n', 'text/plain; version=0.0.4; charset=utf-8']);
    assert.deepEqual((await ask('/metrics', 'HEAD')).slice(0, 2), [200, '']);
    assert.deepEqual((await ask('/healthz')).slice(0, 2), [200, '{"status":"ok"}']);
    assert.deepEqual((await ask('/readyz?verbose')).slice(0, 2), [200, '{"status":"ready","reasons":[]}']);
    assert.equal((await ask('/'))[0], 404);
    assert.equal((await ask('/metrics', 'POST'))[0], 405);
    reasons = ['starting', 'snapshot-missing'];
    const notReady = [503, '{"status":"not-ready","reasons":["starting","snapshot-missing"]}'];
    assert.deepEqual((await ask('/readyz')).slice(0, 2), notReady);
    assert.equal((await ask('/healthz'))[0], 200);
    assert.equal((await ask('/metrics'))[0], 500);
  });

  test('says where it cannot listen', async (context) => {
    const first = await listenForObservers(
      { host: '127.0.0.1', port: 0 },
      { notReady: () => [], metrics: async () => '' },
    );
    context.after(() => first.close());
    await assert.rejects(listenForObservers(first.endpoint, { notReady: () => [], metrics: async () => '' }), {
      code: 'listen-failed',
    });
  });
});
