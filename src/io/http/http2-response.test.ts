import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Http2Response } from './http2-response.ts';

interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly interim: IncomingHttpHeaders[];
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly code: number;
}

describe('an answer on a stream of HTTP/2', () => {
  let answer: (response: Http2Response) => void = () => undefined;
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const response = new Http2Response(stream as ServerHttp2Stream, headers[':method'] === 'HEAD');
    stream.once('close', () => response.streamClosed());
    answer(response);
  });
  let origin = '';
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  async function ask(method: string, say: (response: Http2Response) => void, body?: Buffer): Promise<Seen> {
    answer = say;
    const session = connect(origin);
    session.on('error', () => undefined);
    const stream: ClientHttp2Stream = session.request({ ':method': method }, { endStream: body === undefined });
    stream.on('error', () => undefined);
    const interim: IncomingHttpHeaders[] = [];
    let [headers, trailers, text]: [IncomingHttpHeaders, IncomingHttpHeaders | undefined, string] = [{}, undefined, ''];
    stream.on('headers', (fields) => interim.push(fields));
    stream.on('response', (fields) => {
      headers = fields;
    });
    stream.on('trailers', (fields) => {
      trailers = fields;
    });
    stream.on('data', (part: Buffer) => {
      text += part;
    });
    if (body) stream.write(body);
    await new Promise((resolve) => stream.once('close', resolve));
    session.destroy();
    return { headers, body: text, interim, trailers, code: stream.rstCode };
  }

  test('has what was set before, unless the head says it anew, and nothing of a connection', async () => {
    const { headers, body } = await ask('GET', (response) => {
      response.setHeader('X-Kept', 'a');
      response.setHeader('X-Replaced', 'a');
      response.appendHeader('X-Kept', 'b');
      response.writeHead(201, ['X-Replaced', 'b', 'Connection', 'keep-alive', 'Keep-Alive', 'timeout=5']);
      response.end('text');
    });
    assert.deepEqual(
      [headers[':status'], headers['x-kept'], headers['x-replaced'], headers.connection, headers['keep-alive'], body],
      [201, 'a, b', 'b', undefined, undefined, 'text'],
    );
  });

  test('may be told of before (early hints, 100), and end in trailers', async () => {
    const { interim, headers, trailers, body } = await ask('GET', (response) => {
      response.writeContinue();
      response.writeInformation(103, ['Link', '</a.css>; rel=preload', 'Link', '</b.js>; rel=preload']);
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      // Too late for one more.
      response.writeInformation(103, ['Link', '</c.js>']);
      response.write('body');
      response.addTrailers([['X-Sum', 'seven']]);
      response.end();
    });
    assert.deepEqual(
      interim.map((fields) => [fields[':status'], fields['link']]),
      [
        [100, undefined],
        [103, '</a.css>; rel=preload, </b.js>; rel=preload'],
      ],
    );
    assert.deepEqual([headers[':status'], body, trailers?.['x-sum']], [200, 'body', 'seven']);
  });

  test('of a known length ends with its last byte', async () => {
    const seen = await ask('GET', (response) => {
      response.writeHead(200, ['Content-Length', '6']);
      response.write('abc');
      response.write('def');
      response.end();
    });
    assert.deepEqual([seen.body, seen.code], ['abcdef', 0]);
    const empty = await ask('GET', (response) => response.end());
    assert.deepEqual([empty.headers[':status'], empty.headers['content-length'], empty.body], [200, '0', '']);
  });

  test('to HEAD has no body, whatever is written', async () => {
    const seen = await ask('HEAD', (response) => {
      response.writeHead(200, ['Content-Length', '6']);
      response.end('abcdef');
    });
    assert.deepEqual([seen.headers['content-length'], seen.body, seen.code], ['6', '', 0]);
  });

  test('that is given up is a reset, never a shorter answer', async () => {
    const seen = await ask('GET', (response) => {
      response.writeHead(200, []);
      response.write('part', () => response.destroy());
    });
    assert.deepEqual([seen.body, seen.code], ['part', 2]);
  });

  test('with a status that HTTP/2 does not have is none', async () => {
    const seen = await ask('GET', (response) => {
      response.writeHead(700, []);
      response.end('text');
    });
    assert.deepEqual([seen.headers[':status'], seen.body, seen.code], [undefined, '', 2]);
  });

  test('that wants no more of the request says so without an error', async () => {
    const seen = await ask(
      'POST',
      (response) => {
        response.writeHead(413, ['Connection', 'close']);
        response.end('too much');
      },
      Buffer.alloc(1_000),
    );
    assert.deepEqual([seen.headers[':status'], seen.body, seen.code], [413, 'too much', 0]);
  });
});
