import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { readTraceparent } from '../core/tracing/index.ts';
import { createLog } from '../io/log.ts';
import { SPAN_QUEUE_MAX } from '../io/tracing/constants.ts';
import { SpanExporter } from '../io/tracing/span-exporter.ts';
import { OtlpReceiver } from '../testing/otlp-receiver.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, SIGNED_IN } from '../testing/pop-world.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const OTHER_HOST = 'closed.manis.localhost';

/** A backend that keeps the fields of the last request. */
async function backendOf(world: PopWorld): Promise<{ port: number; seen: () => IncomingHttpHeaders }> {
  let seen: IncomingHttpHeaders = {};
  const port = await world.listen(
    createServer((request, response) => {
      seen = request.headers;
      response.end('hello');
    }),
  );
  return { port, seen: () => seen };
}

describe('a PoP that traces', () => {
  let world: PopWorld;
  let receiver: OtlpReceiver;
  let exporter: SpanExporter;
  let seen: () => IncomingHttpHeaders;
  before(async () => {
    receiver = await OtlpReceiver.open();
    exporter = new SpanExporter({
      ...{ url: receiver.url, headers: { 'x-key': 'k' }, outbound: {}, log: createLog({ level: 'silent' }) },
      ...{ resource: { 'service.name': 'manis-pop' }, intervalMs: 1, retryMs: 1 },
    });
    world = await PopWorld.start({ tracing: { share: 1, spans: exporter } });
    const backend = await backendOf(world);
    seen = backend.seen;
    world.publishBasics(
      resource(backend.port, { policy: PUBLIC }),
      resource(backend.port, { id: 'closed', host: OTHER_HOST, policy: SIGNED_IN }),
    );
  });
  after(async () => {
    await world.stop();
    await exporter.stop();
    await receiver.close();
  });

  test('goes on with the trace of the client, hands it to the backend, and tells a collector of every stage', async () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'vendor=1' };
    assert.equal((await world.fetch(APP_HOST, '/notes?token=secret', { headers })).status, 200);
    const passed = readTraceparent(seen()['traceparent'] as string);
    assert.equal(seen()['tracestate'], 'vendor=1');
    assert.deepEqual([passed?.traceId, passed?.sampled], [TRACE, true]);
    const spans = await receiver.spansOf(TRACE, 4);
    const [whole, judge, way, backend] = ['GET', 'judge', 'way', 'backend'].map((name) =>
      spans.find((span) => span.name === name),
    );
    assert.ok(whole && judge && way && backend, spans.map(({ name }) => name).join());
    assert.equal(whole.parentSpanId, SPAN);
    for (const stage of [judge, way, backend]) assert.equal(stage.parentSpanId, whole.spanId);
    assert.equal(backend.spanId, passed?.spanId, 'the spans of the backend are within that one');
    assert.deepEqual([whole.kind, judge.kind, backend.kind], [2, 1, 3]);
    assert.equal(whole.attributes['url.path'], '/notes');
    assert.deepEqual(
      [whole.attributes['http.response.status_code'], judge.attributes['manis.reason'], way.attributes['manis.tries']],
      [200, 'bypass', 1],
    );
    for (const span of spans) assert.ok(span.startNanos <= span.endNanos);
    assert.ok(judge.endNanos <= way.startNanos && way.endNanos <= backend.startNanos);
    const text = JSON.stringify(receiver.bodies);
    assert.ok(!text.includes('secret') && !text.includes('127.0.0.1'));
    assert.equal(receiver.headers['x-key'], 'k');
  });

  test('tells of a request that came to no backend, and begins a trace where the client has none', async () => {
    assert.equal((await world.fetch(OTHER_HOST, '/')).status, 401);
    const spans = await receiver.spansWhere((span) => span.attributes['server.address'] === OTHER_HOST, 1);
    const [whole] = spans;
    assert.ok(whole);
    assert.match(whole.traceId, /^[0-9a-f]{32}$/);
    assert.equal(whole.parentSpanId, undefined);
    assert.deepEqual((await receiver.spansOf(whole.traceId, 2)).map(({ name }) => name).sort(), ['GET', 'judge']);
  });
});

describe('a PoP that does not trace', () => {
  let world: PopWorld;
  let seen: () => IncomingHttpHeaders;
  before(async () => {
    world = await PopWorld.start();
    const backend = await backendOf(world);
    seen = backend.seen;
    world.publishBasics(resource(backend.port, { policy: PUBLIC }));
  });
  after(() => world.stop());

  test('hands the backend what the client sent, and invents nothing', async () => {
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    await world.fetch(APP_HOST, '/', { headers: { traceparent } });
    assert.equal(seen()['traceparent'], traceparent);
    await world.fetch(APP_HOST, '/');
    assert.equal(seen()['traceparent'], undefined);
  });
});

test('a collector that fails is asked again, then spans are given up and counted; what is too much is dropped', async (context) => {
  const receiver = await OtlpReceiver.open();
  context.after(() => receiver.close());
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const exporter = new SpanExporter({
    ...{ url: receiver.url, headers: {}, outbound: {}, log, resource: {}, intervalMs: 1, retryMs: 1 },
  });
  const span = (n: number) => ({
    ...{ traceId: TRACE, spanId: n.toString(16).padStart(16, '0'), parentSpanId: undefined, name: 'x' },
    ...({ kind: 'internal', startUnixMs: 1, endUnixMs: 2, attributes: {} } as const),
  });
  const until = async (is: () => boolean) => {
    while (!is()) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  receiver.statuses = [503, 429];
  exporter.add([span(1)]);
  await until(() => exporter.counts.exported === 1);
  assert.equal(receiver.bodies.length, 3);
  receiver.statuses = [400];
  exporter.add([span(2)]);
  await until(() => exporter.counts.failed === 1);
  assert.equal(receiver.bodies.length, 4, 'what is wrong is not sent again');
  exporter.add(Array.from({ length: 5_000 }, (_, i) => span(i + 1)));
  assert.equal(exporter.counts.dropped, 5_000);
  exporter.add([span(3)]);
  await until(() => exporter.counts.exported === 2);
  await exporter.stop();
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ['traces are not taken', 'traces are taken again'],
  );
});

test('spans on their way to a collector that is slow take room, too, and are not waited for at the end', async () => {
  let asked = 0;
  const collector = createServer(() => void asked++);
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const url = new URL(`http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`);
  const log = createLog({ level: 'silent' });
  const exporter = new SpanExporter({ ...{ url, headers: {}, outbound: {}, log, resource: {}, intervalMs: 1 } });
  const span = { traceId: TRACE, spanId: SPAN, parentSpanId: undefined, name: 'x' };
  const times = { kind: 'internal', startUnixMs: 1, endUnixMs: 2, attributes: {} } as const;
  const many = Array.from({ length: SPAN_QUEUE_MAX }, () => ({ ...span, ...times }));
  exporter.add(many);
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  exporter.add([{ ...span, ...times }]);
  assert.equal(exporter.counts.dropped, 1);
  const stopped = exporter.stop();
  collector.closeAllConnections();
  collector.close();
  await stopped;
  assert.deepEqual([exporter.counts.failed, asked], [SPAN_QUEUE_MAX, 1]);
});
