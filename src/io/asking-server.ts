import { constants } from 'node:crypto';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import { peekServerName } from './client-hello.ts';
import { readInPieces } from './piecewise-hello.ts';

/** Hosts on which clients are asked for a certificate. */
export interface AskingHosts {
  /** Whether there are any. */
  readonly isAny: boolean;
  has(serverName: string): boolean;
  /** As `Certificates.contextFor`, with the authorities that vouch for clients of this host. */
  contextFor(serverName: string): SecureContext | undefined;
}

/** Hosts whose connections are not ours to speak TLS with: they go on as they came. */
export interface PassingHosts {
  /** Whether there are any. */
  readonly isAny: boolean;
  /** Takes a connection, of which nothing was read; false where its host is none of these. */
  take(serverName: string, socket: Socket): boolean;
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

/** Hosts whose clients may resume sessions. */
export interface ResumingHosts {
  /** As which server connections for a host begin; undefined: as every other. */
  serverFor(serverName: string): Server | undefined;
}

/**
 * Passes connections of `server` for hosts that ask for certificates on to `asks`, and lets go of those that are passed
 * through. Node asks every client of a server or none, and a browser that is asked shows a dialogue, so only those who
 * come for such a host may be. What is left begins as what `resuming` says. Without any of these nothing is looked at.
 */
export function askSome(
  server: Server,
  asked: { readonly server: Server; readonly hosts: AskingHosts } | undefined,
  passing: PassingHosts | undefined,
  resuming: ResumingHosts | undefined,
  timeoutMs: number,
): void {
  const begins = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const begin = (socket: Socket, under = server): void => {
    readInPieces(socket);
    for (const each of begins) each.call(under, socket);
  };
  server.on('connection', (socket: Socket) => {
    if (!asked?.hosts.isAny && !passing?.isAny && !resuming) begin(socket);
    else
      peekServerName(socket, timeoutMs, (serverName, letGo) => {
        if (serverName !== undefined && passing?.isAny && passing.take(serverName, socket)) letGo();
        else if (serverName !== undefined && asked?.hosts.has(serverName)) asked.server.emit('connection', socket);
        else begin(socket, serverName === undefined ? server : resuming?.serverFor(serverName));
      });
  });
  // It never listens by itself, but what watches over slow clients begins with that.
  if (asked) server.on('listening', () => asked.server.emit('listening'));
}
