import { ConnectTooSlow } from '../http-exchange.ts';
import type { Http2Connection } from './connection.ts';

/** Something that waits for a connection with room for one more stream. */
export interface Waiting {
  readonly isQueued: boolean;
  begin(connection: Http2Connection, scheme: 'http' | 'https', headersTimeoutMs: number): void;
  /** No connection came for it. */
  unsent(cause: unknown): void;
}

/** Room for one stream on a connection whose target has said what it takes. It is used by a stream, or given back. */
export interface ReservedStream {
  readonly connection: Http2Connection;
  readonly scheme: 'http' | 'https';
  /** Whether the target takes WebSockets on streams (RFC 8441 section 3). */
  readonly takesWebSockets: boolean;
}

/** Waits for room on a connection, and for the target's word on what it takes. */
export class Reservation implements Waiting {
  readonly promise: Promise<ReservedStream>;
  readonly #resolve: (reserved: ReservedStream) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #late: NodeJS.Timeout;
  #state: 'queued' | 'asking' | 'over' = 'queued';

  constructor(timeoutMs: number) {
    const { promise, resolve, reject } = Promise.withResolvers<ReservedStream>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#late = setTimeout(() => this.unsent(new ConnectTooSlow('no connection in time')), timeoutMs);
  }

  get isQueued(): boolean {
    return this.#state === 'queued';
  }

  begin(connection: Http2Connection, scheme: 'http' | 'https'): void {
    this.#state = 'asking';
    connection.reserve();
    connection.onceSettled((failure) => {
      const isLate = this.#state === 'over';
      if (isLate || failure) connection.release();
      if (failure) this.unsent(failure);
      if (isLate || failure) return;
      this.#over();
      this.#resolve({ connection, scheme, takesWebSockets: connection.takesWebSockets });
    });
  }

  unsent(cause: unknown): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#reject(cause);
  }

  #over(): void {
    this.#state = 'over';
    clearTimeout(this.#late);
  }
}
