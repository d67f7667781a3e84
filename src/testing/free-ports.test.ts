import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort, freePorts } from './free-ports.ts';

test('ports come in a row, and none twice', async () => {
  const [a, b, c] = await freePorts(3);
  assert.deepEqual([b, c], [(a as number) + 1, (a as number) + 2]);
  const more = [await freePort(), ...(await freePorts(2))];
  assert.equal(new Set([a, b, c, ...more]).size, 6);
});

test('a row with one that somebody has is passed over', async () => {
  const [before] = await freePorts(1);
  const taken = (before as number) + 3;
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  const ports = await freePorts(5);
  server.close();
  assert.equal(ports.length, 5);
  assert.ok(!ports.includes(taken));
});
