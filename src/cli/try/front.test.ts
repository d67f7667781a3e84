import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createClock } from '../../io/clock.ts';
import { createFront, type Front } from './front.ts';
import type { RequestLine } from './request-line.ts';
import type { Published } from './what.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-front-'));
const lines: Omit<RequestLine, 'application'>[] = [];
const fronts: Front[] = [];
let backend: Server;
let origin: URL;

before(async () => {
  backend = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    response.writeHead(201, [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    response.end(`${incoming.method} ${incoming.url} ${incoming.headers.host} ${body}`);
  });
  backend.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  origin = new URL(`http://127.0.0.1:${(backend.address() as AddressInfo).port}`);
});
after(() => {
  for (const front of fronts) front.close();
  backend.close();
  rmSync(folder, { recursive: true });
});

async function frontOf(published: Published): Promise<string> {
  const path = join(folder, `${fronts.length}.sock`);
  const front = createFront({ published, clock: createClock(), tell: (line) => lines.push(line) });
  await front.listen(path);
  fronts.push(front);
  return path;
}

const server = (url: URL): Published => ({ kind: 'server', url, isOwnMachine: true, host: undefined });

async function ask(socketPath: string, path: string, method = 'GET', body?: string) {
  const outgoing = request({ socketPath, path, method, headers: { host: 'shop.example' } });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode as number, headers: answer.headers as Record<string, unknown>, text };
}

test('a request goes through as it is, and is told of without its query', async () => {
  const path = await frontOf(server(origin));
  const answer = await ask(path, '/a?secret=1', 'POST', 'body');
  assert.deepEqual([answer.status, answer.text], [201, 'POST /a?secret=1 shop.example body']);
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  const line = lines.at(-1);
  assert.deepEqual([line?.method, line?.path, line?.status], ['POST', '/a', 201]);
});

test('bytes go both ways after an upgrade', async () => {
  const socket = connect(await frontOf(server(origin)));
  socket.write('GET /live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  socket.write('ping');
  assert.equal(String((await once(socket, 'data'))[0]), 'ping');
  socket.destroy();
  assert.deepEqual([lines.at(-1)?.path, lines.at(-1)?.status], ['/live', 101]);
});

test('where nothing listens, people are told to start it', async () => {
  const answer = await ask(await frontOf(server(new URL('http://127.0.0.1:1'))), '/');
  assert.equal(answer.status, 502);
  assert.match(answer.text, /Nothing listens there yet/);
});

test('a folder gives its files, and nothing of elsewhere', async () => {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(join(root, '.git'));
  writeFileSync(join(folder, 'outside.txt'), 'outside');
  for (const file of ['index.html', 'a b.txt', 'sub/index.html', '.git/config']) writeFileSync(join(root, file), file);
  symlinkSync(join(folder, 'outside.txt'), join(root, 'link.txt'));
  const path = await frontOf({ kind: 'folder', path: root, host: undefined });
  const table: [path: string, status: number, text?: string][] = [
    ['/', 200, 'index.html'],
    ['/a%20b.txt?x', 200, 'a b.txt'],
    ['/sub/', 200, 'sub/index.html'],
    ['/sub', 308],
    ['/.git/config', 404],
    ['/link.txt', 404],
    ['/../outside.txt', 404],
    ['/%2e%2e/outside.txt', 404],
    ['/..%2foutside.txt', 404],
    ['/%00', 404],
    ['/%', 404],
    ['//example.org', 404],
  ];
  for (const [asked, status, text] of table) {
    const answer = await ask(path, asked);
    assert.equal(answer.status, status, asked);
    if (text !== undefined) assert.equal(answer.text, text, asked);
  }
  assert.equal((await ask(path, '/', 'POST')).status, 405);
  assert.equal((await ask(path, '/', 'HEAD')).text, '');
});
