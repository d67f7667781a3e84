import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { after, before, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { HTTP2_IDLE_BYTES_BURST, HTTP2_LOOK_MS } from '../io/http/constants.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const DEFLATE = { threshold: 0, serverNoContextTakeover: true };

interface Opened {
  readonly socket: WebSocket;
  readonly stream: ClientHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/** What `ws` keeps to itself: the way to run on a stream that somebody else opened. */
interface OwnStream {
  _isServer: boolean;
  setSocket(stream: unknown, head: Buffer, options: object): void;
}

describe('WebSockets over HTTP/1.1 and HTTP/2', () => {
  let world: PopWorld;
  let client: Http2Client;
  let server: WebSocketServer;
  let closed = Promise.withResolvers<[code: number, reason: string]>();
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((_request, response) => response.end('a page'));
    server = new WebSocketServer({
      server: backend,
      path: '/socket',
      perMessageDeflate: DEFLATE,
      handleProtocols: () => 'chat',
    });
    server.on('connection', (socket, request) => {
      socket.on('close', (code, reason) => closed.resolve([code, String(reason)]));
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.send(JSON.stringify({ version: request.httpVersion, extensions: socket.extensions, url: request.url }));
    });
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
    client = await Http2Client.open(world, APP_HOST);
  });
  after(async () => {
    client.close();
    server.close();
    await world.stop();
  });

  function overHttp1(): WebSocket {
    const headers = { host: `${APP_HOST}:${world.port}` };
    const tls = { ca: world.ca.certificatePem, servername: APP_HOST };
    return new WebSocket(`wss://127.0.0.1:${world.port}/socket?a=b`, 'chat', { ...tls, headers });
  }

  async function overHttp2(path = '/socket?a=b', fields: Record<string, string> = {}): Promise<Opened> {
    const stream = client.request(APP_HOST, path, {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'chat',
      'sec-websocket-extensions': 'permessage-deflate; server_no_context_takeover',
      ...fields,
    });
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const socket = new WebSocket(null as never, undefined, { autoPong: true } as never);
    const own = socket as unknown as OwnStream;
    own._isServer = false;
    if (headers[':status' as never] === (200 as never))
      own.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 1 << 20 });
    return { socket, stream, headers };
  }

  test('over HTTP/1.1: messages, compression, ping and pong, and the code of a close pass', async () => {
    const socket = overHttp1();
    const [hello] = (await once(socket, 'message')) as [Buffer];
    assert.deepEqual(JSON.parse(String(hello)), {
      version: '1.1',
      extensions: 'permessage-deflate',
      url: '/socket?a=b',
    });
    assert.deepEqual([socket.protocol, socket.extensions], ['chat', 'permessage-deflate']);
    socket.send('x'.repeat(300_000));
    const [echo] = (await once(socket, 'message')) as [Buffer];
    assert.equal(echo.length, 300_000);
    socket.ping('are you there');
    const [pong] = (await once(socket, 'pong')) as [Buffer];
    assert.equal(String(pong), 'are you there');
    const [remote] = [...server.clients];
    remote?.ping('and you');
    const [ping] = (await once(socket, 'ping')) as [Buffer];
    assert.equal(String(ping), 'and you');
    closed = Promise.withResolvers();
    socket.close(4001, 'enough');
    const [code] = (await once(socket, 'close')) as [number];
    assert.deepEqual([code, await closed.promise], [4001, [4001, 'enough']]);
  });

  test('over HTTP/2: the same on a stream, and the backend sees an upgrade of HTTP/1.1', async () => {
    const { socket, headers } = await overHttp2();
    assert.equal(headers['sec-websocket-accept'], undefined);
    assert.equal(headers['sec-websocket-protocol'], 'chat');
    assert.match(String(headers['sec-websocket-extensions']), /permessage-deflate/);
    // Compressed: the client here did not set up the extension, so it sees that as it is.
    const [error] = (await once(socket, 'error')) as [Error];
    assert.match(error.message, /RSV1/);
  });

  test('over HTTP/2 without compression: messages both ways, pings, and the code of a close', async () => {
    const { socket, stream } = await overHttp2('/socket', { 'sec-websocket-extensions': 'none' });
    const [hello] = (await once(socket, 'message')) as [Buffer];
    assert.deepEqual(JSON.parse(String(hello)), { version: '1.1', extensions: '', url: '/socket' });
    socket.send('x'.repeat(300_000));
    const [echo] = (await once(socket, 'message')) as [Buffer];
    assert.equal(echo.length, 300_000);
    socket.ping('are you there');
    const [pong] = (await once(socket, 'pong')) as [Buffer];
    assert.equal(String(pong), 'are you there');
    closed = Promise.withResolvers();
    socket.close(4002, 'over');
    await once(stream, 'close');
    assert.deepEqual([await closed.promise, stream.rstCode], [[4002, 'over'], 0]);
  });

  test('a stream that is reset ends the WebSocket at the backend, and others go on', async () => {
    const [first, second] = [
      await overHttp2('/socket', { 'sec-websocket-extensions': 'none' }),
      await overHttp2('/socket', { 'sec-websocket-extensions': 'none' }),
    ];
    closed = Promise.withResolvers();
    first.stream.close(8);
    assert.deepEqual(await closed.promise, [1006, '']);
    second.socket.send('still here');
    const seen = new Promise((resolve) =>
      second.socket.on('message', (data) => String(data) === 'still here' && resolve(undefined)),
    );
    await seen;
    second.socket.terminate();
  });

  test('a client that talks for long is no flood', async () => {
    const { socket, stream } = await overHttp2('/socket', { 'sec-websocket-extensions': 'none' });
    const message = Buffer.alloc(64_000, 'x');
    const untilMs = performance.now() + 2.5 * HTTP2_LOOK_MS;
    let sentBytes = 0;
    while (sentBytes < 4 * HTTP2_IDLE_BYTES_BURST || performance.now() < untilMs) {
      socket.send(message);
      await once(socket, 'message');
      sentBytes += message.length;
    }
    assert.equal(stream.closed, false);
    socket.terminate();
  });

  test('what is refused is an ordinary answer', async () => {
    const table: [name: string, path: string, fields: Record<string, string>, status: number][] = [
      ['a backend that has no such WebSocket', '/other', {}, 400],
      ['a protocol that nobody knows', '/socket', { ':protocol': 'connect-udp' }, 501],
      ['another origin', '/socket', { origin: 'https://elsewhere.example' }, 403],
      ['a page of Manis', '/.manis/share', {}, 405],
    ];
    for (const [name, path, fields, status] of table) {
      const { headers, stream } = await overHttp2(path, fields);
      assert.equal(headers[':status' as never], status, name);
      stream.resume();
      await once(stream, 'close');
    }
  });
});
