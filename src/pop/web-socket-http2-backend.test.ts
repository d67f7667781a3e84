/** WebSockets to targets of HTTP/2: on streams where they are offered (RFC 8441), else by HTTP/1.1, else told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createSecureServer, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { TargetRecord } from '../core/link/index.ts';
import { type Issued, issue } from '../testing/client-pki.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';

/** What `ws` keeps to itself: the way to run on a stream that somebody else opened. */
interface OwnStream {
  _isServer: boolean;
  setSocket(stream: unknown, head: Buffer, options: object): void;
}

function onStream(stream: unknown, isServer: boolean): WebSocket {
  const socket = new WebSocket(null as never, undefined, { autoPong: true } as never);
  const own = socket as unknown as OwnStream;
  own._isServer = isServer;
  own.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 1 << 20 });
  return socket;
}

const OFFERED = { settings: { enableConnectProtocol: true } };

describe('WebSockets to targets of HTTP/2', () => {
  let world: PopWorld;
  let leaf: Issued;
  let count = 0;
  /** What targets saw of handshakes, and how WebSockets ended there. */
  const seen: IncomingHttpHeaders[] = [];
  let ended = Promise.withResolvers<number>();

  before(async () => {
    world = await PopWorld.start();
    world.publishBasics();
    leaf = await issue(Date.now(), { name: 'wiki', dns: ['inner.example'] });
  });
  after(() => world.stop());

  function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    if (headers[':method'] !== 'CONNECT') {
      stream.respond({ ':status': 200 });
      return void stream.end('a page');
    }
    seen.push(headers);
    if (headers[':path'] === '/closed') {
      stream.respond({ ':status': 403, 'content-type': 'text/plain' });
      return void stream.end('not for you');
    }
    stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat' });
    greet(onStream(stream, true), '2.0');
  }

  function greet(socket: WebSocket, version: string): void {
    socket.on('error', () => undefined);
    socket.on('close', (code) => ended.resolve(code));
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.send(version);
  }

  /** The same by HTTP/1.1. */
  function speaking(server: HttpServer): HttpServer {
    new WebSocketServer({ server }).on('connection', (socket) => greet(socket, '1.1'));
    return server;
  }

  async function publish(server: Server, changes: Partial<TargetRecord> = {}): Promise<string> {
    const port = await world.listen(server);
    const id = `app-${++count}`;
    const host = `${id}.manis.localhost`;
    const targets = [target(port, { id: `target-${id}`, protocol: 'h2', ...changes })];
    world.publish(resource(port, { id, host, policy: PUBLIC, targets }));
    return host;
  }

  const offering = () => createServer(OFFERED).on('stream', serve) as unknown as Server;
  const tls = () => ({ cert: leaf.certificatePem, key: leaf.keyPem });
  const secure = () => ({
    scheme: 'https' as const,
    tls: { serverName: 'inner.example', verify: true, caPem: leaf.certificatePem },
  });

  function overHttp1(host: string, path = '/'): WebSocket {
    const options = { ca: world.ca.certificatePem, servername: host, headers: { host: `${host}:${world.port}` } };
    return new WebSocket(`wss://127.0.0.1:${world.port}${path}`, 'chat', { ...options, perMessageDeflate: false });
  }

  const hello = async (socket: WebSocket): Promise<string> => String((await once(socket, 'message'))[0]);

  /** The status and the text of an answer that is no WebSocket. */
  async function refusal(socket: WebSocket): Promise<[number | undefined, string]> {
    socket.on('error', () => undefined);
    const [, answer] = await once(socket, 'unexpected-response');
    let text = '';
    for await (const part of answer) text += part;
    return [answer.statusCode, text];
  }

  test('go on a stream, without a key, and answer the key of the client', async () => {
    for (const [server, changes] of [
      [offering(), {}],
      [createSecureServer({ ...OFFERED, ...tls() }).on('stream', serve) as unknown as Server, secure()],
    ] as const) {
      const socket = overHttp1(await publish(server, changes), '/socket?a=b');
      assert.equal(await hello(socket), '2.0');
      assert.equal(socket.protocol, 'chat');
      const head = seen.at(-1);
      assert.deepEqual(
        [head?.[':protocol'], head?.[':path'], head?.['sec-websocket-key'], head?.['sec-websocket-version']],
        ['websocket', '/socket?a=b', undefined, '13'],
      );
      socket.send('x'.repeat(300_000));
      assert.equal((await once(socket, 'message'))[0].length, 300_000);
      ended = Promise.withResolvers();
      socket.close(4001);
      await once(socket, 'close');
      assert.equal(await ended.promise, 4001);
    }
  });

  test('from a stream to a stream, and a reset of the one resets the other', async () => {
    const host = await publish(offering());
    const client = await Http2Client.open(world, host);
    const open = async () => {
      const asking = { ':method': 'CONNECT', ':protocol': 'websocket', 'sec-websocket-version': '13' };
      const stream = client.request(host, '/', asking);
      const [headers] = await once(stream, 'response');
      assert.equal(headers[':status'], 200);
      const socket = onStream(stream, false);
      return { stream, socket, first: await hello(socket) };
    };
    const [one, other] = [await open(), await open()];
    assert.deepEqual([one.first, other.first], ['2.0', '2.0']);
    ended = Promise.withResolvers();
    one.stream.close(8);
    assert.equal(await ended.promise, 1006);
    other.socket.send('still here');
    assert.equal(await hello(other.socket), 'still here');
    client.close();
  });

  test('a refusal is passed on, and requests go their way', async () => {
    const host = await publish(offering());
    assert.deepEqual(await refusal(overHttp1(host, '/closed')), [403, 'not for you']);
    assert.equal((await world.fetch(host, '/')).body, 'a page');
  });

  test('more than one connection carries are shared among several, and the end of one ends what it carried', async () => {
    const connections = new Set<Socket>();
    const server = offering().on('connection', (socket) => connections.add(socket));
    const host = await publish(server);
    const sockets = Array.from({ length: 120 }, () => overHttp1(host));
    await Promise.all(sockets.map(hello));
    assert.equal(connections.size, 2);
    const [first] = connections;
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    for (const socket of sockets) socket.on('error', () => undefined);
    first?.destroy();
    await Promise.race(closed);
    assert.equal(await hello(overHttp1(host)), '2.0');
    for (const socket of sockets) socket.terminate();
  });

  test('no connection carries more than its target takes', async () => {
    const few = { settings: { enableConnectProtocol: true, maxConcurrentStreams: 3 } };
    const host = await publish(createServer(few).on('stream', serve) as unknown as Server);
    const sockets = Array.from({ length: 11 }, () => overHttp1(host));
    assert.deepEqual(new Set(await Promise.all(sockets.map(hello))), new Set(['2.0']));
    for (const socket of sockets) socket.terminate();
  });

  test('by HTTP/1.1 where they are not offered and it is spoken on the same port', async () => {
    const both = createSecureServer({ allowHTTP1: true, ...tls() }).on('stream', serve);
    const socket = overHttp1(await publish(speaking(both as unknown as HttpServer) as unknown as Server, secure()));
    assert.equal(await hello(socket), '1.1');
    socket.terminate();
  });

  test('are told to be refused where neither is spoken, and do the target no harm', async () => {
    const text = 'target-no-websockets';
    for (const [server, changes] of [
      [createServer().on('stream', serve) as unknown as Server, {}],
      [createSecureServer(tls()).on('stream', serve) as unknown as Server, secure()],
    ] as const) {
      const host = await publish(server, changes);
      for (let i = 0; i < 10; i++) {
        const [status, body] = await refusal(overHttp1(host));
        assert.deepEqual([status, JSON.parse(body).code], [502, text]);
      }
      assert.equal((await world.fetch(host, '/')).body, 'a page');
    }
  });

  test('whose target speaks no HTTP/2 after all are told so', async () => {
    const host = await publish(createHttpsServer(tls()), secure());
    const [status, body] = await refusal(overHttp1(host));
    const { code, reason } = JSON.parse(body);
    assert.deepEqual([status, code, reason], [502, 'target-tls-failed', 'tls-protocol-refused']);
    const plain = await publish(createHttpServer());
    assert.equal((await refusal(overHttp1(plain)))[0], 502);
  });
});
