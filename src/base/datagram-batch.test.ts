import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, parseEndpoint } from './address.ts';
import { DatagramBatch } from './datagram-batch.ts';

const here = parseEndpoint('192.0.2.1:1') as Endpoint;
const there = parseEndpoint('192.0.2.2:2') as Endpoint;

test('datagrams lie side by side, written in place or copied', () => {
  const batch = new DatagramBatch(16, 4);
  batch.slab.set([1, 2, 3], batch.tail);
  batch.append(3, here);
  batch.appendCopy(Uint8Array.of(4, 5), there);
  assert.equal(batch.count, 2);
  assert.deepEqual([...batch.bytesOf(0)], [1, 2, 3]);
  assert.deepEqual([...batch.bytesOf(1)], [4, 5]);
  assert.equal(batch.offsetOf(1), 3);
  assert.equal(batch.endpointOf(1), there);
});

test('room is bounded by bytes and by count, and a full batch refuses more', () => {
  const bytes = new DatagramBatch(4, 10);
  bytes.appendCopy(new Uint8Array(3), here);
  assert.ok(bytes.hasRoomFor(1) && !bytes.hasRoomFor(2));
  assert.throws(() => bytes.append(2, here), RangeError);
  assert.throws(() => bytes.appendCopy(new Uint8Array(2), here), RangeError);
  const count = new DatagramBatch(100, 1);
  count.appendCopy(new Uint8Array(1), here);
  assert.ok(!count.hasRoomFor(1));
});

test('a truncated batch keeps what came before', () => {
  const batch = new DatagramBatch(8, 4);
  batch.appendCopy(Uint8Array.of(1, 2), here);
  batch.appendCopy(Uint8Array.of(3), there);
  batch.appendCopy(Uint8Array.of(4), there);
  batch.truncate(1);
  batch.truncate(1);
  assert.deepEqual([batch.count, batch.tail], [1, 2]);
  batch.appendCopy(Uint8Array.of(5), there);
  assert.deepEqual([...batch.bytesOf(1)], [5]);
  assert.deepEqual([...batch.bytesOf(0)], [1, 2]);
});

test('a cleared batch is empty and takes datagrams again', () => {
  const batch = new DatagramBatch(4, 1);
  batch.appendCopy(new Uint8Array(4), here);
  batch.clear();
  assert.equal(batch.count, 0);
  assert.ok(batch.hasRoomFor(4));
});
