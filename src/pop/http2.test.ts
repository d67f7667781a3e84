import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { answerOf, Http2Client } from '../testing/http2-client.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}

describe('HTTP/2 at a PoP', () => {
  let world: PopWorld;
  let client: Http2Client;
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => void handle(request, response));
    backend.on('checkContinue', (request, response) => void handle(request, response));
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
    client = await Http2Client.open(world, APP_HOST);
  });
  after(async () => {
    client.close();
    await world.stop();
  });

  test('a request becomes one of HTTP/1.1, and its answer comes back', async () => {
    let seen: IncomingMessage | undefined;
    handle = (request, response) => {
      seen = request;
      response.writeHead(203, ['X-Kind', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'close']);
      response.end('hello');
    };
    const fields = { 'x-own': 'value', cookie: ['a=1', 'b=2'], te: 'trailers' };
    const answer = await client.ask(APP_HOST, '/a/../b?c=d', { fields });
    assert.deepEqual([answer.status, answer.body, answer.headers['x-kind']], [203, 'hello', 'a']);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(answer.headers['connection'], undefined);
    assert.deepEqual([seen?.httpVersion, seen?.method, seen?.url], ['1.1', 'GET', '/b?c=d']);
    assert.deepEqual(
      [seen?.headers.host, seen?.headers.cookie, seen?.headers['x-own'], seen?.headers.te],
      [`${APP_HOST}:${world.port}`, 'a=1; b=2', 'value', undefined],
    );
    assert.equal(seen?.headers['transfer-encoding'], undefined);
  });

  test('bodies go both ways, with and without a length, and so do trailers', async () => {
    handle = async (request, response) => {
      const text = await textOf(request);
      response.setHeader('Trailer', 'X-Sum');
      response.write(`${request.headers['content-length']} ${request.headers['transfer-encoding']} ${text.length}`);
      response.addTrailers({ 'X-Sum': 'seven' });
      response.end();
    };
    const known = await client.ask(APP_HOST, '/', {
      body: 'x'.repeat(200_000),
      fields: { 'content-length': '200000' },
    });
    assert.equal(known.body, '200000 undefined 200000');
    assert.deepEqual(known.trailers?.['x-sum'], 'seven');
    const unknown = await client.ask(APP_HOST, '/', { body: 'x'.repeat(200_000) });
    assert.equal(unknown.body, 'undefined chunked 200000');
    const small = await client.ask(APP_HOST, '/', { body: 'abc', fields: { 'content-length': '3' } });
    assert.equal(small.body, '3 undefined 3');
  });

  test('HEAD, 204 and 304 have no body', async () => {
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      handle = (_request, response) =>
        response.writeHead(status, { 'Content-Length': '5' }).end(status === 200 ? 'hello' : undefined);
      const answer = await client.ask(APP_HOST, '/', { fields: { ':method': method } });
      assert.deepEqual([answer.status, answer.body], [status, '']);
    }
  });

  test('the portal answers, and problems are told as they are over HTTP/1.1', async () => {
    const portal = await Http2Client.open(world, PORTAL_HOST);
    const page = await portal.ask(PORTAL_HOST, '/sign-in', { fields: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.body, /<form/);
    const unknown = await portal.ask(PORTAL_HOST, '/nothing');
    assert.deepEqual([unknown.status, JSON.parse(unknown.body).code], [404, 'page-unknown']);
    portal.close();
  });

  test('a client that waits for 100 is told to go on by the backend', async () => {
    handle = async (request, response) => {
      response.writeContinue();
      response.end(await textOf(request));
    };
    const stream = client.request(APP_HOST, '/', { ':method': 'POST', expect: '100-continue', 'content-length': '4' });
    const answer = answerOf(stream);
    await once(stream, 'continue');
    stream.end('body');
    assert.equal((await answer).body, 'body');
  });

  test('an answer that breaks off is seen as such', async () => {
    handle = (_request, response) => {
      response.write('part');
      setImmediate(() => response.destroy());
    };
    await assert.rejects(client.ask(APP_HOST, '/'), /INTERNAL_ERROR/);
  });

  test('a client that takes its request back ends it at the backend', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    handle = (request, response) => {
      response.write('part');
      request.once('close', resolve);
    };
    const stream = client.request(APP_HOST, '/');
    stream.end();
    await once(stream, 'data');
    stream.close(8);
    await promise;
  });

  test('a large answer is read no faster than the client reads', async () => {
    let written = 0;
    const chunk = Buffer.alloc(65_536);
    handle = async (_request, response) => {
      for (let i = 0; i < 512 && !response.destroyed; i++) {
        written += chunk.length;
        if (!response.write(chunk)) await once(response, 'drain').catch(() => undefined);
      }
      response.end();
    };
    const stream = client.request(APP_HOST, '/');
    stream.end();
    await once(stream, 'response');
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken from the backend`);
    let length = 0;
    for await (const part of stream) length += (part as Buffer).length;
    assert.equal(length, 512 * 65_536);
  });
});
