import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpRequest, HttpResponse, HttpUpgrade } from './message.ts';

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

/** What a client did that is not answered as a request is; each is counted. */
export type MalformedReason =
  | 'http-malformed'
  | 'http-head-too-large'
  | 'http-head-too-slow'
  | 'http-connect-method'
  | 'http-upgrade-pipelined'
  | 'http-expectation-unknown'
  | 'http-version-unknown'
  | Http2Reason;

export type Http2Reason =
  /** Of one request, which is answered. */
  | 'http2-scheme'
  | 'http2-protocol-unknown'
  /** Of one request, which is reset. */
  | 'http2-stream-idle'
  /** Of the connection, which is cut. */
  | 'http2-resets'
  | 'http2-pings'
  | 'http2-settings'
  | 'http2-settings-unacknowledged'
  | 'http2-streams'
  | 'http2-continuations'
  | 'http2-unread'
  | 'http2-bytes-for-nothing'
  | 'http2-bodies-unread'
  | 'http2-protocol-error';
