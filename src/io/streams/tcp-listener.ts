import { createServer, isIPv6, type Socket } from 'node:net';
import type { PlaceState } from '../listening.ts';
import { STREAM_BACKLOG, STREAM_KEEP_ALIVE_MS } from './constants.ts';

/** Why a port cannot be listened on. */
export type ListenRefusal = Exclude<PlaceState, 'free'>;

/** A port that is open until it is closed. What came in through it lives on. */
export interface OpenPort {
  /** The port that was given, where 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens for connections. They are paused, keep what is half-closed open, and go on when they are read. */
export function listenTcp(
  host: string,
  port: number,
  accept: (socket: Socket) => void,
): Promise<OpenPort | ListenRefusal> {
  const server = createServer(
    {
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: STREAM_KEEP_ALIVE_MS,
    },
    (socket) => {
      socket.on('error', () => undefined);
      accept(socket);
    },
  );
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(refusalOf(error)));
    server.listen({ host, port, ipv6Only: isIPv6(host), backlog: STREAM_BACKLOG, exclusive: true }, () => {
      server.on('error', () => undefined);
      const bound = server.address();
      resolve({
        port: typeof bound === 'object' && bound ? bound.port : port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}

export function refusalOf(error: NodeJS.ErrnoException): ListenRefusal {
  if (error.code === 'EADDRINUSE') return 'in-use';
  return error.code === 'EACCES' ? 'forbidden' : 'no-address';
}
