import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import {
  createSecureContext,
  type SecureContext,
  type TLSSocket,
  type TlsOptions,
  Server as TlsServer,
} from 'node:tls';
import { Failure, formatEndpoint, parseIpAddress } from '../base/index.ts';
import { ASKS_FOR_CERTIFICATES, type AskingHosts, askSome, type PassingHosts } from './asking-server.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import type { HandshakeTimes } from './handshake-times.ts';
import type { HttpHandlers, ListenerLimits } from './http/handlers.ts';
import { attachHttp1, cutIdle, isAnswering } from './http/http1-server.ts';
import { Http2Connections } from './http/http2-connections.ts';
import { passesUpgrade } from './http/upgrade-protocols.ts';
import { LeavingConnections } from './leaving-connections.ts';
import { OpenConnections } from './open-connections.ts';
import { type ProvenHosts, proveSome } from './proving-server.ts';
import { type ProxiedConnections, takeFromProxies } from './proxied-connections.ts';
import { TicketedServers, type TicketSecret, WITHOUT_TICKETS } from './session-tickets.ts';
import { TLS_SETTINGS } from './tls-settings.ts';

export type { CarrierDoor, HttpHandlers, ListenerLimits, MalformedReason } from './http/handlers.ts';

export interface ListenEndpoint {
  /** `127.0.0.1`, `::1`, `0.0.0.0`, `::`. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface Certificates {
  /** The context for a name the client asked for (SNI, RFC 6066 section 3), lower case; undefined: not ours. */
  contextFor(serverName: string): SecureContext | undefined;
  /** Left out: no client is ever asked for a certificate. */
  readonly asking?: AskingHosts;
  /** Left out: no name is proved by a certificate. */
  readonly proven?: ProvenHosts;
  /** Left out, or undefined just now: sessions are not resumed. */
  readonly tickets?: () => TicketSecret | undefined;
  /** Left out: every connection is ours. */
  readonly passing?: PassingHosts;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Asks clients to use another server, or no longer: their connections close after the next answer, or when quiet. */
  askToLeave(isLeaving: boolean): void;
  /** Takes no more connections, lets open requests finish for `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

/**
 * A certificate chain (leaf first, PEM) with its key, ready for handshakes; and where clients are asked for certificates,
 * those of the authorities that vouch for them. Throws what OpenSSL says of it.
 */
export function serverContext(
  chainPem: string,
  keyPem: string,
  clientAuthoritiesPem?: readonly string[],
): SecureContext {
  const own = { ...TLS_SETTINGS, cert: chainPem, key: keyPem } as const;
  if (!clientAuthoritiesPem) return createSecureContext(own);
  // What an administrator trusts is where a chain ends, be it the root of others or issued by one.
  return createSecureContext({ ...own, ca: [...clientAuthoritiesPem], allowPartialTrustChain: true });
}

/** What we speak (ALPN, RFC 7301), the better one first. */
const PROTOCOLS: readonly string[] = ['h2', 'http/1.1'];

/** In place of a list, which Node copies for every connection, into memory that it shares with much that is long gone. */
function selectProtocol({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return PROTOCOLS.find((each) => protocols.includes(each));
}

/** Listens for HTTPS with HTTP/2 (RFC 9113) and HTTP/1.1 (RFC 9112) over TLS 1.2 and 1.3. Rejects with Failure `listen-failed`. */
export async function listenHttps(
  endpoint: ListenEndpoint,
  certificates: Certificates,
  limits: ListenerLimits,
  limiter: ConnectionLimiter,
  handlers: HttpHandlers,
  handshakes: HandshakeTimes,
  proxied?: ProxiedConnections,
): Promise<Listener> {
  // There is no default certificate, so a client that asks for no name or for somebody else's sees the alert
  // `handshake_failure`. This context has none either.
  const nobody = createSecureContext(TLS_SETTINGS);
  const create = (contextFor: Certificates['contextFor'], more: TlsOptions = {}) => {
    const server = createHttpsServer({
      ...serverOptions(limits),
      ...TLS_SETTINGS,
      ...WITHOUT_TICKETS,
      handshakeTimeout: limits.handshakeTimeoutMs,
      ALPNCallback: selectProtocol,
      // Half-closed streams are passed on as such after an upgrade; HTTP itself treats the end as the end.
      allowHalfOpen: true,
      SNICallback: handshakes.sniCallback((name) => contextFor(name.toLowerCase()) ?? nobody),
      ...more,
    });
    handshakes.watch(server);
    server.on('tlsClientError', (_error, socket) => {
      socket.destroy();
    });
    return server;
  };
  const server = create((name) => certificates.contextFor(name));
  const { asking, passing, proven, tickets } = certificates;
  if (proven) proveSome(server, proven, limits.handshakeTimeoutMs);
  const asks = asking && create((name) => asking.contextFor(name), ASKS_FOR_CERTIFICATES);
  const asked = asks && asking && { server: asks, hosts: asking };
  const ticketed = tickets && new TicketedServers(server, tickets);
  const resuming = ticketed && {
    serverFor: (name: string) => (certificates.contextFor(name) ? ticketed.serverFor(name) : undefined),
  };
  if (asked || passing || resuming) askSome(server, asked, passing, resuming, limits.handshakeTimeoutMs);
  return listen(asks ? [server, asks] : [server], endpoint, limits, limiter, handlers, proxied);
}

/** Listens for plain HTTP/1.1. Rejects with Failure `listen-failed`. */
export function listenHttp(
  endpoint: ListenEndpoint,
  limits: ListenerLimits,
  limiter: ConnectionLimiter,
  handlers: HttpHandlers,
  proxied?: ProxiedConnections,
): Promise<Listener> {
  return listen([createHttpServer(serverOptions(limits))], endpoint, limits, limiter, handlers, proxied);
}

function serverOptions(limits: ListenerLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Bodies may take as long as bytes keep coming (see `cutIdle`).
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    keepAliveTimeout: limits.keepAliveMs,
    insecureHTTPParser: false,
    // A missing Host is answered by the ingress, with a reason.
    requireHostHeader: false,
    shouldUpgradeCallback: passesUpgrade,
  };
}

type AnyServer = Server | (Server & TlsServer);

/** @param others beside the first, which listens: what passes connections on to them is done already. */
async function listen(
  [server, ...others]: readonly [AnyServer, ...AnyServer[]],
  endpoint: ListenEndpoint,
  limits: ListenerLimits,
  limiter: ConnectionLimiter,
  handlers: HttpHandlers,
  proxied: ProxiedConnections | undefined,
): Promise<Listener> {
  const open = new OpenConnections();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    limiter.admit(socket);
  });
  const leaving = new LeavingConnections(isAnswering);
  const http2 = new Http2Connections(limits, handlers);
  for (const each of [server, ...others]) {
    // One more than allowed, so that the ingress sees that there were too many; Node cuts the rest off in silence.
    each.maxHeadersCount = limits.headerCount + 1;
    each.maxRequestsPerSocket = limits.requestsPerConnection;
    if (each instanceof TlsServer) chooseProtocol(each, http2, leaving);
    else each.on('connection', (socket: Socket) => leaving.add(socket));
    attachHttp1(each, handlers, leaving, open);
    cutIdle(each, limits.idleMs);
  }
  if (proxied) takeFromProxies(server, proxied);
  const port = await bind(server, endpoint);
  return {
    host: endpoint.host,
    port,
    askToLeave: (isLeaving) => {
      leaving.ask(isLeaving);
      http2.ask(isLeaving);
    },
    close: async (graceMs) => {
      // They never listened, so there is nothing to wait for but what `open` knows.
      for (const other of others) other.close(() => undefined);
      http2.close();
      await closeServer(server, open, graceMs);
      leaving.ask(false);
    },
  };
}

