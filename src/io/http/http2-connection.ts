import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import {
  HTTP2_BYTES_PER_PING,
  HTTP2_CONNECTION_WINDOW_BYTES,
  HTTP2_IDLE_BYTES_BURST,
  HTTP2_IDLE_BYTES_PER_SECOND,
  HTTP2_LOOK_MS,
  HTTP2_PINGS_BURST,
  HTTP2_PINGS_PER_SECOND,
  HTTP2_QUIET_LOOKS,
  HTTP2_QUIET_MS,
  HTTP2_REQUEST_OVERHEAD_BYTES,
  HTTP2_RESETS_BURST,
  HTTP2_RESETS_PER_SECOND,
  HTTP2_SETTINGS_BURST,
  HTTP2_SETTINGS_PER_SECOND,
  HTTP2_SETTINGS_TIMEOUT_MS,
  HTTP2_WINDOW_BYTES_PER_BYTE,
} from './constants.ts';
import { FrameAllowance } from './frame-allowance.ts';
import type { HttpHandlers, ListenerLimits, MalformedReason } from './handlers.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { type Http2HeadFault, readHttp2Head } from './http2-head.ts';
import { Http2Request } from './http2-request.ts';
import { Http2Response } from './http2-response.ts';
import { HTTP2_SESSION } from './http2-session.ts';
import { Http2Upgrade } from './http2-upgrade.ts';

const perLook = (perSecond: number): number => (perSecond * HTTP2_LOOK_MS) / 1_000;

