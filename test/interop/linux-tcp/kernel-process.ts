/** The other end: the same calls over the kernel's TCP and UDP. */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { answerCalls } from '../../lab/calls.ts';
import { rawPing } from './raw-ping.ts';
import { StreamCalls, type StreamSide } from './stream-calls.ts';

const side: StreamSide = {
  connect: (to, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: to, port, allowHalfOpen: true, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
    }),
  listen: (port, take) =>
    new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, take);
      server.once('error', reject);
      server.listen({ port, host: '::', backlog: 64 }, () => resolve());
    }),
};

const calls = new StreamCalls(side);

answerCalls({
  ...calls.table(),
  echoUdp(port: number): Promise<void> {
    const socket = createSocket('udp6');
    socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
    return new Promise((resolve) => socket.bind(port, () => resolve()));
  },
  askUdp(to: string, port: number, text: string): Promise<string> {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
    const answered = new Promise<string>((resolve) => {
      socket.once('message', (bytes) => {
        resolve(bytes.toString('latin1'));
        socket.close();
      });
    });
    socket.send(Buffer.from(text, 'latin1'), port, to);
    return answered;
  },
  ping: (to: string, sequence: number, payloadBytes: number) => rawPing(to, sequence, payloadBytes, 2_000),
  keepAlive: (id: number, idleMs: number) => {
    (calls.held.get(id) as Socket).setKeepAlive(true, idleMs);
  },
});
