// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { concat, parseIpAddress, utf8 } from '../../base/index.ts';
import type { AuditEvent, StreamResourceRecord } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { writeProxyHeader } from '../../core/proxy-protocol/index.ts';
import { freePort, freePorts } from '../../testing/free-ports.ts';
import { PopWorld, PUBLIC, SIGNED_IN, streamResource } from '../../testing/pop-world.ts';

let world: PopWorld;
/** Gives back in capitals what it gets, and says what it got at the end. */
let backend: number;
let port: number;
const conversations: Promise<string>[] = [];

before(async () => {
  world = await PopWorld.start();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    conversations.push(converse(socket));
  });
  backend = await world.listen(server);
});
after(() => world.stop());
beforeEach(async () => {
  port = await freePort();
  conversations.length = 0;
});

async function converse(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
    socket.write(part.toString('latin1').toUpperCase());
  });
  socket.on('end', () => socket.end('.'));
  await once(socket, 'close');
  return text;
}

function tcp(changes: Partial<StreamResourceRecord> = {}): StreamResourceRecord {
  return streamResource({ transport: 'tcp', first: port, last: port }, backend, changes);
}

async function publish(record: StreamResourceRecord, state: string | undefined = 'open'): Promise<void> {
  world.publishBasics(record);
  await world.portIs('tcp', port, state);
}

function dial(at = port, from?: string): Socket {
  const socket = connect({ host: '127.0.0.1', port: at, allowHalfOpen: true, ...(from && { localAddress: from }) });
  socket.on('error', () => undefined);
  return socket;
}

/** Everything that comes back, or `reset`. */
async function talk(bytes: string | Uint8Array, from?: string): Promise<string> {
  const socket = dial(port, from);
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
  });
  const failed = new Promise<string>((resolve) => socket.once('error', () => resolve('reset')));
  socket.end(bytes);
  return Promise.race([once(socket, 'close').then(() => text), failed]);
}

