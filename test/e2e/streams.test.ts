/** heavy: psql, dig and TLS of others through resources that are no HTTP, by the command that people use. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import dnsPacket from 'dns-packet';
import { type Issued, issue } from '../../src/testing/client-pki.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { freePort } from '../../src/testing/free-ports.ts';
import { requireTools } from '../interop/requirements.ts';
import { POSTGRES_REQUIREMENTS, PostgresServer } from '../lab/postgres-server.ts';
import { freePortBase, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';
import { Visitor } from './visitor.ts';

const run = promisify(execFile);
const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';
const MEGABYTE = 1_048_576;
/** Larger than any packet of the overlay. */
const LONG_TEXT = 'what is long goes in pieces; '.repeat(100);

describe('resources that are no HTTP', { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  const closing: (() => unknown)[] = [];
  let network: Network;
  let dataDir = '';
  let policy = '';
  let authority: Issued;

  before(async () => {
    dataDir = join(folder, 'data');
    policy = join(folder, 'policy.yaml');
    writeFileSync(policy, 'rules:\n  - { id: near, name: Near, when: { ip: [loopback] }, then: { kind: bypass } }\n');
    authority = await issue(Date.now(), { name: 'Of the application', isAuthority: true });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    const flags = ['--admin-password-file', passwordFile, '--data-dir', dataDir];
    network = await Network.start(['--port-base', String(await freePortBase()), ...flags]);
  });
  after(async () => {
    await network?.stop();
    for (const close of closing.reverse()) await close();
    remove(folder);
  });

  /** Adds a resource and gives its port, once the PoP in front listens there. */
  async function published(name: string, kind: 'tcp' | 'udp', target: number, ...flags: string[]): Promise<number> {
    const port = await freePort();
    const url = `${kind}://127.0.0.1:${target}`;
    manis(dataDir, 'resource', 'add', name, `--${kind}`, `${port}`, '--target', url, '--policy', policy, ...flags);
    untilLive(dataDir);
    await eventually(
      () => JSON.parse(manis(dataDir, 'resource', 'listeners', name, '--json')) as Listener[],
      (listeners) => listeners.every(({ ports }) => ports[0]?.state === 'open'),
    );
    return port;
  }

  test('psql speaks with a PostgreSQL behind a TCP resource', async (t) => {
    if (!requireTools(t, [...POSTGRES_REQUIREMENTS, 'psql'])) return;
    const server = await PostgresServer.start();
    closing.push(() => server.stop());
    const database = await server.createDatabase();
    const port = await published('db', 'tcp', server.port);
    const psql = async (...words: string[]) => {
      const where = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'manis', '-d', database];
      return (await run('psql', [...where, '-Atqc', ...words], { maxBuffer: 64 * MEGABYTE })).stdout;
    };
    assert.equal(await psql('select 6 * 7'), '42\n');
    const rows = await psql("select i, repeat('x', 1000) from generate_series(1, 5000) i");
    assert.equal(rows.length, 5_000 * 1_001 + [...Array(5_000).keys()].map((i) => `${i + 1}|`).join('').length);
    // The notice comes while the client waits: bytes go on as they come.
    assert.match(await psql('select pg_sleep(0.2); select inet_client_port() > 0'), /t\n$/);
  });

  test('dig asks a name server behind a UDP resource, and gets long answers too', async (t) => {
    if (!requireTools(t, ['dig'])) return;
    const server = createSocket('udp4');
    server.on('message', (bytes, from) => server.send(answerTo(bytes), from.port, from.address));
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => close(server));
    const port = await published('names', 'udp', server.address().port);
    const dig = async (...words: string[]) =>
      (await run('dig', ['@127.0.0.1', '-p', `${port}`, '+short', '+notcp', '+ignore', ...words])).stdout;
    assert.equal(await dig('a.example', 'A'), '192.0.2.7\n');
    const long = await dig('+bufsize=4096', 'long.example', 'TXT');
    assert.equal(long.replaceAll(/[" \n]/g, ''), LONG_TEXT.replaceAll(' ', ''));
    for (let i = 0; i < 20; i++) assert.equal(await dig(`${i}.example`, 'A'), '192.0.2.7\n');
  });

  test('TLS goes through to the backend whose name is asked for, beside the hosts of browsers', async () => {
    for (const name of ['one', 'two']) {
      const host = `${name}.tls.test`;
      const { certificatePem: cert, keyPem: key } = await issue(Date.now(), { name: host, dns: [host] }, authority);
      const server = createTlsServer({ cert, key }, (socket) => socket.end(`${name} here`));
      const target = await listening(server);
      const flags = ['--tls-passthrough', host, '--target', `tcp://127.0.0.1:${target}`, '--policy', policy];
      manis(dataDir, 'resource', 'add', host, ...flags);
    }
    untilLive(dataDir);
    const port = Number(new URL(network.ready.dashboard).port);
    const ask = async (servername: string, ca: string): Promise<string> => {
      const socket = connectTls({ host: '127.0.0.1', port, servername, ca });
      let text = '';
      for await (const part of socket) text += part;
      return text;
    };
    for (const name of ['one', 'two'])
      assert.equal(await ask(`${name}.tls.test`, authority.certificatePem), `${name} here`);
    assert.equal(await statusOf(port, 'demo.manis.localhost', network.ca), 302);
  });

  test('nginx hears who came by a PROXY header', async (t) => {
    if (!requireTools(t, ['nginx'])) return;
    for (const version of ['1', '2']) {
      const target = await freePort();
      await startNginx(join(folder, `nginx-${version}`), target);
      const port = await published(`proxied-${version}`, 'tcp', target, '--proxy-to', version);
      const socket = connect({ port, host: '127.0.0.1' });
      socket.end('GET / HTTP/1.0\r\n\r\n');
      await once(socket, 'connect');
      const { localPort } = socket;
      let text = '';
      for await (const part of socket) text += part;
      assert.match(text, new RegExp(`127\\.0\\.0\\.1 ${localPort}$`));
    }
  });

  test('who signed in from the same address is let in, and out again when the session is revoked', async () => {
    const echo = createServer((socket) =>
      socket.on('error', () => undefined).on('data', (bytes) => socket.write(bytes)),
    );
    const port = await published('recent', 'tcp', await listening(echo));
    const recent = join(folder, 'recent.yaml');
    const rule = '{ id: recent, name: Recent, when: { recentSignIn: { withinMs: 3600000 } }, then: { kind: bypass } }';
    writeFileSync(recent, `rules:\n  - ${rule}\n`);
    manis(dataDir, 'policy', 'update', 'recent', recent);
    untilLive(dataDir);
    const begin = async () => {
      const socket = connect({ port, host: '127.0.0.1' });
      const closed = new Promise<false>((resolve) =>
        socket.on('error', () => undefined).once('close', () => resolve(false)),
      );
      const answered = new Promise<true>((resolve) => socket.once('data', () => resolve(true)));
      socket.write('x');
      return { closed, isOpen: await Promise.race([answered, closed]) };
    };
    assert.equal((await begin()).isOpen, false);
    const visitor = new Visitor({ ca: network.ca, via: `127.0.0.1:${new URL(network.ready.dashboard).port}` });
    await visitor.signIn(network.ready.apps[0]?.url ?? '', EMAIL, PASSWORD);
    let open = await begin();
    while (!open.isOpen) open = await begin();
    manis(dataDir, 'session', 'revoke-user', EMAIL);
    assert.equal(await open.closed, false);
    assert.equal((await begin()).isOpen, false);
  });

  test('a stream lives on when its tunnel goes silent, and arrives whole', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 'an overlay is two addresses ');
    const megabytes = 96;
    const server = createServer((socket) => {
      let left = megabytes;
      const more = (): void => {
        while (left > 0) {
          left--;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.on('drain', more).on('error', () => undefined);
      more();
    });
    const port = await published('long', 'tcp', await listening(server));
    const socket = connect({ port, host: '127.0.0.1' });
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of socket) {
      if (bytes < 8 * MEGABYTE && bytes + part.length >= 8 * MEGABYTE) manis(dataDir, 'drill', 'cut', 'Amsterdam');
      bytes += part.length;
      hash.update(part);
    }
    manis(dataDir, 'drill', 'heal');
    assert.equal(bytes, megabytes * MEGABYTE);
    const expected = createHash('sha256');
    for (let i = 0; i < megabytes; i++) expected.update(chunk);
    assert.equal(hash.digest('hex'), expected.digest('hex'));
  });

  async function listening(server: ReturnType<typeof createServer>): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  async function startNginx(home: string, port: number): Promise<void> {
    mkdirSync(home);
    chmodSync(home, 0o777);
    const configuration = `daemon off; pid ${home}/pid; error_log stderr; events {}
      http { access_log off; server { listen 127.0.0.1:${port} proxy_protocol;
        location / { default_type text/plain; return 200 "$proxy_protocol_addr $proxy_protocol_port"; } } }`;
    writeFileSync(join(home, 'nginx.conf'), configuration);
    const child = spawn('nginx', ['-e', 'stderr', '-p', home, '-c', join(home, 'nginx.conf')], { stdio: 'ignore' });
    closing.push(() => child.kill());
    for (;;) {
      const socket = connect({ port, host: '127.0.0.1' });
      const isThere = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isThere) return;
    }
  }
});

interface Listener {
  readonly ports: readonly { readonly state: string }[];
}

function answerTo(bytes: Buffer): Buffer {
  const query = dnsPacket.decode(bytes);
  const [question] = query.questions ?? [];
  const name = question?.name ?? '';
  const parts = LONG_TEXT.match(/.{1,200}/gs) ?? [];
  const answer =
    question?.type === 'TXT'
      ? ({ type: 'TXT', name, ttl: 1, data: parts } as const)
      : ({ type: 'A', name, ttl: 1, data: '192.0.2.7' } as const);
  return dnsPacket.encode({
    ...{ type: 'response', id: query.id ?? 0, flags: dnsPacket.AUTHORITATIVE_ANSWER },
    questions: question ? [question] : [],
    answers: [answer],
  });
}

/** What a browser that is not signed in gets at a host of HTTP. */
async function statusOf(port: number, host: string, ca: string): Promise<number> {
  const headers = { host: `${host}:${port}`, accept: 'text/html', 'sec-fetch-mode': 'navigate' };
  const asked = request({ host: '127.0.0.1', port, servername: host, ca, headers, agent: false });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

function close(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
