import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramBatch, type Endpoint, formatEndpoint, parseEndpoint } from '../../base/index.ts';
import type { UdpSocket } from './udp-socket.ts';
import { UnpluggedSocket } from './unplugged-socket.ts';

const at = (text: string): Endpoint => parseEndpoint(text) as Endpoint;
const [near, far] = [at('192.0.2.1:1'), at('192.0.2.2:2')];

test('nothing goes to a place that is unplugged, and what goes elsewhere keeps its order', () => {
  const sent: string[] = [];
  const inner = {
    send: (batch: DatagramBatch) => {
      for (let i = 0; i < batch.count; i++) sent.push(`${formatEndpoint(batch.endpointOf(i))} ${batch.bytesOf(i)}`);
    },
  } as UdpSocket;
  const cut = new Set<string>();
  const socket = new UnpluggedSocket(inner, { has: (endpoint) => cut.has(formatEndpoint(endpoint)) });
  const batch = new DatagramBatch(1_000, 10);
  for (const [i, to] of [near, far, near].entries()) batch.appendCopy(Uint8Array.of(i), to);
  socket.send(batch);
  assert.deepEqual(sent.splice(0), ['192.0.2.1:1 0', '192.0.2.2:2 1', '192.0.2.1:1 2']);
  cut.add('192.0.2.2:2');
  socket.send(batch);
  assert.deepEqual(sent.splice(0), ['192.0.2.1:1 0', '192.0.2.1:1 2']);
  cut.add('192.0.2.1:1');
  socket.send(batch);
  assert.deepEqual(sent, []);
});

test('nothing comes from there', () => {
  const heard: string[] = [];
  const receiver = UnpluggedSocket.receiver(
    {
      receive: (_bytes, _offset, _length, _segment, from) => heard.push(formatEndpoint(from)),
      burstEnded: () => heard.push('end'),
    },
    { has: (endpoint) => endpoint === far },
  );
  receiver.receive(new Uint8Array(1), 0, 1, 1, near);
  receiver.receive(new Uint8Array(1), 0, 1, 1, far);
  receiver.burstEnded();
  assert.deepEqual(heard, ['192.0.2.1:1', 'end']);
});
