// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, createServer, connect as tlsConnect } from 'node:tls';
import { parseIpAddress } from '../../base/index.ts';
import { writeProxyHeader } from '../../core/proxy-protocol/index.ts';
import { type Issued, issue } from '../../testing/client-pki.ts';
import { freePort } from '../../testing/free-ports.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, streamResource } from '../../testing/pop-world.ts';

const NAMES = ['one.example.com', 'two.example.com'] as const;
let world: PopWorld;
let authority: Issued;
let ownPort: number;
const backends = new Map<string, number>();

before(async () => {
  world = await PopWorld.start();
  authority = await issue(Date.now(), { name: 'Of the backends', isAuthority: true });
  for (const name of NAMES) backends.set(name, await backend(name));
  ownPort = await freePort();
  const passed = (id: string, host: string, target: number, port?: number) =>
    streamResource({ transport: 'tls', ...(port && { port }) }, target, { id, host });
  const trusting = passed('own-two', NAMES[1], backends.get(NAMES[1]) ?? 0, ownPort);
  world.publishBasics(
    resource(
      await world.listen((await import('node:http')).createServer((_request, response) => response.end('web'))),
      {
        policy: PUBLIC,
      },
    ),
    ...NAMES.map((name) => passed(name, name, backends.get(name) ?? 0)),
    passed('own-one', NAMES[0], backends.get(NAMES[0]) ?? 0, ownPort),
    { ...trusting, host: `*.${NAMES[1]}`, proxyProtocol: { from: ['127.0.0.3'] }, policy: onlyFrom('192.0.2.1') },
  );
  await world.portIs('tcp', ownPort, 'open');
});
after(() => world.stop());

function onlyFrom(address: string) {
  const when = { ip: [address] };
  return { rules: [{ id: 'r', name: 'r', enabled: true, when, then: { kind: 'bypass' as const } }] };
}

/** Says its name, and ends when the client does: TLS passes its end on as it is. */
async function backend(name: string): Promise<number> {
  const { certificatePem: cert, keyPem: key } = await issue(Date.now(), { name, dns: [name, `*.${name}`] }, authority);
  const server = createServer({ cert, key, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => socket.write(bytes));
    socket.on('end', () => socket.end(` ${name}`));
  });
  return world.listen(server);
}

async function ask(servername: string, port: number, raw?: Socket): Promise<string> {
  const through = raw ?? connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const options = { socket: through, servername, ca: authority.certificatePem, allowHalfOpen: true };
  const socket = tlsConnect(options as ConnectionOptions);
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  socket.end('hello');
  const failed = new Promise<string>((resolve) => socket.once('error', (error) => resolve(error.message)));
  return Promise.race([once(socket, 'close').then(() => text), failed]);
}

test('on the port that browsers use each name leads to its backend, which shows its own certificate', async () => {
  for (const name of NAMES) assert.equal(await ask(name, world.port), `hello ${name}`);
});

test('hosts of browsers beside them are served as ever', async () => {
  for (let i = 0; i < 3; i++) assert.equal((await world.fetch(APP_HOST, '/')).body, 'web');
});

test('a wildcard that is passed through takes neither the portal nor a host that is served', async () => {
  const [one = 0] = backends.values();
  const wide = (host: string) => streamResource({ transport: 'tls' }, one, { id: host, host });
  world.publish(wide('*.localhost'), wide(`*.${PORTAL_HOST}`));
  assert.equal((await world.fetch(APP_HOST, '/')).body, 'web');
  assert.ok((await world.fetch(PORTAL_HOST, '/')).status < 500);
  const other = await ask(`other.${PORTAL_HOST}`, world.port);
  assert.match(other, /altnames|Hostname/i, 'it is the backend that answers, with another name');
});

test('a name that nobody has is refused on a port of its own, by the alert that says so', async () => {
  assert.equal(await ask(NAMES[0], ownPort), `hello ${NAMES[0]}`);
  assert.match(await ask('three.example.com', ownPort), /unrecognized name/);
  assert.ok((world.pop.counters().streams['name-unknown'] ?? 0) > 0);
});

test('what is no TLS, or asks for no name, is refused there', async () => {
  for (const bytes of ['GET / HTTP/1.0\r\n\r\n', Buffer.from([22, 3, 1, 0, 0])]) {
    const socket = connect({ host: '127.0.0.1', port: ownPort });
    socket.on('error', () => undefined);
    socket.write(bytes);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.deepEqual([...answer], [21, 3, 3, 0, 2, 2, 112]);
    socket.destroy();
  }
});

test('a ClientHello that comes byte by byte, in several records, is put together and passed on as it was', async () => {
  for (const port of [world.port, ownPort]) {
    const raw = connect({ host: '127.0.0.1', port, noDelay: true });
    const slow = new Proxy(raw, {});
    await once(raw, 'connect');
    // What TLS writes first goes out a few bytes at a time.
    const write = raw.write.bind(raw) as (bytes: Uint8Array) => boolean;
    let isFirst = true;
    raw.write = ((bytes: Uint8Array, ...rest: unknown[]): boolean => {
      const done = rest.at(-1) as (() => void) | undefined;
      if (!isFirst || typeof bytes === 'string') return (write as (...all: unknown[]) => boolean)(bytes, ...rest);
      isFirst = false;
      for (let at = 0; at < bytes.length; at += 7) write(bytes.subarray(at, at + 7));
      if (typeof done === 'function') done();
      return true;
    }) as typeof raw.write;
    assert.equal(await ask(NAMES[0], port, slow), `hello ${NAMES[0]}`);
  }
});

test('on a shared port a proxy is believed for the resource that trusts it, and for no other', async () => {
  const at = (text: string, of: number) => ({ address: parseIpAddress(text) as never, port: of });
  const said = { kind: 'proxied', transport: 'stream' } as const;
  const header = writeProxyHeader(1, { ...said, source: at('192.0.2.1', 7), destination: at('198.51.100.1', 443) });
  const through = async (name: string): Promise<string> => {
    const raw = connect({ host: '127.0.0.1', port: ownPort, localAddress: '127.0.0.3' });
    raw.on('error', () => undefined);
    raw.write(header);
    return ask(name, ownPort, raw);
  };
  assert.equal(await through(`a.${NAMES[1]}`), `hello ${NAMES[1]}`);
  assert.equal(await through(NAMES[0]), `hello ${NAMES[0]}`, 'by its own address, which its policy admits');
  assert.notEqual(await ask(`a.${NAMES[1]}`, ownPort), `hello ${NAMES[1]}`, 'without a proxy');
  const bare = (): Socket =>
    connect({ host: '127.0.0.1', port: ownPort, localAddress: '127.0.0.3', allowHalfOpen: true });
  assert.equal(await ask(NAMES[0], ownPort, bare()), `hello ${NAMES[0]}`, 'it asks for no header from others’ clients');
  assert.notEqual(await ask(`a.${NAMES[1]}`, ownPort, bare()), `hello ${NAMES[1]}`, 'a trusted proxy without a header');
  assert.ok((world.pop.counters().streams['proxy-header-absent'] ?? 0) > 0);
});
