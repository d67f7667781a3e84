import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { openSilentTarget } from '../testing/silent-target.ts';
import { type BackendRefusal, dialBackend } from './backend-dial.ts';

type Answer = { socket: Socket } | { refusal: BackendRefusal; code: string };

function dial(host: string, port: number, timeoutMs = 5_000): Promise<Answer> {
  return new Promise((resolve) => {
    dialBackend(host, port, timeoutMs, {
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
  const socket = dialBackend('127.0.0.1', port, 60_000, {
    connected: () => answers.push('connected'),
    failed: () => answers.push('failed'),
  });
  socket.destroy();
  await new Promise((resolve) => socket.once('close', resolve));
  assert.deepEqual(answers, []);
  assert.equal(timers(), before);
});
