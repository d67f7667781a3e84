import { constants } from 'node:crypto';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import { peekServerName } from './client-hello.ts';

/** Hosts on which clients are asked for a certificate. */
export interface AskingHosts {
  /** Whether there are any. */
  readonly isAny: boolean;
  has(serverName: string): boolean;
  /** As `Certificates.contextFor`, with the authorities that vouch for clients of this host. */
  contextFor(serverName: string): SecureContext | undefined;
}

/**
 * A client that shows none, or one that nobody vouches for, is not cut off: the policy says what becomes of it, and a
 * person sees a page. Sessions are not resumed, so every connection proves its certificate anew.
 */
export const ASKS_FOR_CERTIFICATES: TlsOptions = {
  requestCert: true,
  rejectUnauthorized: false,
  secureOptions: constants.SSL_OP_NO_TICKET,
};

/**
 * Passes connections of `server` for hosts that ask for certificates on to `asks`. Node asks every client of a server or
 * none, and a browser that is asked shows a dialogue, so only those who come for such a host may be. Without such hosts
 * nothing is looked at.
 */
export function askSome(server: Server, asks: Server, hosts: AskingHosts, timeoutMs: number): void {
  const begins = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const begin = (socket: Socket): void => {
    for (const each of begins) each.call(server, socket);
  };
  server.on('connection', (socket: Socket) => {
    if (!hosts.isAny) begin(socket);
    else
      peekServerName(socket, timeoutMs, (serverName) => {
        if (serverName !== undefined && hosts.has(serverName)) asks.emit('connection', socket);
        else begin(socket);
      });
  });
  // It never listens by itself, but what watches over slow clients begins with that.
  server.on('listening', () => asks.emit('listening'));
}
