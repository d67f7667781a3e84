import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { toBase64Url, utf8 } from '../../base/index.ts';
import { DOWNLOAD_MAX_BYTES } from './constants.ts';
import { createDemoServer } from './server.ts';

describe('the demo application', () => {
  const server = createDemoServer({ nowMs: () => 0, unixMs: () => Date.UTC(2026, 0, 1, 12, 30, 15) });
  let origin = '';
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const identity = {
    'remote-name': 'Ada <b>Lovelace</b>',
    'remote-email': 'ada@example.com',
    'remote-groups': 'admins,caf%C3%A9%2C%20bar',
    'x-manis-pop': 'Z%C3%BCrich',
    'x-manis-request-id': 'abc-00001',
    'x-manis-assertion': `e30.${toBase64Url(utf8('{"sub":"u1"}'))}.sig`,
  };

  test('shows who came and by which PoP, and escapes what it shows', async () => {
    const page = await (await fetch(origin, { headers: identity })).text();
    assert.match(page, /<span id="name">Ada &lt;b&gt;Lovelace&lt;\/b&gt;<\/span>/);
    assert.match(page, /<span id="pop">PoP Zürich<\/span>/);
    assert.match(page, /Request abc-00001/);
    assert.match(page, /&quot;sub&quot;: &quot;u1&quot;/);
    assert.doesNotMatch(page, /<b>/);
  });

  test('calls whoever has no name a stranger', async () => {
    assert.match(await (await fetch(origin)).text(), /Hello, <span id="name">stranger/);
  });

  test('tells the visit as JSON', async () => {
    const visit = (await (await fetch(`${origin}/whoami`, { headers: identity })).json()) as Record<string, unknown>;
    assert.deepEqual(visit['groups'], ['admins', 'café, bar']);
    assert.equal(visit['email'], 'ada@example.com');
  });

  test('ticks', async () => {
    const response = await fetch(`${origin}/clock`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    assert.equal(new TextDecoder().decode(value), 'data: 12:30:15 UTC\n\n');
    await reader?.cancel();
  });

  test('echoes text and bytes', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/echo`);
    await once(socket, 'open');
    socket.send('hello');
    assert.equal(String((await once(socket, 'message'))[0]), 'hello');
    socket.send(Buffer.from([1, 2]));
    const [bytes, isBinary] = await once(socket, 'message');
    assert.deepEqual([...bytes, isBinary], [1, 2, true]);
    socket.close();
    await once(socket, 'close');
  });

  test('streams a download that can be checked', async () => {
    const bytes = new Uint8Array(await (await fetch(`${origin}/download?bytes=100000`)).arrayBuffer());
    assert.equal(bytes.length, 100_000);
    assert.ok(bytes.every((byte, i) => byte === i % 251));
  });

  const ranges: [range: string, status: number, from: number, length: number][] = [
    ['bytes=70000-', 206, 70_000, 30_000],
    ['bytes=5-9', 206, 5, 5],
    ['bytes=99999-200000', 206, 99_999, 1],
    ['bytes=100000-', 416, 0, 0],
    ['bytes=-5', 200, 0, 100_000],
    ['lines=1-2', 200, 0, 100_000],
  ];
  for (const [range, status, from, length] of ranges) {
    test(`answers ${range} with ${status}`, async () => {
      const response = await fetch(`${origin}/download?bytes=100000`, { headers: { range } });
      assert.equal(response.status, status);
      const bytes = new Uint8Array(await response.arrayBuffer());
      assert.equal(bytes.length, length);
      assert.ok(bytes.every((byte, i) => byte === (from + i) % 251));
      const wanted = status === 206 ? `bytes ${from}-${from + length - 1}/100000` : null;
      if (status !== 416) assert.equal(response.headers.get('content-range'), wanted);
    });
  }

  test('counts an upload', async () => {
    const response = await fetch(`${origin}/upload`, { method: 'POST', body: 'x'.repeat(70_000) });
    assert.deepEqual(await response.json(), { bytes: 70_000 });
  });

  const refusals: [method: string, path: string, status: number][] = [
    ['GET', '/nothing', 404],
    ['POST', '/', 404],
    ['GET', '/download?bytes=-1', 400],
    ['GET', '/download?bytes=1.5', 400],
    ['GET', `/download?bytes=${DOWNLOAD_MAX_BYTES + 1}`, 400],
    ['HEAD', '/download?bytes=5', 200],
  ];
  for (const [method, path, status] of refusals) {
    test(`answers ${method} ${path} with ${status}`, async () => {
      assert.equal((await fetch(`${origin}${path}`, { method })).status, status);
    });
  }
});
