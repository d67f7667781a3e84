import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { issueLeaf, type Leaf, type LocalCa, openLocalCa } from './certificates.ts';
import { createClock } from './clock.ts';
import { ConnectionLimiter } from './connection-limiter.ts';
import { HandshakeTimes } from './handshake-times.ts';
import { type Listener, listenHttps, serverContext } from './https-server.ts';
import { createRandom } from './random.ts';

const HOST = 'app.example.com';
const WAY_MS = 30;
const LIMITS = {
  ...{ headerBytes: 16_384, headerCount: 100, headersTimeoutMs: 10_000, handshakeTimeoutMs: 10_000 },
  ...{ keepAliveMs: 10_000, idleMs: 10_000, requestsPerConnection: 10 },
};

/** Passes bytes on, each after `delayMs`, like a long way. */
async function longWay(port: number, delayMs: number) {
  const server = createServer((near: Socket) => {
    const far = tcpConnect(port, '127.0.0.1');
    const late = (to: Socket) => (bytes: Buffer) =>
      void setTimeout(() => {
        if (to.writable) to.write(bytes);
      }, delayMs);
    near.on('data', late(far));
    far.on('data', late(near));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}

describe('the round trip of a handshake', () => {
  const measured: { address: string; rttMs: number }[] = [];
  let folder = '';
  let ca: LocalCa;
  let leaf: Leaf;
  let listener: Listener;
  let way: Awaited<ReturnType<typeof longWay>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manis-handshake-'));
    const [clock, random] = [createClock(), createRandom()];
    ca = await openLocalCa(folder, clock.unixMs(), random);
    leaf = issueLeaf(ca, { dns: [HOST], ip: [] }, clock.unixMs(), random);
    const context = serverContext(leaf.chainPem, leaf.keyPem);
    const limiter = new ConnectionLimiter(100, 100, () => undefined);
    const handlers = { request: () => undefined, upgrade: () => undefined, malformed: () => undefined };
    const times = new HandshakeTimes(clock, (address, rttMs) => measured.push({ address, rttMs }));
    const certificates = { contextFor: () => context };
    listener = await listenHttps({ host: '127.0.0.1', port: 0 }, certificates, LIMITS, limiter, handlers, times);
    way = await longWay(listener.port, WAY_MS);
  });
  after(async () => {
    way.close();
    await listener.close(0);
    await rm(folder, { recursive: true });
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`is measured, without the way of the first message (${maxVersion})`, async () => {
      measured.length = 0;
      const options = { host: '127.0.0.1', port: way.port, servername: HOST, ca: ca.certificatePem };
      const socket = tlsConnect({ ...options, maxVersion });
      await once(socket, 'secureConnect');
      while (measured.length === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      const [{ address, rttMs } = { address: '', rttMs: 0 }] = measured;
      assert.deepEqual([measured.length, address], [1, '127.0.0.1']);
      // Two ways; timers may fire a millisecond early, and a busy machine takes longer.
      assert.ok(rttMs >= 2 * WAY_MS - 2, String(rttMs));
    });
  }
});
