// Two nodes over UDP on the loopback address: real time, real sockets, and no waiting for anything but events.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { type Endpoint, parseEndpoint } from '../../base/index.ts';
import { type LoopbackNode, openPair, openStream, readAll } from '../../testing/loopback-node.ts';
import { READ_HIGH_WATER_BYTES, WRITE_HIGH_WATER_BYTES } from './constants.ts';
import { TunnelFailure, type TunnelSocket } from './tunnel-socket.ts';

const CHUNK = Buffer.alloc(65_536, 'a');

/** The error that breaks a stream. */
async function failureOf(stream: TunnelSocket): Promise<Error> {
  const [error] = await once(stream, 'error');
  return error as Error;
}

test('20 MB arrive intact, in either direction at once', async (t) => {
  const { near, far } = await openPair(t);
  const [stream, accepted] = await openStream(near, far);
  const sent = [createHash('sha256'), createHash('sha256')] as const;
  const received = [createHash('sha256'), createHash('sha256')] as const;
  const source = (hash: (typeof sent)[number], seed: number) =>
    Readable.from(
      (function* () {
        for (let i = 0; i < 160; i++) {
          const chunk = Buffer.alloc(65_536 * 2, `${seed}.${i}`);
          hash.update(chunk);
          yield chunk;
        }
      })(),
      { objectMode: false },
    );
  stream.on('data', (chunk) => received[0].update(chunk));
  accepted.on('data', (chunk) => received[1].update(chunk));
  await Promise.all([
    pipeline(source(sent[0], 1), stream),
    pipeline(source(sent[1], 2), accepted),
    once(stream, 'end'),
    once(accepted, 'end'),
  ]);
  assert.equal(received[1].digest('hex'), sent[0].digest('hex'));
  assert.equal(received[0].digest('hex'), sent[1].digest('hex'));
});

test('a stream carries what was written and ended before it was connected', async (t) => {
  const { near, far } = await openPair(t);
  const accepted = far.nextStream();
  const stream = near.driver.connect(far.address, 80);
  assert.equal(stream.connecting, true);
  stream.write('one ');
  stream.end('two');
  const other = await accepted;
  assert.equal(await readAll(other), 'one two');
  other.end();
  assert.equal(await readAll(stream), '');
  assert.equal(stream.connecting, false);
  assert.equal(stream.remoteAddress, far.address.text);
  assert.equal(stream.remotePort, 80);
});

test('a half-closed stream goes on in the other direction', async (t) => {
  const { near, far } = await openPair(t);
  const [stream, accepted] = await openStream(near, far);
  stream.end('question');
  assert.equal(await readAll(accepted), 'question');
  accepted.end('answer');
  assert.equal(await readAll(stream), 'answer');
});

for (const who of ['who opened it', 'who accepted it'] as const) {
  test(`a stream that is destroyed by ${who} is reset at the other end`, async (t) => {
    const { near, far } = await openPair(t);
    const [stream, accepted] = await openStream(near, far);
    const [breaking, broken] = who === 'who opened it' ? [stream, accepted] : [accepted, stream];
    const failure = failureOf(broken);
    breaking.destroy();
    const error = await failure;
    assert.ok(error instanceof TunnelFailure);
    assert.equal(error.code, 'tunnel-reset');
  });
}

test('a driver that is closed still tells the others what it broke', async (t) => {
  const { near, far } = await openPair(t);
  const [stream, accepted] = await openStream(near, far);
  const failure = failureOf(stream);
  accepted.destroy();
  await far.driver.close();
  assert.equal((await failure).message, 'the other end reset the stream');
});

const unansweredCases: { answer: string; reason: string; onAttempt: LoopbackNode['onAttempt'] }[] = [
  { answer: 'refuses', reason: 'refused', onAttempt: (attempt) => attempt.refuse() },
  { answer: 'says unreachable', reason: 'unreachable', onAttempt: (attempt) => attempt.unreachable() },
  { answer: 'says nothing', reason: 'timeout', onAttempt: () => undefined },
];
for (const { answer, reason, onAttempt } of unansweredCases) {
  test(`a stream to a node that ${answer} fails with ${reason}`, async (t) => {
    const { near, far } = await openPair(t);
    far.onAttempt = onAttempt;
    const stream = near.driver.connect(far.address, 80, 200);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    const error = await failureOf(stream);
    await closed;
    assert.ok(error instanceof TunnelFailure);
    assert.equal(error.reason, reason);
    assert.equal(stream.destroyed, true);
  });
}

test('a write that waits when its stream breaks fails', async (t) => {
  const { near, far } = await openPair(t);
  far.onAttempt = (attempt) => attempt.refuse();
  const stream = near.driver.connect(far.address, 80);
  stream.on('error', () => undefined);
  const error = await new Promise((resolve) => stream.write('lost', resolve));
  assert.ok(error instanceof TunnelFailure);
});

