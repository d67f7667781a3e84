/** Session tickets (RFC 5077, RFC 8446 section 4.6.1) that every PoP takes, of one host each. There is no 0-RTT. */
import { constants, hkdfSync } from 'node:crypto';
import type { Server } from 'node:https';
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls';
import { TICKET_HOSTS_MAX } from './tls-constants.ts';
import { TLS_SETTINGS } from './tls-settings.ts';

/** What tickets are made with for a while; the same at every PoP. */
export interface TicketSecret {
  /** The number of the span of time. */
  readonly span: number;
  readonly secret: Uint8Array;
  /** How long a ticket may be good for: no longer than its key. */
  readonly lifetimeMs: number;
}

/** A server whose clients resume nothing unless `TicketedServers` says so. */
export const WITHOUT_TICKETS: TlsOptions = { secureOptions: constants.SSL_OP_NO_TICKET };

/**
 * A server as it is for connections to one host. OpenSSL opens a ticket before it looks at the name that is asked for,
 * with the key of the context that the connection begins in, and takes it whatever host it was made for (against RFC 6066
 * section 3). So connections for different hosts begin in contexts with different keys: a ticket of one host is nothing
 * to another. Which context that is goes by the name in the ClientHello, as it is read before.
 */
export class TicketedServers {
  readonly #server: Server;
  readonly #secret: () => TicketSecret | undefined;
  #of: TicketSecret | undefined;
  /** By host, the one that was used last at the end. */
  readonly #servers = new Map<string, Server>();

  constructor(server: Server, secret: () => TicketSecret | undefined) {
    this.#server = server;
    this.#secret = secret;
  }

  /** To be called in place of the server's own, for a host that is served here. */
  serverFor(host: string): Server {
    const secret = this.#secret();
    if (!secret) return this.#server;
    if (secret.span !== this.#of?.span || secret.secret !== this.#of.secret) this.#servers.clear();
    this.#of = secret;
    const server = this.#servers.get(host) ?? ticketed(this.#server, host, secret);
    this.#servers.delete(host);
    this.#servers.set(host, server);
    const [oldest] = this.#servers.keys();
    if (this.#servers.size > TICKET_HOSTS_MAX && oldest !== undefined) this.#servers.delete(oldest);
    return server;
  }
}

/** The same server in all but the context that connections begin in, which Node reads off the server it is called on. */
function ticketed(server: Server, host: string, { span, secret, lifetimeMs }: TicketSecret): Server {
  const context = createSecureContext({
    ...TLS_SETTINGS,
    ticketKeys: ticketKeys(secret, span, host),
    // Equal at every PoP: left out it would follow from how the program was started.
    sessionIdContext: 'manis',
    sessionTimeout: Math.floor(lifetimeMs / 1000),
  });
  // With TLS 1.2 nobody asks for the name of a resumed session again; it is that of the ticket's key.
  const emit = (event: string, ...values: readonly unknown[]): boolean => {
    const [socket] = values;
    if (event === 'secureConnection' && socket instanceof TLSSocket) nameResumed(socket, host);
    return server.emit(event, ...values);
  };
  return Object.create(server, { _sharedCreds: { value: context }, emit: { value: emit } }) as Server;
}

function nameResumed(socket: TLSSocket, host: string): void {
  if (socket.isSessionReused() && !socket.servername) socket.servername = host;
}

/** Name of the key, key of the MAC and of the cipher (RFC 5077 section 4), by HKDF (RFC 5869). */
export function ticketKeys(secret: Uint8Array, span: number, host: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `manis session tickets ${span} ${host}`, 48));
}
