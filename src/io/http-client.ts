import type { Duplex } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import type { HttpResponse } from './http/message.ts';
import { ConnectError, type ExchangeObserver, type OutgoingRequest, Relay, type RelayHandle } from './http-exchange.ts';

export interface UpstreamLimits {
  readonly connections: number;
  /** From the end of the request to the answer's head. */
  readonly headersTimeoutMs: number;
  /** Silence within the answer's body; 0: none (server-sent events). */
  readonly bodyTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly headerBytes: number;
}

/** Connections to one backend. */
export interface HttpUpstream {
  /**
   * Sends the request and relays the answer to the client, both as streams with backpressure. Where the request gets no
   * connection within `connectTimeoutMs` it is taken back (nothing was sent) and failed with `ConnectTooSlow`; left out:
   * only `open` sets a limit.
   */
  relay(
    request: OutgoingRequest,
    response: HttpResponse,
    observer: ExchangeObserver,
    connectTimeoutMs?: number,
  ): RelayHandle;
  /** Ends idle connections at once and the others after their request. */
  close(): Promise<void>;
  /** Ends every connection. */
  destroy(): Promise<void>;
}

/** Connections to one backend, HTTP/1.1 keep-alive without pipelining, over streams that the caller opens. */
export class Upstream implements HttpUpstream {
  readonly #pool: Pool;

  /** @param open opens one connection; its failure is the `cause` of a `connect` failure. */
  constructor(open: () => Promise<Duplex>, limits: UpstreamLimits) {
    this.#pool = new Pool('http://upstream.invalid', {
      ...poolOptions(limits),
      // The promise makes the callback asynchronous; a synchronous one would stall the pool for ever.
      connect: (_options, done) => {
        open().then(
          // A stream may break between the turn that opened it and this one, and undici would wait on it.
          (stream) =>
            stream.destroyed
              ? done(new ConnectError(stream.errored), null)
              : done(null, stream as Parameters<typeof done>[1] & Duplex),
          (error) => done(new ConnectError(error), null),
        );
      },
    });
  }

  relay(
    request: OutgoingRequest,
    response: HttpResponse,
    observer: ExchangeObserver,
    connectTimeoutMs?: number,
  ): RelayHandle {
    const relay = new Relay(request, response, observer);
    try {
      this.#pool.dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: request.path,
          headers: request.headers as string[],
          body: relay.body as never,
          ...(request.headersTimeoutMs !== undefined && { headersTimeout: request.headersTimeoutMs }),
        },
        // undici 7 still takes the handlers of undici 6; its types no longer say so.
        relay as Dispatcher.DispatchHandler,
      );
    } catch (error) {
      relay.onError(error as Error);
    }
    if (connectTimeoutMs !== undefined) relay.expectConnection(connectTimeoutMs);
    return relay;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}

function poolOptions(limits: UpstreamLimits) {
  return {
    connections: limits.connections,
    pipelining: 1,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
  };
}
