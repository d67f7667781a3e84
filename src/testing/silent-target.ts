/** A TCP port that answers nothing: its program hangs, and the queue of connections that it has not taken is full. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const HANGING = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** The port on 127.0.0.1; it is given back after the test. */
export async function openSilentTarget(test: { after(fn: () => Promise<void>): void }): Promise<number> {
  const worker = new Worker(HANGING, { eval: true });
  const waiting: Socket[] = [];
  test.after(async () => {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  // Linux queues one connection more than it is asked to, and lets the client believe that it is connected.
  for (let i = 0; i < 2; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    waiting.push(socket);
    await once(socket, 'connect');
  }
  return port;
}
