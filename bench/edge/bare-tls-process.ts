/** The least that a TLS connection costs a process of Node: a server that answers once, and does nothing more. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { answerCalls } from '../../test/lab/calls.ts';

const held = new Set<TLSSocket>();

answerCalls({
  async serve(given: unknown): Promise<number> {
    const { key, cert } = given as { readonly key: string; readonly cert: string };
    const server = createServer({ key, cert, minVersion: 'TLSv1.2' }, (socket) => {
      held.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
  /** Resident bytes, when nothing more can be collected. */
  resident(): number {
    for (let i = 0; i < 4; i++) globalThis.gc?.();
    return process.memoryUsage().rss;
  },
});