/** By what the client chose in its handshake (ALPN, RFC 7301): HTTP/1.1 is what the server speaks by itself. */
function chooseProtocol(server: TlsServer, http2: Http2Connections, leaving: LeavingConnections): void {
  const [http1] = server.listeners('secureConnection') as ((this: TlsServer, socket: TLSSocket) => void)[];
  if (!http1) throw new Error('a server of HTTPS takes connections');
  server.off('secureConnection', http1);
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') return void http2.add(socket);
    http1.call(server, socket);
    leaving.add(socket);
  });
}

function bind(server: AnyServer, endpoint: ListenEndpoint): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const address = parseIpAddress(endpoint.host);
      const where = address ? formatEndpoint({ address, port: endpoint.port }) : `${endpoint.host}:${endpoint.port}`;
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new Failure('listen-failed', `cannot listen on ${where}: ${why}`, error));
    };
    server.once('error', failed);
    server.listen({ host: endpoint.host, port: endpoint.port, ipv6Only: isIPv6(endpoint.host), backlog: 1024 }, () => {
      server.off('error', failed);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : endpoint.port);
    });
  });
}

async function closeServer(server: AnyServer, open: OpenConnections, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => open.cut(), graceMs);
  open.cutCarriersAtLast();
  await closed;
  clearTimeout(cut);
  open.cut();
}
