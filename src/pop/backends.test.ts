/** What backends speak, and what of it passes: TLS in every shape, HTTP/2, interim answers, other protocols, ranges. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createSecureServer, type SecureServerOptions, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer, request as httpsRequest, type ServerOptions } from 'node:https';
import type { Server, Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ResourceRecord, TargetRecord } from '../core/link/index.ts';
import { createLog } from '../io/log.ts';
import { type Issued, issue } from '../testing/client-pki.ts';
import { PopWorld, resource, target } from '../testing/pop-world.ts';
import { MAXIMUM_INTERIM_ANSWERS } from './constants.ts';

const DAY_MS = 86_400_000;
const dns = ['inner.example'];

describe('backends of a PoP', () => {
  let world: PopWorld;
  let authority: Issued;
  let good: Issued;
  let client: Issued;
  const logLines: string[] = [];
  let count = 0;

  before(async () => {
    const destination = { write: (line: string) => void logLines.push(line) };
    world = await PopWorld.start({ log: createLog({ level: 'info', destination }) });
    world.publishBasics();
    const now = Date.now();
    authority = await issue(now, { name: 'Inner', isAuthority: true });
    good = await issue(now, { name: 'wiki', dns }, authority);
    client = await issue(now, { name: 'pop' }, authority);
  });
  after(() => world.stop());

  /** Publishes an application with one target; gives its host and a session with it. */
  async function app(
    server: Server,
    changes: Partial<TargetRecord>,
  ): Promise<{ host: string; cookie: string; id: string }> {
    const port = await world.listen(server);
    const id = `app-${++count}`;
    const host = `${id}.manis.localhost`;
    const record: ResourceRecord = resource(port, {
      id,
      host,
      targets: [target(port, { id: `target-${id}`, ...changes })],
    });
    world.publish(record);
    return { host, id, cookie: world.sessionCookie(id, host) };
  }

  const answer: RequestListener = (_request, response) => void response.end('hello');
  const https = (options: ServerOptions, leaf = good): Server =>
    createHttpsServer({ cert: leaf.certificatePem, key: leaf.keyPem, ...options }, answer);
  const h2 = (options: SecureServerOptions = {}, leaf = good): Server =>
    createSecureServer({ cert: leaf.certificatePem, key: leaf.keyPem, ...options }).on(
      'stream',
      (stream: ServerHttp2Stream) => {
        const socket = stream.session?.socket as TLSSocket;
        stream.respond({ ':status': 200 });
        stream.end(`hello ${socket.getPeerCertificate().subject?.CN ?? ''}`);
      },
    ) as never;
  const tls = (changes: Partial<NonNullable<TargetRecord['tls']>> = {}) => ({
    scheme: 'https' as const,
    tls: { serverName: 'inner.example', verify: true, caPem: authority.certificatePem, ...changes },
  });
  const shown = () => ({ clientCertificate: { chainPem: client.certificatePem, keyPem: client.keyPem } });
  const asking = () => ({ requestCert: true, rejectUnauthorized: true, ca: authority.certificatePem });

  test('an authority of its own, HTTP/2 and a client certificate', async () => {
    const table: readonly (readonly [what: string, server: Server, changes: Partial<TargetRecord>, body: string])[] = [
      ['a custom authority', https({}), tls(), 'hello'],
      ['HTTP/2 over TLS', h2(), { ...tls(), protocol: 'h2' }, 'hello '],
      ['a client certificate', https(asking()), tls(shown()), 'hello'],
      ['both', h2(asking()), { ...tls(shown()), protocol: 'h2' }, 'hello pop'],
      ['nobody is verified', https({}), tls({ verify: false, caPem: good.certificatePem }), 'hello'],
    ];
    for (const [what, server, changes, body] of table) {
      const { host, cookie } = await app(server, changes);
      const got = await world.fetch(host, '/', { headers: { cookie } });
      assert.deepEqual([got.status, got.body], [200, body], what);
    }
  });

  test('what is wrong with TLS is told by the same word in the answer and in the log', async () => {
    const now = Date.now();
    const old = await issue(now, { name: 'x', dns, fromMs: -2 * DAY_MS, untilMs: -DAY_MS }, authority);
    const early = await issue(now, { name: 'x', dns, fromMs: DAY_MS }, authority);
    const stranger = await issue(now, { name: 'x', dns });
    const table: readonly (readonly [reason: string, server: Server, changes: Partial<TargetRecord>])[] = [
      ['tls-certificate-expired', https({}, old), tls()],
      ['tls-certificate-early', https({}, early), tls()],
      ['tls-name-differs', https({}), tls({ serverName: 'other.example' })],
      ['tls-authority-unknown', https({}, stranger), tls()],
      ['tls-not-spoken', createServer(answer), tls()],
      ['tls-protocol-refused', https({ ALPNProtocols: ['http/1.1'] }), { ...tls(), protocol: 'h2' }],
    ];
    for (const [reason, server, changes] of table) {
      const { host, cookie, id } = await app(server, changes);
      const got = await world.fetch(host, '/', { headers: { cookie } });
      assert.equal(got.status, 502, reason);
      const { code, reason: told } = JSON.parse(got.body) as { code: string; reason: string };
      assert.deepEqual([code, told], ['target-tls-failed', reason]);
      assert.ok(
        logLines.some((line) => line.includes(`target-${id}`) && line.includes(reason)),
        `${reason} in the log`,
      );
    }
    const page = await app(https({}, old), tls());
    const html = await world.fetch(page.host, '/', { headers: { cookie: page.cookie, accept: 'text/html' } });
    assert.match(html.body, /tls-certificate-expired/);
  });

  /** One request, with the interim answers that came before its answer. */
  function ask(host: string, headers: Record<string, string>, body?: string) {
    return new Promise<{ status: number; interim: string[]; text: string }>((resolve, reject) => {
      const interim: string[] = [];
      const { port, agent } = world;
      const method = body === undefined ? 'GET' : 'POST';
      const asked = httpsRequest({
        host: '127.0.0.1',
        port,
        servername: host,
        agent,
        method,
        headers: { host, ...headers },
      });
      asked.on('information', (one) => {
        const { link, 'set-cookie': cookies, 'x-manis-request-id': own } = one.headers as IncomingHttpHeaders;
        interim.push([one.statusCode, link, cookies, own].filter((part) => part !== undefined).join(' '));
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        let text = '';
        response.on('data', (part: Buffer) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, interim, text }));
      });
      if ('expect' in headers) asked.on('continue', () => asked.end(body)).flushHeaders();
      else asked.end(body);
    });
  }

  test('early hints pass, without what only Manis may say', async () => {
    const backend = createServer((request, response) => {
      const hints = { link: '</a.css>; rel=preload', 'set-cookie': 'a=1', 'x-manis-request-id': 'theirs' };
      response.writeEarlyHints(hints);
      request.resume().on('end', () => response.end('done'));
    });
    backend.on('checkContinue', (request, response) => {
      response.writeEarlyHints({ link: '</b.css>' });
      response.writeContinue();
      request.resume().on('end', () => response.end('done'));
    });
    const { host, cookie } = await app(backend, {});
    assert.deepEqual(await ask(host, { cookie }), {
      status: 200,
      interim: ['103 </a.css>; rel=preload'],
      text: 'done',
    });
    const waited = await ask(host, { cookie, expect: '100-continue', 'content-length': '4' }, 'body');
    assert.equal(waited.status, 200);
    assert.ok(waited.interim.includes('103 </b.css>'), String(waited.interim));
  });

  test('interim answers without end stop being passed on', async () => {
    const backend = createServer((_request, response) => {
      for (let i = 0; i < 100; i++) response.writeEarlyHints({ link: `</${i}.css>` });
      response.end('done');
    });
    const { host, cookie } = await app(backend, {});
    const got = await ask(host, { cookie });
    assert.deepEqual([got.text, got.interim.length], ['done', MAXIMUM_INTERIM_ANSWERS]);
  });

  test('ranges are the business of the backend', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const backend = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(206, { 'content-range': 'bytes 2-3/10', etag: '"1"', 'content-length': '2' });
      response.end('cd');
    });
    const { host, cookie } = await app(backend, {});
    const got = await world.fetch(host, '/', { headers: { cookie, range: 'bytes=2-3', 'if-range': '"1"' } });
    assert.deepEqual([got.status, got.headers['content-range'], got.body], [206, 'bytes 2-3/10', 'cd']);
    assert.deepEqual([seen[0]?.range, seen[0]?.['if-range']], ['bytes=2-3', '"1"']);
  });

  /** A backend that switches to what it is asked for, or to something else, and gives back what it gets. */
  function switching(to?: string): Server {
    const server = createServer((_request, response) => void response.end('no upgrade'));
    return server.on('upgrade', (request, socket: Socket) => {
      socket.on('error', () => undefined);
      socket.write(
        `HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: ${to ?? request.headers.upgrade}\r\nX-A: 1\r\n\r\n`,
      );
      socket.pipe(socket);
    });
  }

  test('another protocol passes both ways once the backend has agreed to it', async () => {
    const { host, cookie } = await app(switching(), {});
    const socket = await world.connect(host);
    socket.write(
      `POST /exec HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nearly `,
    );
    let text = '';
    while (!text.includes('early ')) text += String((await once(socket, 'data'))[0]);
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(text, /\r\nUpgrade: SPDY\/3\.1\r\n/);
    assert.match(text, /X-A: 1/);
    socket.write('late');
    assert.equal(String((await once(socket, 'data'))[0]), 'late');
    socket.end();
    await once(socket, 'close');
  });

  test('an upgrade is judged like any request', async () => {
    const { host } = await app(switching(), {});
    const head = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
    assert.match(await world.exchange(host, head), /^HTTP\/1\.1 401 /);
  });

  test('an upgrade to HTTP is none, and a backend that switches to something else is not believed', async () => {
    for (const [upgrade, to, expected] of [
      ['h2c', undefined, /^HTTP\/1\.1 200 .*no upgrade/s],
      ['HTTP/2.0', undefined, /^HTTP\/1\.1 200 .*no upgrade/s],
      ['tcp', 'h2c', /^HTTP\/1\.1 502 .*target-malformed/s],
    ] as const) {
      const { host, cookie } = await app(switching(to), {});
      const text = await world.exchange(
        host,
        `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: Upgrade, close\r\nUpgrade: ${upgrade}\r\n\r\n`,
      );
      assert.match(text, expected, upgrade);
    }
  });
});
