import type { Duplex } from 'node:stream';
import type { HttpResponse } from '../http/message.ts';
import type { HttpUpstream, UpstreamLimits } from '../http-client.ts';
import type { ExchangeObserver, OutgoingRequest, RelayHandle } from '../http-exchange.ts';
import { Http2Connection } from './connection.ts';
import { HTTP2_CONNECTIONS } from './constants.ts';
import { Http2Relay } from './http2-relay.ts';
import { Reservation, type ReservedStream, type Waiting } from './reservation.ts';

/** HTTP/2 connections to one backend, each with many streams, over streams that the caller opens. */
export class Http2Upstream implements HttpUpstream {
  readonly #open: () => Promise<Duplex>;
  readonly #scheme: 'http' | 'https';
  readonly #limits: UpstreamLimits;
  readonly #connections = new Set<Http2Connection>();
  /** In the order in which they came. */
  readonly #queue = new Set<Waiting>();
  readonly #most: number;
  #opening = 0;
  #state: 'open' | 'closing' | 'destroyed' = 'open';

  /**
   * @param open opens one connection, TLS included; its failure is the `cause` of a `connect` failure.
   * @param most connections at once.
   */
  constructor(
    open: () => Promise<Duplex>,
    scheme: 'http' | 'https',
    limits: UpstreamLimits,
    most: number = HTTP2_CONNECTIONS,
  ) {
    this.#most = most;
    this.#open = open;
    this.#scheme = scheme;
    this.#limits = limits;
  }

  relay(
    request: OutgoingRequest,
    response: HttpResponse,
    observer: ExchangeObserver,
    connectTimeoutMs?: number,
  ): RelayHandle {
    const relay = new Http2Relay(request, response, observer);
    this.#queue.add(relay);
    this.#serve();
    if (connectTimeoutMs !== undefined) relay.expectConnection(connectTimeoutMs);
    return relay;
  }

  /** Room for a stream on a connection whose target has said what it takes; rejects with why there is none. */
  reserve(connectTimeoutMs: number): Promise<ReservedStream> {
    const reservation = new Reservation(connectTimeoutMs);
    this.#queue.add(reservation);
    this.#serve();
    return reservation.promise;
  }

  /** Takes nothing new; what is under way or waits is finished. */
  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    this.#serve();
  }

  async destroy(): Promise<void> {
    this.#state = 'destroyed';
    for (const connection of this.#connections) connection.destroy();
    this.#failAll(new Error('the upstream is closed'));
  }

  /** Sends what waits where there is room, and opens another connection where there is none. */
  #serve(): void {
    for (const relay of this.#queue) {
      const connection = relay.isQueued ? this.#roomiest() : undefined;
      if (relay.isQueued && !connection) break;
      this.#queue.delete(relay);
      if (connection) relay.begin(connection, this.#scheme, this.#limits.headersTimeoutMs);
    }
    for (const relay of this.#queue) if (!relay.isQueued) this.#queue.delete(relay);
    if (this.#queue.size > 0) this.#openAnother();
    else if (this.#state === 'closing') for (const connection of this.#connections) connection.close();
  }

  #roomiest(): Http2Connection | undefined {
    let found: Http2Connection | undefined;
    for (const connection of this.#connections)
      if (connection.room > 0 && (!found || connection.room > found.room)) found = connection;
    return found;
  }

  #openAnother(): void {
    const taking = [...this.#connections].filter(({ isLeaving }) => !isLeaving).length;
    // One at a time: what it has room for is known only when it is there.
    if (this.#opening > 0 || taking >= this.#most || this.#state === 'destroyed') return;
    this.#opening++;
    this.#open().then(
      (stream) => {
        this.#opening--;
        this.#opened(stream);
      },
      (error: unknown) => {
        this.#opening--;
        this.#failAll(error);
      },
    );
  }

  #opened(stream: Duplex): void {
    if (this.#state === 'destroyed' || stream.destroyed) {
      stream.destroy();
      this.#failAll(stream.errored ?? new Error('the connection was closed'));
      return;
    }
    const connection: Http2Connection = new Http2Connection(stream, this.#scheme, this.#limits.headerBytes, {
      changed: () => {
        if (connection.isClosed) this.#connections.delete(connection);
        this.#serve();
      },
    });
    this.#connections.add(connection);
    this.#serve();
  }

  /** What can be served by a connection that is there waits on. */
  #failAll(cause: unknown): void {
    if (this.#state !== 'destroyed' && [...this.#connections].some(({ isLeaving }) => !isLeaving)) return;
    const waiting = [...this.#queue];
    this.#queue.clear();
    for (const relay of waiting) relay.unsent(cause);
  }
}
