/** Settings hold for HTTP/2 and for upgrades as they do for HTTP/1.1, and together with those of targets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import { answerOf, Http2Client } from '../../testing/http2-client.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, target, user } from '../../testing/pop-world.ts';

let world: PopWorld;
let client: Http2Client;
let port: number;
let urls: string[] = [];

const SETTINGS: HttpSettings = {
  routes: [
    { name: 'inner', when: { path: { prefix: '/live' } }, forward: { targets: ['inner'], stripPrefix: '/live' } },
    { name: 'gone', when: { path: { prefix: '/old' } }, redirect: { to: '/new' } },
  ],
  headers: { request: [{ set: 'X-Path', value: '{path}' }], response: [{ set: 'X-Rule', value: '{host}' }] },
  compression: {},
  limits: { bodyBytes: 1_000, uriBytes: 100 },
};

before(async () => {
  world = await PopWorld.start();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    urls.push(`${request.method} ${request.headers.host} ${request.url} ${request.headers['x-path']}`);
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': 'text/html', Trailer: 'X-Sum' });
      response.write('<p>much of the same </p>'.repeat(500));
      response.addTrailers({ 'X-Sum': 'seven' });
      response.end();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    urls.push(`upgrade ${request.headers.host} ${request.url} ${request.headers['x-path']}`);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.pipe(socket);
  });
  port = await world.listen(server);
  publish(SETTINGS);
  client = await Http2Client.open(world, APP_HOST);
});
after(async () => {
  client.close();
  await world.stop();
});
beforeEach(() => {
  urls = [];
});

function publish(http: HttpSettings): void {
  const targets = [target(port), target(port, { id: 'inner', priority: 1, hostHeader: 'inner.example' })];
  world.publishBasics(resource(port, { http, policy: PUBLIC, targets }), user('ada', []));
}

test('over HTTP/2 a request takes its route, to a target with a host of its own', async () => {
  const answer = await client.ask(APP_HOST, '/live/a?b');
  assert.deepEqual(
    [answer.status, answer.headers['x-rule'], urls],
    [200, APP_HOST, ['GET inner.example /a?b /live/a']],
  );
  const moved = await client.ask(APP_HOST, '/old/x?y');
  assert.deepEqual([moved.status, moved.headers['location']], [302, '/new?y']);
});

test('over HTTP/2 answers are compressed, with their trailers', async () => {
  const stream = client.request(APP_HOST, '/', { 'accept-encoding': 'gzip', te: 'trailers' });
  const parts: Buffer[] = [];
  let trailers: Record<string, unknown> = {};
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('trailers', (fields) => {
    trailers = { ...fields };
  });
  stream.end();
  await once(stream, 'end');
  assert.match(gunzipSync(Buffer.concat(parts)).toString(), /^<p>much of the same /);
  assert.equal(trailers['x-sum'], 'seven');
});

test('over HTTP/2 what is too large is refused', async () => {
  assert.equal((await client.ask(APP_HOST, `/${'a'.repeat(100)}`)).status, 414);
  assert.equal(
    (await client.ask(APP_HOST, '/', { body: 'a'.repeat(1_001), fields: { 'content-length': '1001' } })).status,
    413,
  );
  const stream = client.request(APP_HOST, '/', { ':method': 'POST' });
  const answer = answerOf(stream);
  stream.end('a'.repeat(1_001));
  assert.equal((await answer).status, 413);
});

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

async function upgrade(path: string): Promise<string> {
  const socket = await world.connect(APP_HOST);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\n${HANDSHAKE}\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return head.toString();
}

test('a WebSocket takes its route, too, and its answer has the fields that rules write', async () => {
  assert.match(await upgrade('/live/chat?room=1'), /^HTTP\/1\.1 101 .*X-Rule: app\./s);
  assert.deepEqual(urls, ['upgrade inner.example /chat?room=1 /live/chat']);
});

test('a WebSocket is sent elsewhere, and refused during maintenance', async () => {
  assert.match(await upgrade('/old'), /^HTTP\/1\.1 302 .*Location: \/new/s);
  assert.match(await upgrade(`/${'a'.repeat(100)}`), /^HTTP\/1\.1 414 /);
  publish({ maintenance: { on: true } });
  assert.match(await upgrade('/live/chat'), /^HTTP\/1\.1 503 .*Retry-After: 60/s);
  assert.deepEqual(urls, []);
});
