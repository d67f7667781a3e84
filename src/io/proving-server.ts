import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { createServer, type SecureContext, type Server as TlsServer } from 'node:tls';
import { peekClientHello } from './client-hello.ts';
import { TLS_SETTINGS } from './tls-settings.ts';

/** The protocol by which an authority asks whether a name is ours (RFC 8737 section 3). */
export const ACME_TLS = 'acme-tls/1';

/** Names that are being proved by certificates of their own. */
export interface ProvenHosts {
  /** Whether there are any. */
  readonly isAny: boolean;
  contextFor(serverName: string): SecureContext | undefined;
}

/**
 * Passes connections of `server` that ask for `acme-tls/1` on to a server that shows the proof and closes. Nobody else
 * sees such a certificate. While nothing is being proved, nothing is looked at.
 */
export function proveSome(server: Server, hosts: ProvenHosts, timeoutMs: number): void {
  const proving = provingServer(hosts, timeoutMs);
  const begins = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', function (this: Server, socket: Socket) {
    // Others may call this on a server that differs from `server` in how connections begin.
    const begin = (): void => {
      for (const each of begins) each.call(this, socket);
    };
    if (!hosts.isAny) begin();
    else
      peekClientHello(socket, timeoutMs, (hello) => {
        if (hello.kind === 'hello' && hello.protocols.includes(ACME_TLS)) proving.emit('connection', socket);
        else begin();
      });
  });
}

/** Never listens by itself. A name that is not being proved meets the alert `handshake_failure`. */
function provingServer(hosts: ProvenHosts, timeoutMs: number): TlsServer {
  const server = createServer({
    ...TLS_SETTINGS,
    handshakeTimeout: timeoutMs,
    ALPNProtocols: [ACME_TLS],
    SNICallback: (name, done) => done(null, hosts.contextFor(name.toLowerCase())),
  });
  // The handshake was the answer (RFC 8737 section 3).
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.end();
  });
  server.on('tlsClientError', (_error, socket) => void socket.destroy());
  return server;
}
