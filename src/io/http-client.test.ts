import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { Http1Upgrade } from './http/http1-upgrade.ts';
import { Upstream } from './http-client.ts';
import type { ExchangeFailure, ExchangeObserver } from './http-exchange.ts';
import { relayAlone, relayUpgrade } from './http-upgrade.ts';
import { secureStream } from './secure-stream.ts';

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function listening<T extends NetServer>(server: T): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly failures: ExchangeFailure[];
  readonly endings: string[];
}

const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te']);
const withoutHop = (flat: readonly string[]): string[] =>
  flat.filter((_, i) => !HOP.has((flat[i - (i % 2)] as string).toLowerCase()));

function observer(seen: Seen, response: ServerResponse): ExchangeObserver {
  return {
    head: (_status, headers) => withoutHop(headers),
    trailers: (trailers) => trailers,
    failed(failure) {
      seen.failures.push(failure);
      if (!response.destroyed)
        response.writeHead(502, ['Content-Length', String(failure.kind.length)]).end(failure.kind);
    },
    ended: (how) => void seen.endings.push(how),
  };
}

const dial = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
};

/** A front that relays everything to the backend: through the pool, or alone when the request asks for it. */
async function front(backendPort: number, limits: Partial<ConstructorParameters<typeof Upstream>[1]> = {}) {
  const seen: Seen = { failures: [], endings: [] };
  const upstream = new Upstream(() => dial(backendPort), {
    connections: 8,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 0,
    keepAliveMs: 4_000,
    headerBytes: 16_384,
    ...limits,
  });
  cleanups.push(() => upstream.destroy());
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const outgoing = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: withoutHop(incoming.rawHeaders),
      incoming,
      hasBody: incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined,
    };
    const alone = incoming.headers['expect'] ?? incoming.headers['trailer'];
    if (!alone) return void upstream.relay(outgoing, response, observer(seen, response));
    const stream = await dial(backendPort);
    relayAlone({ stream, headersTimeoutMs: 2_000 }, outgoing, response, observer(seen, response));
  };
  const server = createServer(handle);
  server.on('checkContinue', handle);
  server.on('upgrade', async (incoming, socket, head) => {
    const stream = await dial(backendPort);
    const outgoing = {
      method: 'GET',
      path: incoming.url ?? '/',
      headers: withoutHop(incoming.rawHeaders),
      incoming,
      hasBody: false,
    };
    relayUpgrade({ stream, headersTimeoutMs: 2_000 }, outgoing, new Http1Upgrade(incoming, socket, head), {
      switched: withoutHop,
      joined: () => undefined,
      refused: (status) => {
        seen.endings.push(`refused ${status}`);
        socket.destroy();
      },
      failed: (failure) => {
        seen.failures.push(failure);
        socket.destroy();
      },
      ended: () => void seen.endings.push('upgrade over'),
    });
  });
  return { port: await listening(server), seen, upstream };
}

/** A backend that answers with exactly these bytes once it has seen a head. */
async function rawBackend(answer: string | ((socket: Socket, text: string) => void)): Promise<number> {
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      if (typeof answer === 'string') socket.end(answer);
      else answer(socket, text);
    });
  });
  return listening(server);
}

