/** A name server's sockets: UDP datagrams, and messages with their length in front over TCP (RFC 1035 section 4.2, RFC 7766). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { Failure, formatEndpoint, type IpAddress, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import type { ListenEndpoint } from '../https-server.ts';
import {
  TCP_BACKLOG_MAX_BYTES,
  TCP_CONNECTIONS_MAX,
  TCP_CONNECTIONS_PER_ADDRESS_MAX,
  TCP_LIFE_MAX_MS,
  TCP_QUERY_MAX_BYTES,
  UDP_RECEIVE_BUFFER_BYTES,
} from './constants.ts';
import { DnsConnections } from './dns-connections.ts';

export interface DnsHandler {
  /** The answer to one message; undefined: none. Does not throw. */
  answer(message: Uint8Array, from: IpAddress, transport: 'udp' | 'tcp'): Uint8Array | undefined;
  /** A connection or datagram that was not served; the reason is counted. */
  refused(reason: DnsRefusal): void;
}

export type DnsRefusal =
  | 'dns-tcp-connections'
  | 'dns-tcp-query-too-large'
  | 'dns-tcp-backlog'
  | 'dns-no-port'
  | 'dns-send-failed';

export interface DnsServer {
  /** With the port that was given where 0 was asked for. */
  readonly endpoint: ListenEndpoint;
  close(): Promise<void>;
}

/** Listens on UDP and TCP, the same port of both. Rejects with Failure `listen-failed`. */
export async function openDnsServer(endpoint: ListenEndpoint, handler: DnsHandler): Promise<DnsServer> {
  const connections = new DnsConnections(TCP_CONNECTIONS_MAX, TCP_CONNECTIONS_PER_ADDRESS_MAX, () =>
    handler.refused('dns-tcp-connections'),
  );
  const tcp = createServer((socket) => serve(socket, connections, handler));
  const port = await listenTcp(tcp, endpoint);
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
    connections.close();
    await closed;
  };
  try {
    const udp = await openUdp({ ...endpoint, port }, handler);
    return {
      endpoint: { host: endpoint.host, port },
      close: async () => {
        await Promise.all([close(), new Promise<void>((resolve) => udp.close(() => resolve()))]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openUdp(endpoint: ListenEndpoint, handler: DnsHandler): Promise<UdpSocket> {
  const type = isIPv6(endpoint.host) ? 'udp6' : 'udp4';
  const socket = createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: UDP_RECEIVE_BUFFER_BYTES });
  socket.on('message', (message, { address, port }) => {
    // Nobody can be answered at port 0, and node:dgram throws where one tries.
    if (port === 0) return handler.refused('dns-no-port');
    const from = clientOf(address);
    const answer = from && handler.answer(message, from, 'udp');
    if (answer) socket.send(answer, port, address, (error) => error && handler.refused('dns-send-failed'));
    return undefined;
  });
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(endpoint, error));
    socket.once('error', failed);
    socket.bind({ address: endpoint.host, port: endpoint.port, exclusive: true }, () => {
      socket.off('error', failed);
      socket.on('error', () => handler.refused('dns-send-failed'));
      resolve(socket);
    });
  });
}

function serve(socket: Socket, connections: DnsConnections, handler: DnsHandler): void {
  const from = clientOf(socket.remoteAddress ?? '');
  if (!from) return void socket.destroy();
  connections.admit(socket);
  let held: Uint8Array = new Uint8Array();
  const life = setTimeout(() => socket.destroy(), TCP_LIFE_MAX_MS);
  socket.once('close', () => clearTimeout(life));
  socket.on('error', () => socket.destroy());
  socket.on('data', (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    while (held.length >= 2) {
      const length = ((held[0] as number) << 8) | (held[1] as number);
      if (length > TCP_QUERY_MAX_BYTES) return cut('dns-tcp-query-too-large');
      if (held.length < 2 + length) return undefined;
      const answer = handler.answer(held.subarray(2, 2 + length), from, 'tcp');
      held = held.subarray(2 + length);
      if (answer) {
        connections.answered(socket);
        socket.write(framed(answer));
      }
      if (socket.writableLength > TCP_BACKLOG_MAX_BYTES) return cut('dns-tcp-backlog');
    }
    return undefined;
  });
  const cut = (reason: DnsRefusal): undefined => {
    handler.refused(reason);
    socket.destroy();
  };
}

function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(2 + message.length);
  bytes.writeUInt16BE(message.length);
  bytes.set(message, 2);
  return bytes;
}

function clientOf(text: string): IpAddress | undefined {
  const address = parseIpAddress(text.split('%')[0] ?? '');
  return address && unmapIpv4(address);
}

function listenTcp(server: Server, endpoint: ListenEndpoint): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(endpoint, error)));
    server.listen({ ...endpoint, ipv6Only: isIPv6(endpoint.host) }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : endpoint.port);
    });
  });
}

function listenFailure(endpoint: ListenEndpoint, error: NodeJS.ErrnoException): Failure {
  const address = parseIpAddress(endpoint.host);
  const where = address ? formatEndpoint({ address, port: endpoint.port }) : `${endpoint.host}:${endpoint.port}`;
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is in use'
      : error.code === 'EACCES'
        ? 'a port this low needs more rights'
        : error.message;
  return new Failure('listen-failed', `cannot answer DNS on ${where}: ${why}`, error);
}
