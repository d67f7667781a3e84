// HTTP/2 to a backend through a real tunnel: its streams are no sockets of the system.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createFront } from 'node:http';
import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Http2Upstream } from '../io/http2-client/http2-upstream.ts';
import { createLog } from '../io/log.ts';
import { secureStream } from '../io/secure-stream.ts';
import { issue } from '../testing/client-pki.ts';
import { openPair } from '../testing/loopback-node.ts';
import { Dialer } from './dial.ts';

async function listen(t: TestContext, server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Gives back what it gets, and how long that was in a trailer. */
function echo(stream: ServerHttp2Stream): void {
  let length = 0;
  stream.on('error', () => undefined);
  stream.on('data', (part: Buffer) => {
    length += part.length;
  });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-length': String(length) }));
  stream.respond({ ':status': 200 }, { waitForTrailers: true });
  stream.pipe(stream);
}

for (const isSecure of [false, true])
  test(`HTTP/2${isSecure ? ' over TLS' : ''} through a tunnel: many streams, and large ones`, async (t) => {
    const { certificatePem: cert, keyPem: key } = await issue(Date.now(), { name: 'a', dns: ['a.example'] });
    const backend = isSecure ? createSecureServer({ cert, key }) : createServer();
    const port = await listen(t, backend.on('stream', echo as never) as unknown as Server);
    const { near: pop, far: connector } = await openPair(t);
    const target = { id: 'target-1', overlayPort: 5_000, host: '127.0.0.1', port };
    const dialer = new Dialer(
      (overlayPort) => (overlayPort === 5_000 ? target : undefined),
      createLog({ level: 'silent' }),
    );
    connector.onAttempt = (attempt) => dialer.dial(connector.driver, attempt);
    t.after(() => dialer.close());

    const open = async () => {
      const stream = pop.driver.connect(connector.address, 5_000);
      await once(stream, 'connect');
      if (!isSecure) return stream;
      const tls = { serverName: 'a.example', verify: true, ca: cert, protocol: 'h2' as const };
      return secureStream(stream, { ...tls, timeoutMs: 60_000 });
    };
    const limits = {
      connections: 8,
      headersTimeoutMs: 60_000,
      bodyTimeoutMs: 0,
      keepAliveMs: 4_000,
      headerBytes: 16_384,
    };
    const upstream = new Http2Upstream(open, isSecure ? 'https' : 'http', limits);
    t.after(() => upstream.destroy());
    const front = createFront((incoming, response) => {
      const { method = '', url: path = '', rawHeaders } = incoming;
      const hasBody = method === 'POST';
      upstream.relay({ method, path, headers: rawHeaders, incoming, hasBody }, response, {
        head: (_status, fields) => fields,
        trailers: (fields) => fields,
        failed: (failure) => void response.writeHead(502).end(failure.kind),
        ended: () => undefined,
      });
    });
    const url = `http://127.0.0.1:${await listen(t, front)}/`;

    const small = await Promise.all(
      Array.from({ length: 150 }, async (_, i) => (await fetch(url, { method: 'POST', body: `call ${i}` })).text()),
    );
    assert.deepEqual(
      small,
      Array.from({ length: 150 }, (_, i) => `call ${i}`),
    );
    const body = Buffer.alloc(5_000_000, 'manis');
    const large = await Promise.all(
      [1, 2, 3].map(async () => (await fetch(url, { method: 'POST', body })).arrayBuffer()),
    );
    for (const got of large) assert.ok(Buffer.from(got).equals(body));
    assert.ok(dialer.counters.dialled <= 2, `${dialer.counters.dialled} connections`);
  });
