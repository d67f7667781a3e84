// A client's stream through a real tunnel, joined to a real TCP connection with a backend.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openPair, openStream, readAll } from '../../testing/loopback-node.ts';
import { join } from './join-streams.ts';
import type { TunnelSocket } from './tunnel-socket.ts';

interface Joined {
  /** The client's end of the tunnel. */
  readonly client: TunnelSocket;
  /** The backend's end of its connection. */
  readonly backend: Socket;
}

async function openJoined(t: TestContext, path?: string): Promise<Joined> {
  const { near, far } = await openPair(t, { receiveBufferBytes: 256 * 1024, sendBufferBytes: 256 * 1024 });
  const [client, tunnel] = await openStream(near, far);
  const server = createServer({ allowHalfOpen: true });
  t.after(() => void server.close());
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  await once(server, 'listening');
  const to = path === undefined ? { port: (server.address() as AddressInfo).port, host: '127.0.0.1' } : { path };
  const socket = connect({ ...to, allowHalfOpen: true });
  const [[backend]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown];
  t.after(() => void backend.destroy());
  join(tunnel, socket);
  return { client, backend };
}

/** The code of the error that breaks a stream; `none` where it closes without one. */
function brokenBy(stream: TunnelSocket | Socket): Promise<string> {
  return new Promise((resolve) => {
    stream.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    stream.once('close', () => resolve('none'));
    stream.resume();
  });
}

test('bytes go both ways, and each end finishes the other after its last byte', async (t) => {
  const { client, backend } = await openJoined(t);
  client.end('question');
  assert.equal(await readAll(backend), 'question');
  backend.write('long ');
  backend.end('answer');
  assert.equal(await readAll(client), 'long answer');
});

test('a backend that finishes first is still told the rest', async (t) => {
  const { client, backend } = await openJoined(t);
  backend.end('greeting');
  assert.equal(await readAll(client), 'greeting');
  client.end('farewell');
  assert.equal(await readAll(backend), 'farewell');
});

const breaks: { what: string; act: (joined: Joined) => void; seenBy: keyof Joined; as: string }[] = [
  {
    what: 'a backend that resets',
    act: ({ backend }) => backend.resetAndDestroy(),
    seenBy: 'client',
    as: 'tunnel-reset',
  },
  {
    what: 'a backend that resets within its answer',
    act: ({ backend }) => backend.write('half', () => backend.resetAndDestroy()),
    seenBy: 'client',
    as: 'tunnel-reset',
  },
  { what: 'a client that resets', act: ({ client }) => client.destroy(), seenBy: 'backend', as: 'ECONNRESET' },
  {
    what: 'a client that resets within its request',
    act: ({ client }) => client.write('half', () => client.destroy()),
    seenBy: 'backend',
    as: 'ECONNRESET',
  },
];
for (const { what, act, seenBy, as } of breaks) {
  test(`${what} resets the other end, which sees no end of the stream`, async (t) => {
    const joined = await openJoined(t);
    let ended = false;
    joined[seenBy].once('end', () => {
      ended = true;
    });
    const broken = brokenBy(joined[seenBy]);
    act(joined);
    assert.equal(await broken, as);
    assert.equal(ended, false);
  });
}

test('20 MB pass through intact while neither end reads faster than it wants', async (t) => {
  const { client, backend } = await openJoined(t);
  backend.pipe(backend);
  const total = 20_000_000;
  const chunk = Buffer.alloc(50_000, '0123456789');
  let received = 0;
  client.on('data', (part: Buffer) => {
    for (const at of [0, part.length - 1]) assert.equal(part[at], 48 + ((received + at) % 10));
    received += part.length;
  });
  for (let sent = 0; sent < total; sent += chunk.length) {
    if (!client.write(chunk)) await once(client, 'drain');
  }
  client.end();
  await once(client, 'end');
  assert.equal(received, total);
});

for (const reader of ['client', 'backend'] as const) {
  test(`a ${reader} that does not read stops the other end, until it reads`, async (t) => {
    const joined = await openJoined(t);
    const writer = joined[reader === 'client' ? 'backend' : 'client'];
    const chunk = Buffer.alloc(1024 * 1024);
    // More than every buffer on the way holds together, those of the kernel included.
    const chunks = 64;
    let taken = 0;
    const written = (async () => {
      for (; taken < chunks; taken++) if (!writer.write(chunk)) await once(writer, 'drain');
      writer.end();
    })();
    for (let before = -1; before !== taken; ) {
      before = taken;
      for (let turn = 0; turn < 300; turn++) await setImmediate();
    }
    assert.ok(taken < chunks, 'the writer was held back');
    let bytes = 0;
    joined[reader].on('data', (part: Buffer) => {
      bytes += part.length;
    });
    await Promise.all([written, once(joined[reader], 'end')]);
    assert.equal(bytes, chunks * chunk.length);
  });
}

test('a unix socket, which has no reset, is closed where the client breaks', async (t) => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'manis-join-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { client, backend } = await openJoined(t, joinPath(folder, 'backend.sock'));
  backend.resume();
  client.destroy();
  await once(backend, 'end');
});
