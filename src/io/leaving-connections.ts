import type { Duplex } from 'node:stream';
import type { HttpResponse } from './http/message.ts';

/** Between two looks at connections of a server that is about to stop; a request on its way arrives in this time. */
export const QUIET_BEFORE_CLOSE_MS = 250;

/** A connection of HTTP/1.1 on which requests come one after another. */
export interface KeptConnection extends Duplex {
  readonly bytesRead: number;
}

/**
 * Asks clients to go elsewhere (RFC 9112 section 9.6): the next answer on each connection says that it closes, and
 * connections on which nothing has moved for a while are closed. Not at once, because a request may be on its way.
 */
export class LeavingConnections {
  /** Each with the listener that forgets it. */
  readonly #kept = new Map<KeptConnection, () => void>();
  readonly #isAnswering: (connection: Duplex) => boolean;
  #sweeping: NodeJS.Timeout | undefined;
  /** What each quiet connection had read at the last look. */
  #quiet = new Map<KeptConnection, number>();

  constructor(isAnswering: (connection: Duplex) => boolean) {
    this.#isAnswering = isAnswering;
  }

  add(connection: KeptConnection): void {
    const forget = (): void => this.remove(connection);
    this.#kept.set(connection, forget);
    connection.once('close', forget);
  }

  /** It is no HTTP any more. */
  remove(connection: KeptConnection): void {
    const forget = this.#kept.get(connection);
    if (forget) connection.off('close', forget);
    this.#kept.delete(connection);
    this.#quiet.delete(connection);
  }

  /** Call as a request begins. */
  answers(response: HttpResponse): void {
    if (this.#sweeping) response.shouldKeepAlive = false;
  }

  ask(isLeaving: boolean): void {
    clearInterval(this.#sweeping);
    this.#sweeping = isLeaving ? setInterval(() => this.#sweep(), QUIET_BEFORE_CLOSE_MS) : undefined;
    this.#quiet.clear();
  }

  #sweep(): void {
    const quiet = new Map<KeptConnection, number>();
    for (const connection of this.#kept.keys()) {
      if (this.#isAnswering(connection)) continue;
      if (this.#quiet.get(connection) === connection.bytesRead) connection.destroy();
      else quiet.set(connection, connection.bytesRead);
    }
    this.#quiet = quiet;
  }
}
