import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';

/**
 * HTTP as everything above `io` sees it, whatever the version on the wire. Node's objects of HTTP/1.1 satisfy these
 * interfaces as they are. A request of HTTP/2 is shown as the same request would be in HTTP/1.1: Host in place of
 * `:authority`, one Cookie field, and `Transfer-Encoding: chunked` where a body comes without a length. Lists of fields are
 * flat: name, value, name, value.
 */
export interface HttpRequest extends Readable {
  readonly method?: string | undefined;
  /** The request target as it came: nothing is decoded. */
  readonly url?: string | undefined;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** Every field in order, as it came. Who decides by a field reads it here. */
  readonly rawHeaders: string[];
  /** For look-ups; of fields that must not come twice the first counts. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Once the body has ended. */
  readonly rawTrailers: string[];
  /** For what is known of the client (address, server name, certificate). It carries other requests too: never to be written. */
  readonly socket: Socket;
  /** Whether the body came to its end. */
  readonly complete: boolean;
}

/** The answer to a request. */
export interface HttpResponse extends Writable {
  /** Set to false before the head: what came on this connection is not trusted further. */
  shouldKeepAlive: boolean;
  readonly headersSent: boolean;
  /** Of the head that was sent. */
  readonly statusCode: number;
  /** A field that goes with whatever head is sent. */
  setHeader(name: string, value: string): unknown;
  /** As `setHeader`, beside what was set before. */
  appendHeader(name: string, value: string): unknown;
  /**
   * The head, flat. `Connection: close` says that what is left of the request's body is not wanted: on HTTP/1.1 the
   * connection closes after the answer, on HTTP/2 the stream is reset.
   */
  writeHead(status: number, headers?: string[] | OutgoingHttpHeaders): unknown;
  writeContinue(): void;
  /** An interim answer (RFC 9110 section 15.2) other than 101, flat. */
  writeInformation(status: number, headers?: string[]): void;
  /** Before `end`. */
  addTrailers(trailers: readonly [name: string, value: string][]): void;
}

/** A request to speak another protocol from here on: Upgrade (RFC 9110 section 7.8) or extended CONNECT (RFC 8441). */
export interface HttpUpgrade {
  readonly request: HttpRequest;
  /** Lower case: `websocket`. */
  readonly protocol: string;
  /** What is spoken, both ways, once it is accepted. Its end or destruction before that is the client's. */
  readonly stream: Duplex;
  /** Bytes of the other protocol that came already. */
  readonly head: Buffer;
  /** Agrees, with the flat fields of the backend's agreement. */
  accept(headers: readonly string[]): void;
  /** An ordinary answer instead; nothing comes after it. */
  refuse(): HttpResponse;
}
