import type { TLSSocket } from 'node:tls';
import { HTTP2_LOOK_MS, HTTP2_UNREAD_BYTES_TOTAL } from './constants.ts';
import type { HttpHandlers, ListenerLimits } from './handlers.ts';
import { Http2Connection } from './http2-connection.ts';

/** The connections of HTTP/2 of one listener. */
export class Http2Connections {
  readonly #open = new Set<Http2Connection>();
  readonly #limits: ListenerLimits;
  readonly #handlers: HttpHandlers;
  readonly #unreadBytesMax: number;
  #looking: NodeJS.Timeout | undefined;
  #isLeaving = false;

  constructor(limits: ListenerLimits, handlers: HttpHandlers, unreadBytesMax = HTTP2_UNREAD_BYTES_TOTAL) {
    this.#limits = limits;
    this.#handlers = handlers;
    this.#unreadBytesMax = unreadBytesMax;
  }

  /** Takes a connection whose client chose HTTP/2 in its handshake. */
  add(socket: TLSSocket): void {
    if (socket.destroyed) return;
    const connection = new Http2Connection(socket, this.#limits, this.#handlers);
    this.#open.add(connection);
    this.#looking ??= setInterval(() => this.#look(), HTTP2_LOOK_MS);
    socket.once('close', () => this.#remove(connection));
    if (this.#isLeaving) connection.leave();
  }

  /** Asks clients to use another server; what was told to a connection is not taken back. */
  ask(isLeaving: boolean): void {
    this.#isLeaving = isLeaving;
    if (isLeaving) for (const connection of this.#open) connection.leave();
  }

  /** Ends each with its last request. */
  close(): void {
    // A handshake may be under way still.
    this.#isLeaving = true;
    for (const connection of this.#open) connection.close();
  }

  #remove(connection: Http2Connection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #look(): void {
    let total = 0;
    let [most, largest]: [Http2Connection | undefined, number] = [undefined, 0];
    for (const connection of this.#open) {
      connection.look();
      const bytes = connection.unreadBytes;
      total += bytes;
      if (bytes > largest) [most, largest] = [connection, bytes];
    }
    if (total > this.#unreadBytesMax) most?.cut('http2-bodies-unread');
  }
}