/** What the audit has by the time that it has these. */
async function events(isThere: (all: readonly AuditEvent[]) => boolean): Promise<AuditEvent[]> {
  for (;;) {
    const all = world.link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
    if (isThere(all)) return all;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('bytes go there and back, and each half ends by itself', async () => {
  await publish(tcp());
  assert.equal(await talk('hello'), 'HELLO.');
  assert.equal(await conversations[0], 'hello');
});

test('nobody is let in whom the policy does not admit, and the target hears nothing of it', async () => {
  const cases: [policy: Policy, from: string][] = [
    [{ rules: [] }, '127.0.0.1'],
    [SIGNED_IN, '127.0.0.1'],
    [onlyFrom('127.0.0.2'), '127.0.0.1'],
  ];
  for (const [policy, from] of cases) {
    await publish(tcp({ policy }));
    assert.equal(await talk('hello', from), 'reset');
  }
  assert.equal(conversations.length, 0);
  await publish(tcp({ policy: onlyFrom('127.0.0.2') }));
  assert.equal(await talk('hello', '127.0.0.2'), 'HELLO.');
});

function onlyFrom(address: string): Policy {
  return { rules: [{ id: 'r', name: 'r', enabled: true, when: { ip: [address] }, then: { kind: 'bypass' } }] };
}

test('a connection that is open is cut when the policy, the resource or a revocation says so', async () => {
  const ends: [name: string, end: () => unknown][] = [
    ['another policy', () => world.publishBasics(tcp({ policy: SIGNED_IN }))],
    ['disabled', () => world.publishBasics(tcp({ enabled: false }))],
  ];
  for (const [name, end] of ends) {
    await publish(tcp());
    const socket = dial();
    socket.write('a');
    await once(socket, 'data');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    end();
    await closed;
    assert.ok(socket.destroyed, name);
  }
});

test('ports open and close with the snapshot, without a restart', async () => {
  await publish(tcp());
  assert.equal(await talk('a'), 'A.');
  await publish(tcp({ enabled: false }), undefined);
  assert.equal(await talk('a'), 'reset');
  const before = port;
  port = await freePort();
  await publish(tcp());
  assert.equal(await talk('a'), 'A.');
  port = before;
  assert.equal(await talk('a'), 'reset');
});

test('of a range each port leads to the same one of the target', async () => {
  const [first, second] = (await freePorts(2)) as [number, number];
  await world.listen(
    createServer((socket) => socket.end('first')),
    first,
  );
  await world.listen(
    createServer((socket) => socket.end('second')),
    second,
  );
  [port] = (await freePorts(2)) as [number, number];
  world.publishBasics(streamResource({ transport: 'tcp', first: port, last: port + 1 }, first));
  await world.portIs('tcp', port, 'open');
  await world.portIs('tcp', port + 1, 'open');
  assert.equal(await talk(''), 'first');
  port += 1;
  assert.equal(await talk(''), 'second');
});

test('a port that is in use, the own one of the PoP, or a low one is told of and not taken', async () => {
  const taken = await world.listen(createServer());
  const cases: [port: number, state: string][] = [
    [taken, 'in-use'],
    [world.port, 'own'],
    [80, 'not-allowed'],
  ];
  for (const [at, state] of cases) {
    port = at;
    await publish(tcp(), state);
    const { states } = { states: world.pop.streamPorts() };
    assert.deepEqual(states, [{ transport: 'tcp', first: at, last: at, state }]);
  }
});

test('a PROXY header is believed from a trusted address alone', async () => {
  const proxied = (version: 1 | 2, address: string) =>
    writeProxyHeader(version, {
      kind: 'proxied',
      transport: 'stream',
      source: { address: parseIpAddress(address) as never, port: 7 },
      destination: { address: parseIpAddress('198.51.100.1') as never, port: 8 },
    });
  const trusting = { policy: onlyFrom('192.0.2.1'), proxyProtocol: { from: ['127.0.0.3'] } };
  await publish(tcp(trusting));
  for (const version of [1, 2] as const) {
    const bytes = concat(proxied(version, '192.0.2.1'), utf8('hi'));
    assert.equal(await talk(bytes, '127.0.0.3'), 'HI.');
    assert.equal(await talk(bytes, '127.0.0.1'), 'reset', 'forged');
    assert.equal(await talk(concat(proxied(version, '192.0.2.9'), utf8('hi')), '127.0.0.3'), 'reset', 'somebody else');
  }
  assert.equal(await talk('hi', '127.0.0.3'), 'reset', 'no header');
  assert.equal(await talk('PROXY TCP4', '127.0.0.3'), 'reset', 'half a header');
  assert.deepEqual(await Promise.all(conversations), ['hi', 'hi']);
});

test('who came is written to the target, with what a forged header said behind it as any other bytes', async () => {
  for (const to of [1, 2] as const) {
    conversations.length = 0;
    await publish(tcp({ proxyProtocol: { to } }));
    const socket = dial();
    await once(socket, 'connect');
    const client = { address: parseIpAddress('127.0.0.1') as never, port: socket.localPort ?? 0 };
    socket.end('PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n');
    socket.resume();
    await once(socket, 'close');
    const source = { kind: 'proxied', transport: 'stream', source: client } as const;
    const header = writeProxyHeader(to, { ...source, destination: { address: client.address, port } });
    assert.equal(await conversations[0], `${Buffer.from(header).toString('latin1')}PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n`);
  }
});

test('the audit tells who came, by which rule, and what went through', async () => {
  world.link.open({
    controlId: 'c',
    baseUrl: 'https://127.0.0.1:1',
    authentication: '',
    caPem: world.ca.certificatePem,
  });
  await publish(tcp({ auditsAll: true, policy: PUBLIC, host: 'db.example.com' }));
  assert.equal(await talk('hello'), 'HELLO.');
  const ours = (all: readonly AuditEvent[]) => all.filter(({ path }) => path === `:${port}`);
  const [began, ended] = ours(await events((all) => ours(all).length >= 2));
  assert.deepEqual(
    [began?.outcome, began?.reason, began?.method, began?.host, began?.ruleId, began?.clientAddress],
    ['allow', 'bypass', 'TCP', 'db.example.com', 'public', '127.0.0.1'],
  );
  assert.deepEqual([ended?.reason, ended?.bytesReceived, ended?.bytesSent], ['stream-ended', 5, 6]);
  assert.ok((ended?.durationMs ?? -1) >= 0);
});

test('a target that is not there is a reset and a counted problem', async () => {
  const gone = await freePort();
  world.publishBasics(streamResource({ transport: 'tcp', first: port, last: port }, gone));
  await world.portIs('tcp', port, 'open');
  assert.equal(await talk('hello'), 'reset');
  assert.ok((world.pop.counters().streams['target-refused'] ?? 0) >= 1);
});

test('one address has only so many connections, and another one still gets in', async (t) => {
  await publish(tcp());
  const open: Socket[] = [];
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  const count = (name: string) => world.pop.counters().streams[name] ?? 0;
  const before = count('accepted');
  while (count('connections-per-address') < 20) {
    // No more at once than the machine keeps for a listener that is busy: it would forget what is too much.
    open.push(...Array.from({ length: 100 }, () => dial()));
    while (count('accepted') < before + open.length) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(open.length, 1_100, '1,024 are let in, those behind them are not');
  assert.equal(await talk('hello', '127.0.0.9'), 'HELLO.');
});