/** Sends bytes, and gives everything that comes back until the connection ends. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write(bytes);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

const get = (path = '/', extra = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${extra}\r\n`;

test('answers arrive as the backend gave them', async (t) => {
  const table: [string, string, string, RegExp][] = [
    [
      'a length',
      'GET',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nhi',
      /X-A: 1\r\nx-a: 2\r\n.*\r\n\r\nhi$/s,
    ],
    ['until the end', 'GET', 'HTTP/1.0 200 OK\r\n\r\nall of it', /\r\n\r\n9\r\nall of it\r\n0\r\n\r\n$/],
    [
      'HEAD with a length and no body',
      'HEAD',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      /Content-Length: 5\r\n.*\r\n\r\n$/s,
    ],
    ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', /^HTTP\/1.1 204 No Content\r\n.*\r\n\r\n$/s],
    [
      '304 with a length and no body',
      'GET',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: "x"\r\n\r\n',
      /^HTTP\/1.1 304 .*ETag: "x"\r\n.*\r\n\r\n$/s,
    ],
    ['a status nobody knows', 'GET', 'HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n', /^HTTP\/1.1 299 /],
    [
      'an early hint before the answer',
      'GET',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
      /^HTTP\/1.1 200 OK.*hi$/s,
    ],
    [
      'trailers',
      'GET',
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n',
      /Trailer: X-Sum.*2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n$/s,
    ],
  ];
  for (const [name, method, answer, expected] of table)
    await t.test(name, async () => {
      const { port, seen } = await front(await rawBackend(answer));
      assert.match(await exchange(port, get().replace('GET', method)), expected);
      assert.deepEqual(seen, { failures: [], endings: ['complete'] });
    });
});

test('a broken answer is never a clean one', async (t) => {
  const table: [string, string, string][] = [
    ['no bytes at all', '', 'aborted'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'aborted'],
    ['not HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n', 'malformed'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!', 'malformed'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'malformed',
    ],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 'malformed'],
    [
      '101 that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'aborted',
    ],
  ];
  for (const [name, answer, kind] of table)
    await t.test(name, async () => {
      const { port, seen } = await front(await rawBackend(answer));
      assert.match(await exchange(port, get()), /^HTTP\/1.1 502 /);
      assert.deepEqual(
        seen.failures.map((failure) => failure.kind),
        [kind],
      );
    });
  await t.test('a body that is too short', async () => {
    const { port, seen } = await front(await rawBackend('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    const text = await exchange(port, get());
    assert.match(text, /Content-Length: 10\r\n/);
    assert.ok(!text.endsWith('half0\r\n\r\n'));
    assert.deepEqual(seen.endings, ['target-aborted']);
  });
  await t.test('chunks without an end', async () => {
    const { port, seen } = await front(
      await rawBackend('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    );
    assert.doesNotMatch(await exchange(port, get()), /0\r\n\r\n$/);
    assert.deepEqual(seen.endings, ['target-aborted']);
  });
  await t.test('silence', async () => {
    const { port, seen } = await front(await rawBackend(() => undefined), { headersTimeoutMs: 300 });
    assert.match(await exchange(port, get()), /timed-out$/);
    assert.deepEqual(
      seen.failures.map(({ kind, bodyReplayable }) => [kind, bodyReplayable]),
      [['timed-out', true]],
    );
  });
});

test('a connection that cannot be opened is told apart, and the body was not touched', async () => {
  const closed = createNetServer();
  const port = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));
  const { port: frontPort, seen } = await front(port);
  const text = await exchange(
    frontPort,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody`,
  );
  assert.match(text, /connect$/);
  assert.equal(seen.failures[0]?.bodyReplayable, true);
  assert.equal((seen.failures[0]?.cause as NodeJS.ErrnoException | undefined)?.code, 'ECONNREFUSED');
});

test('requests reach the backend whole', async (t) => {
  const echo = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part) => parts.push(part));
    incoming.on('end', () => {
      const { method, url, headers, rawTrailers } = incoming;
      response.end(JSON.stringify({ method, url, headers, rawTrailers, body: Buffer.concat(parts).toString() }));
    });
  });
  const { port } = await front(await listening(echo));
  const head = (method: string, rest: string) =>
    `${method} /p?q=1 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n${rest}`;
  const table: [string, string, object][] = [
    ['no body', head('GET', '\r\n'), { method: 'GET', body: '' }],
    ['a length', head('POST', 'Content-Length: 3\r\n\r\nabc'), { method: 'POST', body: 'abc' }],
    [
      'chunks',
      head('PUT', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'),
      { method: 'PUT', body: 'abcde' },
    ],
    ['a GET with a body', head('GET', 'Content-Length: 3\r\n\r\nabc'), { method: 'GET', body: 'abc' }],
    ['an empty POST', head('POST', 'Content-Length: 0\r\n\r\n'), { method: 'POST', body: '' }],
    ['a method of an extension', head('PROPFIND', '\r\n'), { method: 'PROPFIND', body: '' }],
    [
      'announced trailers',
      head('POST', 'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n'),
      { body: 'abc', rawTrailers: ['X-Sum', '9'] },
    ],
  ];
  for (const [name, bytes, expected] of table)
    await t.test(name, async () => {
      const text = await exchange(port, bytes);
      const got = JSON.parse(/\{.*\}/.exec(text)?.[0] ?? '{}');
      assert.partialDeepStrictEqual(got, { url: '/p?q=1', ...expected });
      assert.equal(got.headers.host, 'a.example');
    });
});

test('one connection to the backend serves many requests', async () => {
  let connections = 0;
  const backend = createServer((_incoming, response) => response.end('ok'));
  backend.on('connection', () => connections++);
  const { port } = await front(await listening(backend));
  const keep = get().replace('Connection: close\r\n', '');
  const text = await exchange(port, keep + keep + keep + get());
  assert.equal(text.match(/HTTP\/1.1 200 OK/g)?.length, 4);
  assert.ok(connections <= 4);
  await exchange(port, get());
  await exchange(port, get());
  assert.ok(connections <= 4, `${connections} connections`);
});

test('a client that goes away is felt by the backend at once, before and within the answer', async (t) => {
  for (const early of [true, false])
    await t.test(early ? 'before' : 'within', async () => {
      const gone = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const backend = createServer((incoming, response) => {
        incoming.socket.on('close', () => gone.resolve());
        if (!early) response.write('first');
        asked.resolve();
      });
      const { port, seen } = await front(await listening(backend));
      const client = request({ port, host: '127.0.0.1' });
      client.on('error', () => undefined);
      client.end();
      await asked.promise;
      if (!early) await once(client, 'response');
      client.destroy();
      await gone.promise;
      if (early)
        assert.deepEqual(
          seen.failures.map((failure) => failure.kind),
          ['client-aborted'],
        );
      else assert.deepEqual(seen.endings, ['client-aborted']);
    });
});

test('an upload that the client breaks off is broken off at the backend', async () => {
  const aborted = Promise.withResolvers<void>();
  const got = Promise.withResolvers<void>();
  const backend = createServer((incoming) => {
    incoming.on('data', () => got.resolve());
    incoming.on('error', () => aborted.resolve());
  });
  const { port } = await front(await listening(backend));
  const client = connect({ port, host: '127.0.0.1' });
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart');
  await got.promise;
  client.destroy();
  await aborted.promise;
});

test("Expect: 100-continue is the backend's to answer", async (t) => {
  const ask = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n';
  await t.test('it goes on', async () => {
    const backend = createServer((incoming, response) => void incoming.on('data', (part) => response.end(part)));
    const { port } = await front(await listening(backend));
    const client = connect({ port, host: '127.0.0.1' });
    client.write(ask);
    const [interim] = await once(client, 'data');
    assert.equal(interim.toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.write('body');
    const [final] = await once(client, 'data');
    assert.match(final.toString(), /^HTTP\/1.1 200 OK/);
    client.destroy();
  });
  await t.test('it refuses, and the body is never sent', async () => {
    const backend = createServer();
    backend.on('checkContinue', (_incoming, response: ServerResponse) => response.writeHead(413).end('no'));
    const { port } = await front(await listening(backend));
    assert.match(await exchange(port, ask), /^HTTP\/1.1 413 Payload Too Large/);
  });
});

test('upgrades are spliced both ways', async (t) => {
  const ask =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';
  const accept =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\n';
  await t.test('bytes right after the heads are not lost, and a half-closed side may still be answered', async () => {
    const backend = await rawBackend((socket, text) => {
      socket.removeAllListeners('data');
      socket.write(`${accept}hello `);
      let got = text.slice(text.indexOf('\r\n\r\n') + 4);
      socket.on('data', (chunk) => {
        got += chunk;
      });
      socket.on('end', () => socket.end(`bye ${got}`));
    });
    const { port, seen } = await front(backend);
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    client.on('data', (chunk) => {
      text += chunk;
    });
    client.end(`${ask}early`);
    await once(client, 'end');
    client.end();
    assert.match(text, /^HTTP\/1.1 101 .*Sec-WebSocket-Accept: y\r\n\r\nhello bye early$/s);
    assert.deepEqual(seen.endings, ['upgrade over']);
  });
  await t.test('a backend that does not upgrade', async () => {
    const { port, seen } = await front(await rawBackend('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
    await exchange(port, ask);
    assert.deepEqual(seen.endings, ['refused 403']);
  });
  await t.test('a backend that breaks', async () => {
    const backend = await rawBackend((socket) => {
      socket.write(`${accept}x`);
      setImmediate(() => socket.resetAndDestroy());
    });
    const { port } = await front(backend);
    assert.match(await exchange(port, ask), /x$/);
  });
});

test('a slow reader holds the backend back', async () => {
  let written = 0;
  const backend: Server = createServer((_incoming, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
      response.once('drain', more);
    };
    more();
  });
  const { port } = await front(await listening(backend));
  const client = connect({ port, host: '127.0.0.1' });
  client.write(get());
  await once(client, 'readable');
  let before = -1;
  for (let i = 0; i < 200 && before !== written; i++) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken for a reader that reads nothing`);
  client.destroy();
});

test('a stream that broke before it could be used is no connection, and nobody waits on it', async () => {
  const seen: Seen = { failures: [], endings: [] };
  const broken = Duplex.from([]).on('error', () => undefined);
  broken.destroy(new Error('reset'));
  const limits = {
    connections: 1,
    headersTimeoutMs: 60_000,
    bodyTimeoutMs: 0,
    keepAliveMs: 1_000,
    headerBytes: 16_384,
  };
  const upstream = new Upstream(async () => broken, limits);
  const port = await listening(
    createServer((incoming, response) => {
      const head = { method: 'GET', path: '/', headers: ['Host', 'a.example'], incoming, hasBody: false };
      upstream.relay(head, response, observer(seen, response));
    }),
  );
  const text = await exchange(port, 'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n');
  assert.match(text, /^HTTP\/1\.1 502 /);
  assert.deepEqual(
    seen.failures.map(({ kind, cause }) => [kind, (cause as Error).message]),
    [['connect', 'reset']],
  );
  await assert.rejects(secureStream(broken, { serverName: 'a.example', verify: true, timeoutMs: 60_000 }), /reset/);
  await upstream.destroy();
});