/** One connection of HTTP/2 (RFC 9113): its requests, and what it may ask for. */
export class Http2Connection {
  readonly #socket: TLSSocket;
  readonly #session: ServerHttp2Session;
  readonly #limits: ListenerLimits;
  readonly #handlers: HttpHandlers;
  readonly #open = new Set<Http2Exchange>();
  readonly #resets = new FrameAllowance({ burst: HTTP2_RESETS_BURST, perLook: perLook(HTTP2_RESETS_PER_SECOND) });
  readonly #pings = new FrameAllowance({ burst: HTTP2_PINGS_BURST, perLook: perLook(HTTP2_PINGS_PER_SECOND) });
  readonly #settings = new FrameAllowance({ burst: HTTP2_SETTINGS_BURST, perLook: perLook(HTTP2_SETTINGS_PER_SECOND) });
  readonly #idleBytes = new FrameAllowance({
    burst: HTTP2_IDLE_BYTES_BURST,
    perLook: perLook(HTTP2_IDLE_BYTES_PER_SECOND),
  });
  /** What its requests explain of what it brought: heads, bodies that are over. */
  #explainedBytes = 0;
  /** What it had brought beyond that, at the last look. */
  #idleBytesSeen = 0;
  #requests = 0;
  #quietLooks = 0;
  #unsettledLooks = 0;
  #bytesWrittenAtPing = 0;
  #isLeaving = false;
  #isCut = false;

  constructor(socket: TLSSocket, limits: ListenerLimits, handlers: HttpHandlers) {
    this.#socket = socket;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#session = performServerHandshake(socket, HTTP2_SESSION);
    const session = this.#session;
    session.on('stream', (stream, headers, _flags, raw: unknown) => this.#begin(stream, headers, raw as string[]));
    session.on('ping', () => this.#pinged());
    session.on('remoteSettings', () => this.#spend(this.#settings, 'http2-settings'));
    session.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    session.setLocalWindowSize(HTTP2_CONNECTION_WINDOW_BYTES);
    // Who sends no more acknowledges no more either: what is open is over, and node would keep it until it is written to.
    socket.once('end', () => session.destroy());
  }

  /** Body bytes that came and nobody read. */
  get unreadBytes(): number {
    let bytes = 0;
    for (const exchange of this.#open) bytes += exchange.unreadBytes;
    return bytes;
  }

  /** Tells the client to use another connection from now on (RFC 9113 section 6.8), and ends this one after its requests. */
  leave(): void {
    if (this.#isLeaving || this.#session.closed) return;
    this.#isLeaving = true;
    this.#closeWhenQuiet(HTTP2_QUIET_LOOKS);
  }

  /** Requests that cross GOAWAY are not taken, and clients send them again; so a moment without any is waited for. */
  #closeWhenQuiet(looksLeft: number): void {
    const { bytesRead } = this.#socket;
    setTimeout(() => {
      const isQuiet = this.#open.size === 0 && this.#socket.bytesRead === bytesRead;
      if (isQuiet || looksLeft <= 1) this.close();
      else this.#closeWhenQuiet(looksLeft - 1);
    }, HTTP2_QUIET_MS).unref();
  }

  /** Takes no more requests; the connection ends with the last one that is open. */
  close(): void {
    this.#session.close();
  }

  /** Ends it at once, for a reason that is counted. */
  cut(reason: MalformedReason): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#handlers.malformed(reason);
    this.#session.destroy(new Error(reason), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Call every HTTP2_LOOK_MS. */
  look(): void {
    // Who floods does not read its GOAWAY either; it had a moment to.
    if (this.#isCut) return void this.#socket.destroy();
    for (const allowance of [this.#resets, this.#pings, this.#settings, this.#idleBytes]) allowance.look();
    this.#lookAtBytes();
    this.#lookAtStreams();
    this.#lookAtQuiet();
    this.#lookAtSettings();
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]): void {
    if (this.#isCut) return;
    // Taken back before it was seen.
    if (stream.destroyed) return void this.#spend(this.#resets, 'http2-resets');
    stream.on('error', () => undefined);
    if (++this.#requests >= this.#limits.requestsPerConnection) this.leave();
    const head = readHttp2Head(raw, stream.endAfterHeaders);
    if (typeof head === 'string') return void this.#refuse(stream, head);
    this.#explainedBytes += head.sizeBytes + HTTP2_REQUEST_OVERHEAD_BYTES;
    if (head.sizeBytes > this.#limits.headerBytes) return void this.#refuse(stream, 'http-head-too-large');
    const request = new Http2Request(stream, this.#socket, head, headers);
    if (head.protocol !== undefined) {
      this.#track(new Http2Exchange(stream, request, undefined));
      this.#handlers.upgrade(new Http2Upgrade(request, stream));
      return;
    }
    const response = new Http2Response(stream, head.method === 'HEAD');
    this.#track(new Http2Exchange(stream, request, response));
    this.#handlers.request(request, response, headers.expect?.toLowerCase() === '100-continue');
  }

  #track(exchange: Http2Exchange): void {
    this.#open.add(exchange);
    exchange.stream.once('close', () => {
      this.#open.delete(exchange);
      this.#explainedBytes += exchange.receivedBytes;
      const { wasTakenBack } = exchange;
      exchange.closed();
      if (wasTakenBack) this.#spend(this.#resets, 'http2-resets');
    });
  }

  #refuse(stream: ServerHttp2Stream, fault: Http2HeadFault | 'http-head-too-large'): void {
    this.#handlers.malformed(fault);
    const status = STATUS_OF[fault];
    const body = JSON.stringify({ title: TITLE_OF[fault], status });
    stream.respond({
      ':status': status,
      'content-type': 'application/problem+json',
      'content-length': String(body.length),
      'cache-control': 'no-store',
    });
    stream.end(body);
  }

  /** gRPC measures the bandwidth of what it receives by PINGs, one after the other: who is sent much may send many. */
  #pinged(): void {
    const { bytesWritten } = this.#socket;
    this.#pings.earn((bytesWritten - this.#bytesWrittenAtPing) / HTTP2_BYTES_PER_PING);
    this.#bytesWrittenAtPing = bytesWritten;
    this.#spend(this.#pings, 'http2-pings');
  }

  #spend(allowance: FrameAllowance, reason: MalformedReason): void {
    if (!allowance.spend()) this.cut(reason);
  }

  /** What came on the wire, against what requests, bodies and windows need. */
  #lookAtBytes(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    let explained = this.#explainedBytes + bytesWritten * HTTP2_WINDOW_BYTES_PER_BYTE;
    let streamBytes = 0;
    for (const exchange of this.#open) streamBytes += exchange.receivedBytes + exchange.unreadBytes;
    // A body in small frames and records brings as much again.
    explained += 2 * streamBytes;
    const idleBytes = Math.max(0, bytesRead - explained);
    const more = idleBytes - this.#idleBytesSeen;
    this.#idleBytesSeen = idleBytes;
    if (more > 0 && !this.#idleBytes.spend(more)) this.cut('http2-bytes-for-nothing');
  }

  #lookAtStreams(): void {
    for (const exchange of this.#open) {
      if (exchange.look() * HTTP2_LOOK_MS < this.#limits.idleMs) continue;
      this.#handlers.malformed('http2-stream-idle');
      exchange.stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  #lookAtQuiet(): void {
    this.#quietLooks = this.#open.size === 0 ? this.#quietLooks + 1 : 0;
    if (this.#quietLooks * HTTP2_LOOK_MS >= this.#limits.keepAliveMs) this.close();
  }

  /** What SETTINGS limit holds for a client that has acknowledged them (RFC 9113 section 6.5.3). */
  #lookAtSettings(): void {
    this.#unsettledLooks = this.#session.pendingSettingsAck ? this.#unsettledLooks + 1 : 0;
    if (this.#unsettledLooks * HTTP2_LOOK_MS >= HTTP2_SETTINGS_TIMEOUT_MS) this.cut('http2-settings-unacknowledged');
  }

  #failed(error: NodeJS.ErrnoException): void {
    // A client that says GOAWAY with a code, or whose line broke, is not at fault.
    if (this.#isCut || error.code === 'ERR_HTTP2_SESSION_ERROR' || !error.code?.startsWith('ERR_HTTP2')) return;
    this.#isCut = true;
    this.#handlers.malformed(reasonOf(error));
  }
}

/** Which limit of the library a connection went over, by its error codes (nghttp2.h). */
function reasonOf({ code, errno }: NodeJS.ErrnoException): MalformedReason {
  if (code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES') return 'http2-protocol-error';
  switch (errno) {
    // NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: a head of more than eight frames.
    case -905:
      return 'http2-continuations';
    // NGHTTP2_ERR_FLOODED: a thousand acknowledgements that nobody reads.
    case -904:
      return 'http2-unread';
    // NGHTTP2_ERR_CALLBACK_FAILURE: node gave up over streams that it refused.
    case -902:
      return 'http2-streams';
    default:
      return 'http2-protocol-error';
  }
}

const STATUS_OF = {
  'http-malformed': 400,
  'http2-scheme': 400,
  'http-connect-method': 405,
  'http2-protocol-unknown': 501,
  'http-head-too-large': 431,
} as const;

const TITLE_OF = {
  'http-malformed': 'Bad Request',
  'http2-scheme': 'Bad Request',
  'http-connect-method': 'Method Not Allowed',
  'http2-protocol-unknown': 'Not Implemented',
  'http-head-too-large': 'Request Header Fields Too Large',
} as const;
