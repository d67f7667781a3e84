// Carriers and small HTTPS requests through Debian's tinyproxy, with the credentials that it asks for.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CarrierDialer } from '../../src/io/carrier/carrier-dialer.ts';
import { CarrierServer } from '../../src/io/carrier/carrier-server.ts';
import { Carriers } from '../../src/io/carrier/carriers.ts';
import { issueLeaf, openLocalCa } from '../../src/io/certificates.ts';
import { createClock } from '../../src/io/clock.ts';
import { ConnectionLimiter } from '../../src/io/connection-limiter.ts';
import { HandshakeTimes } from '../../src/io/handshake-times.ts';
import { type Listener, listenHttps, serverContext } from '../../src/io/https-server.ts';
import { JsonClient } from '../../src/io/json-client.ts';
import type { OutboundSettings } from '../../src/io/outbound/outbound-agents.ts';
import { createRandom } from '../../src/io/random.ts';
import { requireTools } from './requirements.ts';

const HOST = 'manis.localhost';
const LIMITS = {
  ...{ headerBytes: 16_384, headerCount: 100, headersTimeoutMs: 10_000, handshakeTimeoutMs: 10_000 },
  ...{ keepAliveMs: 5_000, idleMs: 60_000, requestsPerConnection: 100 },
};

async function startTinyproxy(t: TestContext): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-tinyproxy-'));
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 600', 'MaxClients 20', 'BasicAuth ada s3cret'];
  writeFileSync(join(folder, 'conf'), `${lines.join('\n')}\n`);
  const child: ChildProcess = spawn('tinyproxy', ['-d', '-c', join(folder, 'conf')], { stdio: 'ignore' });
  t.after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  for (let i = 0; i < 200; i++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(child, 'exit').then(() => {
        throw new Error('tinyproxy ended');
      }),
    ]);
    socket.destroy();
    if (isThere) return port;
    await sleep(50);
  }
  throw new Error('tinyproxy does not listen');
}

async function startServer(t: TestContext): Promise<{ listener: Listener; ca: string; arrived: Promise<string> }> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-tinyproxy-ca-'));
  const [random, clock] = [createRandom(), createClock()];
  const authority = await openLocalCa(folder, Date.now(), random);
  rmSync(folder, { recursive: true });
  const leaf = issueLeaf(authority, { dns: [HOST], ip: ['127.0.0.1'] }, Date.now(), random);
  const context = serverContext(leaf.chainPem, leaf.keyPem);
  const arrived = Promise.withResolvers<string>();
  const carriers = new Carriers({
    clock,
    receiver: {
      receiveCarried: (bytes, offset, length, from) => {
        arrived.resolve(Buffer.from(bytes.subarray(offset, offset + length)).toString());
        carriers.send(from, Buffer.from('and back'));
      },
      wake: () => undefined,
    },
  });
  const server = new CarrierServer({ carriers, clock, node: { usesCarrier: () => true } });
  const certificates = { contextFor: (name: string) => (name === HOST ? context : undefined) };
  const limiter = new ConnectionLimiter(100, 100, () => undefined);
  const listener = await listenHttps(
    { host: '127.0.0.1', port: 0 },
    certificates,
    LIMITS,
    limiter,
    {
      request: (_request, response) => void response.end('{"good":true}'),
      upgrade: ({ stream }) => void stream.destroy(),
      malformed: () => undefined,
      carrier: server.door,
    },
    new HandshakeTimes(clock, () => undefined),
  );
  t.after(async () => {
    server.close();
    await listener.close(0);
  });
  return { listener, ca: authority.certificatePem, arrived: arrived.promise };
}

test('tinyproxy lets a carrier and a request through with its credentials, and says 407 without', async (t) => {
  if (!requireTools(t, ['tinyproxy'])) return;
  const port = await startTinyproxy(t);
  const { listener, ca, arrived } = await startServer(t);
  const through = (user: string): OutboundSettings => ({
    ca,
    proxy: { url: new URL(`http://${user}127.0.0.1:${port}`), except: [] },
  });
  const there = { endpoint: `127.0.0.1:${listener.port}`, serverName: HOST };

  const dialer = new CarrierDialer(through('ada:s3cret@'));
  t.after(() => dialer.close());
  const { socket } = await dialer.dial(there);
  const back = Promise.withResolvers<string>();
  const carriers = new Carriers({
    clock: createClock(),
    receiver: {
      receiveCarried: (bytes, offset, length) =>
        back.resolve(Buffer.from(bytes.subarray(offset, offset + length)).toString()),
      wake: () => undefined,
    },
  });
  t.after(() => carriers.close());
  carriers.send(carriers.add(socket).endpoint, Buffer.from('there'));
  assert.equal(await arrived, 'there');
  assert.equal(await back.promise, 'and back');

  for (const [user, message] of [
    ['', /answered 407 .*use http:\/\/USER:PASSWORD@127\.0\.0\.1/],
    ['ada:wrong@', /answered 40[17] /],
  ] as const) {
    const stranger = new CarrierDialer(through(user));
    t.after(() => stranger.close());
    await assert.rejects(stranger.dial(there), { message });
    const client = new JsonClient({ timeoutMs: 5_000, answerBytes: 1_000, ...through(user) });
    t.after(() => client.close());
    const asked = client.send({ method: 'GET', url: new URL(`https://127.0.0.1:${listener.port}/`) });
    await assert.rejects(asked, { message });
  }
});
