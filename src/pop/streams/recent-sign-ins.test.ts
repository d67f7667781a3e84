// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { LinkRecord, SignInFact } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { freePort } from '../../testing/free-ports.ts';
import { PopWorld, streamResource, user } from '../../testing/pop-world.ts';

const HOUR = 3_600_000;
let world: PopWorld;
let port: number;
let backend: number;

before(async () => {
  world = await PopWorld.start();
  backend = await world.listen(createServer((socket) => socket.on('data', (bytes) => socket.write(bytes))));
  port = await freePort();
  publish();
  await world.portIs('tcp', port, 'open');
});
after(() => world.stop());

function publish(...more: readonly LinkRecord[]): void {
  world.publishBasics(
    streamResource({ transport: 'tcp', first: port, last: port }, backend, { policy: POLICY }),
    ...more,
  );
}

const POLICY: Policy = {
  rules: [
    {
      id: 'recent',
      name: 'Recent',
      enabled: true,
      when: { recentSignIn: { withinMs: 8 * HOUR, roles: ['staff'] } },
      then: { kind: 'bypass' },
    },
  ],
};

function tell(put: readonly Partial<SignInFact>[], remove: readonly string[] = [], whole = false): void {
  const usual = { sessionId: 's1', userId: 'ada', address: '127.0.0.1', atUnixMs: world.clock.unixMs() };
  world.link.events.received({ type: 'signIns', whole, put: put.map((fact) => ({ ...usual, ...fact })), remove });
}

async function open(from = '127.0.0.1') {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  const failed = new Promise<'refused'>((resolve) => socket.once('error', () => resolve('refused')));
  socket.write('x');
  const outcome = await Promise.race([once(socket, 'data').then(() => 'open' as const), failed]);
  return { socket, outcome, closed: new Promise((resolve) => socket.once('close', resolve)) };
}

async function outcome(from?: string): Promise<string> {
  const { socket, outcome: found } = await open(from);
  socket.destroy();
  return found;
}

test('who signed in from an address is let in from there, for so long, and from nowhere else', async () => {
  assert.equal(await outcome(), 'refused');
  tell([{}]);
  assert.equal(await outcome(), 'open');
  assert.equal(await outcome('127.0.0.2'), 'refused');
  tell([{ atUnixMs: world.clock.unixMs() - 8 * HOUR - 1 }]);
  assert.equal(await outcome(), 'refused');
});

test('somebody of another role, or nobody of this organisation, lets nobody in', async () => {
  tell([], [], true);
  publish(user('eve', ['guest']));
  tell([
    { sessionId: 's2', userId: 'eve' },
    { sessionId: 's3', userId: 'nobody' },
  ]);
  assert.equal(await outcome(), 'refused');
  publish({
    ...user('eve', []),
    memberships: [{ organisationId: 'org-2', roles: ['staff'] }],
  });
  assert.equal(await outcome(), 'refused');
});

const ends: [name: string, end: () => void][] = [
  [
    'its session was revoked',
    () =>
      world.revoke({
        kind: 'session',
        sessionId: 's1',
        userId: 'ada',
        atUnixMs: world.clock.unixMs(),
        expiresAtUnixMs: world.clock.unixMs() + HOUR,
      }),
  ],
  [
    'the user was signed out everywhere',
    () => world.revoke({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs: world.clock.unixMs() }),
  ],
  ['the user was disabled', () => publish(user('ada', ['staff'], true))],
  ['the user lost the role', () => publish(user('ada', []))],
];
for (const [name, end] of ends) {
  test(`a connection ends when ${name}, and the next one is refused`, async () => {
    publish(user('ada', ['staff']));
    tell([{}], [], true);
    const { outcome: found, closed } = await open();
    assert.equal(found, 'open');
    end();
    await closed;
    assert.equal(await outcome(), 'refused');
  });
}

test('sign-ins are known after a restart, without control', async () => {
  publish(user('ada', ['staff']));
  tell([{ sessionId: 's9' }], [], true);
  assert.equal(await outcome(), 'open');
  await world.pop.stop(0);
  await world.startPop();
  await world.portIs('tcp', port, 'open');
  assert.equal(await outcome(), 'open');
});
