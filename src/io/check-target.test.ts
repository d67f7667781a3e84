import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CheckTls, HttpCheck, TcpCheck } from '../core/routing/index.ts';
import { type Issued, issue } from '../testing/client-pki.ts';
import { openSilentTarget } from '../testing/silent-target.ts';
import type { BackendPlace } from './backend-dial.ts';
import { issueLeaf, openLocalCa } from './certificates.ts';
import { checkTarget } from './check-target.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';

const timing = {
  intervalMs: 5_000,
  unhealthyIntervalMs: 2_000,
  timeoutMs: 10_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};
const tcp: TcpCheck = { kind: 'tcp', ...timing };
const http = (change: Partial<HttpCheck> = {}): HttpCheck => ({
  kind: 'http',
  ...timing,
  method: 'GET',
  path: '/health?deep=1',
  host: 'wiki.internal',
  headers: {},
  expected: [{ from: 200, to: 399 }],
  ...change,
});

const signal = new AbortController().signal;
const at = (port: number, host = '127.0.0.1') => ({ host, port });

async function listen(t: TestContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const answering = (t: TestContext, answer: RequestListener) => listen(t, createServer(answer));
const raw = (t: TestContext, answer: string) =>
  listen(
    t,
    createNetServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.end(answer))),
  );

async function closedPort(): Promise<number> {
  const server = createNetServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('statuses are judged, redirects are not followed, and one head is all that is read', async (t) => {
  let requests = 0;
  const port = await answering(t, (request, response) => {
    requests++;
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { Location: '/200' });
    // An endless body: the check does not wait for its end.
    response.write('x'.repeat(100_000));
  });
  const table: [status: number, expected: HttpCheck['expected'], reason: string][] = [
    [200, [{ from: 200, to: 399 }], 'ok'],
    [302, [{ from: 200, to: 399 }], 'ok'],
    [302, [{ from: 200, to: 299 }], 'status-302'],
    [404, [{ from: 200, to: 399 }], 'status-404'],
    [503, [{ from: 200, to: 399 }], 'status-503'],
    [
      401,
      [
        { from: 200, to: 200 },
        { from: 401, to: 401 },
      ],
      'ok',
    ],
  ];
  for (const [status, expected, reason] of table)
    assert.equal(await checkTarget(at(port), http({ path: `/${status}`, expected }), signal), reason, `${status}`);
  assert.equal(requests, table.length);
});

test('the request is what the check says', async (t) => {
  const heard: unknown[] = [];
  const port = await answering(t, ({ method, url, headers }, response) => {
    heard.push([method, url, headers.host, headers['x-key'], headers.connection]);
    response.end();
  });
  await checkTarget(at(port), http({ method: 'HEAD', headers: { 'X-Key': '1' } }), signal);
  assert.deepEqual(heard, [['HEAD', '/health?deep=1', 'wiki.internal', '1', 'close']]);
});

test('what fails has its reason', async (t) => {
  const plain = await answering(t, (_request, response) => response.end());
  const silent = await openSilentTarget(t);
  const mute = await listen(t, createNetServer());
  const table: [what: string, run: () => ReturnType<typeof checkTarget>, reason: string][] = [
    ['nobody listens', async () => checkTarget(at(await closedPort()), tcp, signal), 'connect-refused'],
    ['nobody listens, over HTTP', async () => checkTarget(at(await closedPort()), http(), signal), 'connect-refused'],
    ['no name', () => checkTarget(at(80, 'no-such-host.invalid'), tcp, signal), 'unreachable'],
    ['silence', () => checkTarget(at(silent), { ...tcp, timeoutMs: 100 }, signal), 'timed-out'],
    ['silence after the connection', () => checkTarget(at(mute), http({ timeoutMs: 100 }), signal), 'timed-out'],
    ['no HTTP', async () => checkTarget(at(await raw(t, 'hello\r\n\r\n')), http(), signal), 'malformed'],
    ['no answer', async () => checkTarget(at(await raw(t, '')), http(), signal), 'closed'],
    ['a part of a head', async () => checkTarget(at(await raw(t, 'HTTP/1.1 200 O')), http(), signal), 'closed'],
    [
      'no TLS',
      () => checkTarget(at(plain), http({ tls: { serverName: 'a', verify: false } }), signal),
      'tls-not-spoken',
    ],
    ['a header that none can be', () => checkTarget(at(plain), http({ headers: { 'a b': '1' } }), signal), 'malformed'],
    ['a target that accepts', () => checkTarget(at(plain), tcp, signal), 'ok'],
  ];
  for (const [what, run, reason] of table) assert.equal(await run(), reason, what);
});

test('TLS is verified for the name that is asked for, unless the check says otherwise', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-check-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const random = createRandom();
  const unixMs = createClock().unixMs();
  const names = { dns: ['wiki.internal'], ip: [] };
  const { chainPem, keyPem } = issueLeaf(await openLocalCa(folder, unixMs, random), names, unixMs, random);
  const asked: unknown[] = [];
  const server = createHttpsServer({ cert: chainPem, key: keyPem }, (request, response) => {
    asked.push((request.socket as { servername?: unknown }).servername);
    response.end();
  });
  const port = await listen(t, server);
  const check = (verify: boolean) => http({ tls: { serverName: 'wiki.internal', verify } });
  assert.equal(await checkTarget(at(port), check(false), signal), 'ok');
  assert.deepEqual(asked, ['wiki.internal']);
  assert.equal(await checkTarget(at(port), check(true), signal), 'tls-authority-unknown');
});

