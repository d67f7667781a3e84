import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DatagramBatch, type Endpoint, parseEndpoint } from '../../base/index.ts';
import { OUTBOX_BYTES, OUTBOX_DATAGRAMS } from './constants.ts';
import { DatagramOutbox } from './datagram-outbox.ts';
import type { UdpSocket } from './udp-socket.ts';

const TO = parseEndpoint('192.0.2.1:53') as Endpoint;

/** Notes the batches that it is given. */
function socketOf(batches: string[][]): UdpSocket {
  const send = (batch: DatagramBatch): void =>
    void batches.push(Array.from({ length: batch.count }, (_, i) => Buffer.from(batch.bytesOf(i)).toString()));
  return { send } as unknown as UdpSocket;
}

const text = (value: string): Uint8Array => Buffer.from(value);

test('what is said in one turn leaves in one batch at its end', async () => {
  const batches: string[][] = [];
  const [outbox, socket] = [new DatagramOutbox(), socketOf(batches)];
  const bytes = text('one');
  outbox.post(socket, bytes, TO);
  bytes.fill(0);
  outbox.post(socket, text('two'), TO);
  assert.deepEqual(batches, []);
  await Promise.resolve();
  outbox.post(socket, text('three'), TO);
  await Promise.resolve();
  assert.deepEqual(batches, [['one', 'two'], ['three']]);
});

test('sockets that share it keep their order, and what does not fit leaves before', async () => {
  const [mine, yours]: string[][][] = [[], []];
  const outbox = new DatagramOutbox();
  const [one, other] = [socketOf(mine ?? []), socketOf(yours ?? [])];
  outbox.post(one, text('a'), TO);
  outbox.post(other, text('b'), TO);
  outbox.post(one, text('c'), TO);
  await Promise.resolve();
  assert.deepEqual([mine, yours], [[['a'], ['c']], [['b']]]);
  for (let i = 0; i <= OUTBOX_DATAGRAMS; i++) outbox.post(one, text('x'), TO);
  outbox.post(one, new Uint8Array(OUTBOX_BYTES), TO);
  outbox.post(one, new Uint8Array(OUTBOX_BYTES + 1), TO);
  await Promise.resolve();
  assert.deepEqual(
    mine?.slice(2).map((batch) => batch.length),
    [OUTBOX_DATAGRAMS, 1, 1],
  );
});
