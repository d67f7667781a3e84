import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type TlsOptions, Server as TlsServer } from 'node:tls';
import { Failure, formatEndpoint, parseIpAddress } from '../base/index.ts';
import { CARRIER_PATH } from '../core/carrier/index.ts';
import { ASKS_FOR_CERTIFICATES, type AskingHosts, askSome } from './asking-server.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import type { HandshakeTimes } from './handshake-times.ts';
import { Http1Upgrade } from './http/http1-upgrade.ts';
import type { HttpRequest, HttpResponse, HttpUpgrade } from './http/message.ts';
import { LeavingConnections } from './leaving-connections.ts';
import { OpenConnections } from './open-connections.ts';
import { type ProvenHosts, proveSome } from './proving-server.ts';

/** Limits of a listener; see the constants of the program that listens for the values and their reasons. */
export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly headersTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly requestsPerConnection: number;
}

export interface ListenEndpoint {
  /** `127.0.0.1`, `::1`, `0.0.0.0`, `::`. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** Takes the upgrade requests of carriers; see `CarrierServer`. */
export type CarrierDoor = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What arrives at a listener. Each of the handlers answers; none throws. */
export interface HttpHandlers {
  /** `expectsContinue`: the client waits for `100 Continue` (or a final answer) before it sends the body. */
  request(request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void;
  /** A request to speak WebSocket from here on. */
  upgrade(upgrade: HttpUpgrade): void;
  /** An upgrade request for CARRIER_PATH, where carriers are taken: no host, no resource and no policy has a say in it. */
  readonly carrier?: CarrierDoor | undefined;
  /** Bytes that were not HTTP, a head that was too large or too slow. The connection has been answered and closed. */
  malformed(reason: MalformedReason): void;
}

export type MalformedReason =
  | 'http-malformed'
  | 'http-head-too-large'
  | 'http-head-too-slow'
  | 'http-connect-method'
  | 'http-upgrade-pipelined'
  | 'http-expectation-unknown';

export interface Certificates {
  /** The context for a name the client asked for (SNI, RFC 6066 section 3), lower case; undefined: not ours. */
  contextFor(serverName: string): SecureContext | undefined;
  /** Left out: no client is ever asked for a certificate. */
  readonly asking?: AskingHosts;
  /** Left out: no name is proved by a certificate. */
  readonly proven?: ProvenHosts;
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
  const own = { cert: chainPem, key: keyPem, minVersion: 'TLSv1.2' } as const;
  if (!clientAuthoritiesPem) return createSecureContext(own);
  // What an administrator trusts is where a chain ends, be it the root of others or issued by one.
  return createSecureContext({ ...own, ca: [...clientAuthoritiesPem], allowPartialTrustChain: true });
}

/** Listens for HTTPS with HTTP/1.1 (RFC 9112) over TLS 1.2 and 1.3. Rejects with Failure `listen-failed`. */
export async function listenHttps(
  endpoint: ListenEndpoint,
  certificates: Certificates,
  limits: ListenerLimits,
  limiter: ConnectionLimiter,
  handlers: HttpHandlers,
  handshakes: HandshakeTimes,
): Promise<Listener> {
  // There is no default certificate, so a client that asks for no name or for somebody else's sees the alert
  // `handshake_failure`. This context has none either.
  const nobody = createSecureContext({ minVersion: 'TLSv1.2' });
  const create = (contextFor: Certificates['contextFor'], more: TlsOptions = {}) => {
    const server = createHttpsServer({
      ...serverOptions(limits),
      minVersion: 'TLSv1.2',
      handshakeTimeout: limits.handshakeTimeoutMs,
      ALPNProtocols: ['http/1.1'],
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
  const { asking, proven } = certificates;
  if (proven) proveSome(server, proven, limits.handshakeTimeoutMs);
  if (!asking) return listen([server], endpoint, limits, limiter, handlers);
  const asks = create((name) => asking.contextFor(name), ASKS_FOR_CERTIFICATES);
  askSome(server, asks, asking, limits.handshakeTimeoutMs);
  return listen([server, asks], endpoint, limits, limiter, handlers);
}

/** Listens for plain HTTP/1.1. Rejects with Failure `listen-failed`. */
export function listenHttp(
  endpoint: ListenEndpoint,
  limits: ListenerLimits,
  limiter: ConnectionLimiter,
  handlers: HttpHandlers,
): Promise<Listener> {
  return listen([createHttpServer(serverOptions(limits))], endpoint, limits, limiter, handlers);
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
    // Every other protocol in Upgrade is ignored, as RFC 9110 section 7.8 allows.
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
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
): Promise<Listener> {
  const open = new OpenConnections();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    limiter.admit(socket);
  });
  const leaving = new LeavingConnections(isAnswering);
  for (const each of [server, ...others]) {
    // One more than allowed, so that the ingress sees that there were too many; Node cuts the rest off in silence.
    each.maxHeadersCount = limits.headerCount + 1;
    each.maxRequestsPerSocket = limits.requestsPerConnection;
    each.on(each instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => leaving.add(socket));
    attach(each, handlers, leaving, open);
    cutIdle(each, limits.idleMs);
  }
  const port = await bind(server, endpoint);
  return {
    host: endpoint.host,
    port,
    askToLeave: (isLeaving) => leaving.ask(isLeaving),
    close: async (graceMs) => {
      // They never listened, so there is nothing to wait for but what `open` knows.
      for (const other of others) other.close(() => undefined);
      await closeServer(server, open, graceMs);
      leaving.ask(false);
    },
  };
}

function attach(server: AnyServer, handlers: HttpHandlers, leaving: LeavingConnections, open: OpenConnections): void {
  const begin = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    (request.socket as AnsweringSocket)[LAST_ANSWER] = response;
    leaving.answers(response);
    handlers.request(request, response, expectsContinue);
  };
  server.on('request', (request, response) => begin(request, response, false));
  server.on('checkContinue', (request, response) => begin(request, response, true));
  server.on('checkExpectation', (request: IncomingMessage) => {
    handlers.malformed('http-expectation-unknown');
    refuse(request.socket, '417 Expectation Failed');
  });
  server.on('upgrade', (request, socket, head) => {
    leaving.remove(request.socket);
    // The answers to earlier requests would be written into the WebSocket.
    if (isAnswering(request.socket)) {
      handlers.malformed('http-upgrade-pipelined');
      socket.destroy();
    } else if (handlers.carrier && request.url === CARRIER_PATH) {
      open.carrierOpened(socket);
      handlers.carrier(request, socket, head);
    } else handlers.upgrade(new Http1Upgrade(request, socket, head));
  });
  server.on('connect', (_request, socket) => {
    handlers.malformed('http-connect-method');
    refuse(socket, '405 Method Not Allowed');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // A connection that just ended or was reset said nothing wrong.
    if (!error.code?.startsWith('HPE_') && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') return void socket.destroy();
    const [reason, status] = malformedBy(error.code);
    handlers.malformed(reason);
    if (isAnswering(socket)) socket.destroy();
    else refuse(socket, status);
  });
}

const LAST_ANSWER = Symbol('the answer to the last request of the connection');
type AnsweringSocket = Duplex & { [LAST_ANSWER]?: ServerResponse };

/** Whether an answer is still being given; answers go out in order, so the last one is the one to look at. */
function isAnswering(socket: Duplex): boolean {
  const last = (socket as AnsweringSocket)[LAST_ANSWER];
  return last !== undefined && !last.writableFinished;
}

function malformedBy(code: string): [MalformedReason, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['http-head-too-large', '431 Request Header Fields Too Large'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['http-head-too-slow', '408 Request Timeout'];
  return ['http-malformed', '400 Bad Request'];
}

/** Answers where there is no request to answer to, and closes. */
function refuse(socket: Duplex, status: string): void {
  // Node has let go of the sockets of CONNECT requests: whoever resets one while it is answered must not end the program.
  socket.on('error', () => undefined);
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ title: status.slice(4), status: Number(status.slice(0, 3)) });
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * A connection on which nothing moves is cut when it is the client that has to act: it reads too slowly, or sends a
 * body too slowly. While the backend is the one to act (a long poll, server-sent events) the silence is allowed.
 */
function cutIdle(server: AnyServer, idleMs: number): void {
  server.setTimeout(idleMs, (socket) => {
    const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse };
    const clientMustAct = !answer || socket.writableLength > 0 || !answer.req.complete;
    if (clientMustAct) socket.destroy();
    else socket.setTimeout(idleMs);
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