test('what is wrong with TLS is told apart', async (t) => {
  const now = Date.now();
  const DAY_MS = 86_400_000;
  const authority = await issue(now, { name: 'Inner', isAuthority: true });
  const stranger = await issue(now, { name: 'Stranger', isAuthority: true });
  const dns = ['wiki.internal'];
  const good = await issue(now, { name: 'wiki', dns }, authority);
  const caPem = authority.certificatePem;
  const table: [what: string, leaf: Issued, tls: CheckTls, reason: string][] = [
    ['an authority of its own', good, { verify: true, caPem }, 'ok'],
    [
      'nobody else is believed then',
      await issue(now, { name: 'x', dns }, stranger),
      { verify: true, caPem },
      'tls-authority-unknown',
    ],
    ['another name', good, { serverName: 'shop.internal', verify: true, caPem }, 'tls-name-differs'],
    [
      'its time is over',
      await issue(now, { name: 'x', dns, fromMs: -2 * DAY_MS, untilMs: -DAY_MS }, authority),
      { verify: true, caPem },
      'tls-certificate-expired',
    ],
    [
      'its time has not come',
      await issue(now, { name: 'x', dns, fromMs: DAY_MS }, authority),
      { verify: true, caPem },
      'tls-certificate-early',
    ],
  ];
  for (const [what, { certificatePem: cert, keyPem: key }, tls, reason] of table) {
    const port = await listen(
      t,
      createHttpsServer({ cert, key }, (_request, response) => response.end()),
    );
    const check = http({ tls: { serverName: 'wiki.internal', ...tls } });
    assert.equal(await checkTarget(at(port), check, signal), reason, what);
  }
  const { certificatePem: cert, keyPem: key } = good;
  const tls = { serverName: 'wiki.internal', verify: true, caPem };
  const old = await listen(
    t,
    createHttpsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (_, response) => response.end()),
  );
  assert.equal(await checkTarget(at(old), http({ tls, protocol: 'h2' }), signal), 'tls-protocol-refused');
  const asking = await listen(
    t,
    createHttpsServer({ cert, key, ca: caPem, requestCert: true }, (_, response) => response.end()),
  );
  assert.equal(await checkTarget(at(asking), http({ tls: { ...tls, onlyHandshake: true } }), signal), 'ok');
});

test('HTTP/2 and unix sockets are checked like any other target', async (t) => {
  const now = Date.now();
  const { certificatePem: cert, keyPem: key } = await issue(now, { name: 'wiki', dns: ['wiki.internal'] });
  const heads: IncomingHttpHeaders[] = [];
  const answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    heads.push(headers);
    stream.on('error', () => undefined).respond({ ':status': Number(String(headers[':path']).slice(1)) });
    stream.write('x'.repeat(100_000));
  };
  const plain = await listen(t, createHttp2Server().on('stream', answer));
  const secure = await listen(t, createSecureHttp2Server({ cert, key }).on('stream', answer));
  const tls = { serverName: 'wiki.internal', verify: true, caPem: cert };
  const one = await listen(
    t,
    createServer((_request, response) => response.end()),
  );
  const folder = mkdtempSync(join(tmpdir(), 'manis-check-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socket = { host: join(folder, 'a.sock'), port: 1, transport: 'unix' as const };
  const server = createHttp2Server().on('stream', answer).listen(socket.host);
  await once(server, 'listening');
  t.after(() => server.close());
  const h2 = { protocol: 'h2' as const, headers: { 'X-Key': '1' } };
  const table: [what: string, place: BackendPlace, check: HttpCheck | TcpCheck, reason: string][] = [
    ['h2c', at(plain), http({ ...h2, path: '/200' }), 'ok'],
    ['h2c and a status', at(plain), http({ ...h2, path: '/503' }), 'status-503'],
    ['h2', at(secure), http({ ...h2, tls, path: '/204' }), 'ok'],
    ['HTTP/1.1 where HTTP/2 was asked for', at(one), http({ ...h2 }), 'malformed'],
    ['a unix socket', socket, http({ ...h2, path: '/200' }), 'ok'],
    ['a unix socket that accepts', socket, tcp, 'ok'],
    ['a unix socket that is not there', { ...socket, host: `${socket.host}.not` }, tcp, 'connect-refused'],
  ];
  for (const [what, place, check, reason] of table) assert.equal(await checkTarget(place, check, signal), reason, what);
  assert.deepEqual([heads[0]?.[':authority'], heads[0]?.['x-key']], ['wiki.internal', '1']);
});

test('a check that is stopped ends at once', async (t) => {
  const mute = await listen(t, createNetServer());
  const stopping = new AbortController();
  const running = checkTarget(at(mute), http(), stopping.signal);
  stopping.abort();
  assert.equal(await running, 'timed-out');
});
