// Real sockets on the loopback address: a node that answers, and a port where nobody does.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { formatEndpoint, parseEndpoint } from '../base/index.ts';
import { LoopbackNode } from '../testing/loopback-node.ts';
import { createClock } from './clock.ts';
import { ProbeClient } from './probe-client.ts';
import { createRandom } from './random.ts';

const ROUND = { count: 3, intervalMs: 1, sizeBytes: 1_200, waitMs: 5_000 };

test('a node on the way of WireGuard answers probes, and tells whence they came and what time it is', async (t) => {
  const node = await LoopbackNode.open();
  const client = await ProbeClient.open('127.0.0.1', createClock(), createRandom());
  t.after(async () => {
    await client.close();
    await node.driver.close();
  });
  const round = await client.round(node.endpoint, ROUND);
  assert.deepEqual([round.sent, round.answered], [3, 3]);
  assert.match(round.seenAs ? formatEndpoint(round.seenAs) : '', /^127\.0\.0\.1:\d+$/);
  assert.ok(Math.abs(round.clockAheadMs ?? 1e9) < 1_000, 'it is the same clock');
});

test('nobody answers: the round ends after its time and says so', async (t) => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const client = await ProbeClient.open('127.0.0.1', createClock(), createRandom());
  t.after(async () => {
    await client.close();
    silent.close();
  });
  const to = parseEndpoint(`127.0.0.1:${silent.address().port}`);
  assert.ok(to);
  const round = await client.round(to, { ...ROUND, waitMs: 20 });
  assert.deepEqual(round, { sent: 3, answered: 0, rttsMs: [], seenAs: undefined, clockAheadMs: undefined });
});