test('a stack that is full throws at whoever asks for one more stream', async (t) => {
  const { near, far } = await openPair(t, { maxConnections: 1 });
  await openStream(near, far);
  assert.throws(() => near.driver.connect(far.address, 80), /too many connections/);
});

/** Round trips on a stream of their own: a clock that ticks only when the tunnel works. */
async function roundTrips(stream: TunnelSocket, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    stream.write('.');
    await once(stream, 'data');
  }
}

test('a reader that stops stops its writer, and misses nothing', async (t) => {
  const limits = { receiveBufferBytes: 512 * 1024, sendBufferBytes: 512 * 1024 };
  const { near, far } = await openPair(t, limits);
  const [beat, beaten] = await openStream(near, far, 1);
  beaten.pipe(beaten);
  const [stream, accepted] = await openStream(near, far, 2);
  const total = 400;
  let taken = 0;
  const source = Readable.from(
    (function* () {
      for (; taken < total; taken++) yield CHUNK;
    })(),
    { objectMode: false, highWaterMark: 65_536 },
  );
  const written = pipeline(source, stream);
  for (let before = -1; before !== taken; ) {
    before = taken;
    await roundTrips(beat, 50);
  }
  const heldBytes = taken * CHUNK.length;
  const bound = READ_HIGH_WATER_BYTES + WRITE_HIGH_WATER_BYTES + limits.receiveBufferBytes + limits.sendBufferBytes;
  assert.ok(heldBytes > READ_HIGH_WATER_BYTES, `${heldBytes} bytes are on their way`);
  assert.ok(heldBytes < bound + 8 * CHUNK.length, `${heldBytes} bytes are held for a reader that reads nothing`);
  const [text] = await Promise.all([readAll(accepted), written]);
  assert.equal(text.length, total * CHUNK.length);
});

test('a reset that comes with the last bytes breaks the stream, read or not', async (t) => {
  const { near, far } = await openPair(t);
  const [stream, accepted] = await openStream(near, far);
  const failure = failureOf(stream);
  accepted.write('half an answer', () => accepted.destroy());
  assert.ok((await failure) instanceof TunnelFailure);
  assert.equal(stream.readableEnded, false);
});

test('a stream tells once that it was silent for the time given', async (t) => {
  const { near, far } = await openPair(t);
  const [stream] = await openStream(near, far);
  let calls = 0;
  stream.setTimeout(5, () => calls++);
  await once(stream, 'timeout');
  stream.setTimeout(0);
  assert.equal(calls, 1);
});

test('fifty streams at once keep their bytes apart', async (t) => {
  const { near, far } = await openPair(t);
  far.onAttempt = (attempt) => {
    const accepted = far.driver.accept(attempt);
    accepted?.pipe(accepted);
  };
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => {
      const stream = near.driver.connect(far.address, 1_000 + i);
      stream.end(`stream ${i} `.repeat(i + 1));
      return readAll(stream);
    }),
  );
  assert.deepEqual(
    answers,
    Array.from({ length: 50 }, (_, i) => `stream ${i} `.repeat(i + 1)),
  );
});

test('datagrams for a carrier go to it, those for UDP to the socket, and a stream lives over either', async (t) => {
  const { near, far } = await openPair(t);
  const here = parseEndpoint('[fd6d:616e:6974::1]:1') as Endpoint;
  const there = parseEndpoint('[fd6d:616e:6974::2]:1') as Endpoint;
  const carry = (to: LoopbackNode, from: Endpoint) => (_: Endpoint, bytes: Uint8Array) => {
    const copy = bytes.slice();
    setImmediate(() => {
      to.driver.receiveCarried(copy, 0, copy.length, from);
      to.driver.wake();
    });
  };
  near.onCarried = carry(far, there);
  far.onCarried = carry(near, here);
  const [stream, accepted] = await openStream(near, far);
  const kinds = (node: LoopbackNode) => node.driver.node.status(node.driver.nowMs())[0]?.paths.map(({ kind }) => kind);
  near.driver.node.addCarrier('far', here, near.driver.nowMs());
  near.driver.wake();
  stream.write('over UDP, ');
  while (kinds(far)?.length !== 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(kinds(near), ['udp', 'tls']);
  near.driver.node.removeCarrier(here);
  far.driver.node.removeCarrier(there);
  assert.deepEqual(kinds(near), ['udp']);
  stream.end('and on');
  assert.equal(await readAll(accepted), 'over UDP, and on');
});

test('a datagram from the wire that claims to come from a carrier is dropped and counted', async (t) => {
  const { near } = await openPair(t);
  const datagram = new Uint8Array(148);
  near.driver.receive(datagram, 0, 148, 148, parseEndpoint('[fd6d:616e:6974::1]:0') as Endpoint);
  assert.equal(near.driver.forgedDatagrams, 1);
});
