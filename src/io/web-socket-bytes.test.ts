import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { createRandom } from './random.ts';
import { WebSocketBytes } from './web-socket-bytes.ts';

const random = createRandom();
const NOTHING = new Uint8Array(0);

/** Both ends over loopback, and the connections below them. */
async function pair(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ host: '127.0.0.1', port: (server.address() as { port: number }).port });
  const [far] = (await once(server, 'connection')) as [Socket];
  const client = new WebSocketBytes({ stream: near, head: NOTHING, role: 'client', random });
  const other = new WebSocketBytes({ stream: far, head: NOTHING, role: 'server', random });
  t.after(() => {
    for (const stream of [near, far, client, other]) stream.destroy();
    server.close();
  });
  for (const end of [client, other]) end.on('error', () => undefined);
  return { client, other, near, far };
}

async function hashOf(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest('hex');
}

test('fifty megabytes pass both ways at once, unchanged and with backpressure', async (t) => {
  const { client, other } = await pair(t);
  const chunk = Buffer.from(random.bytes(65_521));
  const sent = createHash('sha256');
  const many = function* () {
    for (let left = 50_000_000; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
  };
  for (const part of many()) sent.update(part);
  const expected = sent.digest('hex');
  Readable.from(many()).pipe(client);
  Readable.from(many()).pipe(other);
  assert.deepEqual(await Promise.all([hashOf(client), hashOf(other)]), [expected, expected]);
  assert.deepEqual([client.counts, other.counts], [client.counts, { received: 50_000_000, sent: 50_000_000 }]);
});

test('each way ends by itself, and with both the connection', async (t) => {
  const { client, other, near, far } = await pair(t);
  const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
  client.end('ask');
  assert.equal(await text(other), 'ask');
  assert.equal(client.destroyed, false);
  other.end('answer');
  assert.equal(await text(client), 'answer');
  await closed;
  assert.deepEqual([client.errored, other.errored], [null, null]);
});

test('who does not read is not sent more than fits', async (t) => {
  const { client, other } = await pair(t);
  const chunk = Buffer.alloc(65_536);
  let written = 0;
  while (written < 200_000_000 && client.write(chunk)) written += chunk.length;
  assert.ok(client.writableNeedDrain && written < 200_000_000);
  other.resume();
  await once(client, 'drain');
});

test('who asks for signs of life and does not listen has few answers wait', async (t) => {
  const { near, far } = await pair(t);
  near.pause();
  const pings = Buffer.concat(Array.from({ length: 50_000 }, () => Buffer.from([0x89, 0x84, 1, 2, 3, 4, 1, 2, 3, 4])));
  for (let i = 0; i < 40; i++) if (!near.write(pings)) await once(near, 'drain');
  assert.ok(far.writableLength < 1_000_000, `${far.writableLength} bytes wait`);
});

const breaks: [string, (ends: { near: Socket; client: WebSocketBytes }) => void][] = [
  ['the connection ends', ({ near }) => near.end()],
  ['the connection is reset', ({ near }) => near.resetAndDestroy()],
  ['what comes is no such stream', ({ near }) => near.write('GET / HTTP/1.1')],
  ['the other end is destroyed', ({ client }) => client.destroy()],
];
for (const [name, doIt] of breaks)
  test(`${name}: what had come is not taken for all`, async (t) => {
    const ends = await pair(t);
    const failed = once(ends.other, 'error');
    ends.other.resume();
    ends.client.write('half');
    doIt(ends);
    await failed;
    assert.equal(ends.far.destroyed, true);
  });

async function text(stream: Duplex): Promise<string> {
  let all = '';
  for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) all += part.toString();
  return all;
}
