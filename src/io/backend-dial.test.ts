import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSilentTarget } from '../testing/silent-target.ts';
import { type BackendRefusal, type DialPorts, dialBackend } from './backend-dial.ts';
import { MAXIMUM_DIALLED_ADDRESSES } from './backend-dial-constants.ts';

type Answer = { socket: Socket } | { refusal: BackendRefusal; code: string };

function dial(host: string, port: number, timeoutMs = 5_000): Promise<Answer> {
  return new Promise((resolve) => {
    dialBackend({ host, port }, timeoutMs, {
      connected: (socket) => resolve({ socket }),
      failed: (refusal, code) => resolve({ refusal, code }),
    });
  });
}

/** A port that nothing listens on, as it was just given back. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a backend that listens is connected to, and no time runs against it any more', async (t) => {
  const before = timers();
  const server = createServer((socket) => socket.resume());
  t.after(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const answer = await dial('127.0.0.1', (server.address() as AddressInfo).port);
  assert.ok('socket' in answer);
  assert.equal(timers(), before);
  answer.socket.destroy();
});

test('a backend that resets before anybody listens to its connection is no fatal error', async (t) => {
  const server = createServer((socket) => socket.resetAndDestroy());
  t.after(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const answer = await dial('127.0.0.1', (server.address() as AddressInfo).port);
  // Where the reset overtakes the connection, it is a refusal like any other.
  if ('refusal' in answer) assert.deepEqual(answer, { refusal: 'refused', code: 'ECONNRESET' });
  else if (!answer.socket.destroyed) await new Promise((resolve) => answer.socket.once('close', resolve));
});

test('a port that nothing listens on is refused', async () => {
  assert.deepEqual(await dial('127.0.0.1', await closedPort()), { refusal: 'refused', code: 'ECONNREFUSED' });
});

test('a name that nobody has (RFC 6761 section 6.4) does not answer', async () => {
  const before = timers();
  const answer = await dial('backend.invalid', 80);
  assert.equal('refusal' in answer && answer.refusal, 'no-answer');
  assert.equal(timers(), before);
});

test('a backend that is silent does not answer, once the time is over', async (t) => {
  const port = await openSilentTarget(t);
  assert.deepEqual(await dial('127.0.0.1', port, 50), { refusal: 'no-answer', code: 'ETIMEDOUT' });
});

test('a dial that is no longer wanted gives no answer and leaves no timer', async (t) => {
  const port = await openSilentTarget(t);
  const before = timers();
  const answers: string[] = [];
  const attempt = dialBackend({ host: '127.0.0.1', port }, 60_000, {
    connected: () => answers.push('connected'),
    failed: () => answers.push('failed'),
  });
  attempt.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(answers, []);
  assert.equal(timers(), before);
});

test('a unix socket is connected to by its path, and one that is not there refuses', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'manis-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'app.sock');
  const server = createServer((socket) => socket.end('hello'));
  await once(server.listen(path), 'listening');
  t.after(() => void server.close());
  const unix = (host: string) =>
    new Promise<Answer>((resolve) => {
      dialBackend({ host, port: 1, transport: 'unix' }, 5_000, {
        connected: (socket) => resolve({ socket }),
        failed: (refusal, code) => resolve({ refusal, code }),
      });
    });
  const answer = await unix(path);
  assert.ok('socket' in answer);
  const [first] = await once(answer.socket, 'data');
  assert.equal(String(first), 'hello');
  answer.socket.destroy();
  assert.deepEqual(await unix(join(folder, 'none.sock')), { refusal: 'refused', code: 'ENOENT' });
});

/** Addresses of a made-up name, and what becomes of each: `open`, a code, or nothing at all. */
class MadeUpNames implements DialPorts {
  readonly dialled: string[] = [];
  readonly sockets: Socket[] = [];
  readonly fates: Readonly<Record<string, string>>;
  lookups = 0;

  constructor(fates: Readonly<Record<string, string>>) {
    this.fates = fates;
  }

  addresses(_host: string, found: Parameters<DialPorts['addresses']>[1]): void {
    this.lookups++;
    const all = Object.keys(this.fates).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    queueMicrotask(() => found(null, all));
  }

  connect(to: Parameters<DialPorts['connect']>[0]): Socket {
    const host = 'host' in to ? to.host : to.path;
    this.dialled.push(host);
    const socket = new Socket();
    this.sockets.push(socket);
    const fate = this.fates[host];
    if (fate === 'open') queueMicrotask(() => socket.emit('connect'));
    else if (fate !== 'silent') queueMicrotask(() => socket.destroy(Object.assign(new Error(fate), { code: fate })));
    return socket;
  }
}

function dialName(ports: DialPorts): Promise<Answer> {
  return new Promise((resolve) => {
    dialBackend(
      { host: 'app.internal', port: 80 },
      60_000,
      { connected: (socket) => resolve({ socket }), failed: (refusal, code) => resolve({ refusal, code }) },
      ports,
    );
  });
}

const NAMES: readonly (readonly [
  what: string,
  fates: Readonly<Record<string, string>>,
  dialled: string[],
  end: string,
])[] = [
  ['the first that answers is taken', { '10.0.0.1': 'open', '10.0.0.2': 'open' }, ['10.0.0.1'], 'open'],
  [
    'one that refuses makes room for the next',
    { '10.0.0.1': 'ECONNREFUSED', '10.0.0.2': 'open' },
    ['10.0.0.1', '10.0.0.2'],
    'open',
  ],
  [
    'a silent one is passed by, and left alone',
    { 'fd00::1': 'silent', '10.0.0.1': 'open' },
    ['fd00::1', '10.0.0.1'],
    'open',
  ],
  ['none at all', {}, [], 'no-answer ENOTFOUND'],
  [
    'a refusal counts more than no way',
    { '10.0.0.1': 'ECONNREFUSED', 'fd00::1': 'ENETUNREACH' },
    ['10.0.0.1', 'fd00::1'],
    'refused ECONNREFUSED',
  ],
  [
    'no way to any of them',
    { 'fd00::1': 'ENETUNREACH', '10.0.0.1': 'EHOSTUNREACH' },
    ['fd00::1', '10.0.0.1'],
    'no-answer ENETUNREACH',
  ],
];

for (const [what, fates, dialled, end] of NAMES)
  test(`several addresses: ${what}`, async () => {
    const ports = new MadeUpNames(fates);
    const before = timers();
    const answer = await dialName(ports);
    assert.deepEqual(ports.dialled, dialled);
    assert.equal('socket' in answer ? 'open' : `${answer.refusal} ${answer.code}`, end);
    const others = ports.sockets.filter((socket) => !('socket' in answer) || socket !== answer.socket);
    assert.ok(others.every((socket) => socket.destroyed));
    assert.equal(timers(), before);
  });

test('a name is looked up anew for each connection, and no more addresses are tried than may be', async () => {
  const many = new MadeUpNames(
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`10.0.0.${i}`, 'ECONNREFUSED'])),
  );
  await dialName(many);
  await dialName(many);
  assert.deepEqual([many.lookups, many.dialled.length], [2, 2 * MAXIMUM_DIALLED_ADDRESSES]);
});
