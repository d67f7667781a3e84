import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { issueLeaf, type Leaf, openLocalCa } from './certificates.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';
import { createTlsServer, type TlsServerLimits } from './tls-server.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'manis-tls-'));
let leaf: Leaf;
before(async () => {
  const now = createClock().unixMs();
  const random = createRandom();
  leaf = issueLeaf(await openLocalCa(dataDir, now, random), { dns: ['localhost'], ip: ['127.0.0.1'] }, now, random);
});
after(() => rmSync(dataDir, { recursive: true }));

const GENEROUS: TlsServerLimits = {
  handshakeTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  connections: 100,
  connectionsPerAddress: 100,
};

/** What comes back until the server closes the connection; fails the test (by its time) where it never does. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

async function withServer(limits: Partial<TlsServerLimits>, run: (port: number) => Promise<void>): Promise<void> {
  const { server } = createTlsServer(leaf, { ...GENEROUS, ...limits });
  server.on('request', (request, response) => request.resume().on('end', () => response.end('answered')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run((server.address() as AddressInfo).port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const tls = (port: number) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });

test('a client that begins no handshake is cut', { timeout: 5_000 }, () =>
  withServer({ handshakeTimeoutMs: 50 }, async (port) => {
    assert.equal(await untilClosed(connectTcp(port, '127.0.0.1')), '');
  }),
);

test('a client that sends its head too slowly is told so and cut', { timeout: 5_000 }, () =>
  withServer({ headersTimeoutMs: 50 }, async (port) => {
    const socket = tls(port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
  }),
);

test('so is one whose body never ends', { timeout: 5_000 }, () =>
  withServer({ headersTimeoutMs: 50, requestTimeoutMs: 100 }, async (port) => {
    const socket = tls(port);
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc');
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 408 /);
  }),
);

test('connections beyond the limit of one address are cut, and the others go on', { timeout: 5_000 }, () =>
  withServer({ connectionsPerAddress: 2 }, async (port) => {
    const first = tls(port);
    const second = tls(port);
    await Promise.all([once(first, 'secureConnect'), once(second, 'secureConnect')]);
    assert.equal(await untilClosed(tls(port)), '');
    first.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assert.match(await untilClosed(first), /answered$/);
    second.destroy();
  }),
);
