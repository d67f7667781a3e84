import { createServer, type Server } from 'node:https';
import { ConnectionLimiter } from './connection-limiter.ts';
import { TLS_SETTINGS } from './tls-settings.ts';

/** PEM, the leaf first. */
export interface ServerCertificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** An HTTPS server that does not listen yet, and a way to give it a renewed certificate while it runs. */
export interface TlsServer {
  readonly server: Server;
  /** For connections from now on. */
  setCertificate(certificate: ServerCertificate): void;
}

export interface TlsServerLimits {
  readonly handshakeTimeoutMs: number;
  /** For the whole head. */
  readonly headersTimeoutMs: number;
  /** For head and body. */
  readonly requestTimeoutMs: number;
  /** Open connections, of all and of one address (IPv6: one /64). */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** TLS 1.2 and 1.3, one certificate for every name. */
export function createTlsServer(certificate: ServerCertificate, limits: TlsServerLimits): TlsServer {
  const pem = ({ chainPem, keyPem }: ServerCertificate) => ({ cert: chainPem, key: keyPem });
  const server = createServer({
    ...pem(certificate),
    ...TLS_SETTINGS,
    handshakeTimeout: limits.handshakeTimeoutMs,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
  });
  const limiter = new ConnectionLimiter(limits.connections, limits.connectionsPerAddress, () => undefined);
  server.on('connection', (socket) => limiter.admit(socket));
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return { server, setCertificate: (renewed) => server.setSecureContext({ ...pem(renewed), ...TLS_SETTINGS }) };
}
