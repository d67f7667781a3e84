import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { issueLeaf, openLocalCa } from './certificates.ts';
import { JsonClient } from './json-client.ts';
import { createRandom } from './random.ts';

describe('the JSON client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-json-'));
  let server: Server;
  let origin = '';
  let ca = '';
  before(async () => {
    const random = createRandom();
    const authority = await openLocalCa(folder, Date.now(), random);
    const leaf = issueLeaf(authority, { dns: ['localhost'], ip: ['127.0.0.1'] }, Date.now(), random);
    ca = authority.certificatePem;
    server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      switch (request.url) {
        case '/silent':
          return;
        case '/broken':
          return void response.end('<html>');
        case '/large':
          return void response.end(JSON.stringify('x'.repeat(5_000)));
        case '/empty':
          return void response.writeHead(204).end();
        case '/cut':
          response.writeHead(200, { 'content-length': 100 }).write('{');
          return void setImmediate(() => response.destroy());
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      response.writeHead(201).end(JSON.stringify({ method: request.method, token: request.headers['x-token'], body }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function send(path: string, body?: unknown, trusted = true) {
    const client = new JsonClient({ ...(trusted && { ca }), timeoutMs: 500, answerBytes: 4_000 });
    try {
      const headers = { 'x-token': 't' };
      return await client.send({ method: body ? 'POST' : 'GET', url: new URL(path, origin), headers, body });
    } finally {
      client.close();
    }
  }

  test('sends and reads JSON', async () => {
    assert.deepEqual(await send('/', { a: 'ü' }), {
      status: 201,
      body: { method: 'POST', token: 't', body: '{"a":"ü"}' },
    });
    assert.deepEqual(await send('/empty'), { status: 204, body: undefined });
  });

  const failures: [path: string, code: string, trusted?: boolean][] = [
    ['/silent', 'server-unreachable'],
    ['/cut', 'server-unreachable'],
    ['/broken', 'server-answer-malformed'],
    ['/large', 'server-answer-too-large'],
    ['/', 'server-unreachable', false],
    ['https://127.0.0.1:1', 'server-unreachable'],
  ];
  for (const [path, code, trusted] of failures) {
    test(`${path}${trusted === false ? ' of an unknown authority' : ''} fails as ${code}`, () =>
      assert.rejects(send(path, undefined, trusted), { name: 'JsonClientFailure', code }));
  }
});
