import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { TargetRecord, TargetTls } from '../core/link/index.ts';
import { type HttpUpstream, Upstream, type UpstreamLimits } from '../io/http-client.ts';
import { ConnectTooSlow } from '../io/http-exchange.ts';
import { HTTP2_WEB_SOCKET_CONNECTIONS } from '../io/http2-client/constants.ts';
import { Http2Upstream } from '../io/http2-client/http2-upstream.ts';
import type { ReservedStream } from '../io/http2-client/reservation.ts';
import { secureContextOf, secureStream, TlsFailure } from '../io/secure-stream.ts';
import {
  MAXIMUM_ANSWER_HEADER_BYTES,
  MAXIMUM_UPSTREAMS,
  UPSTREAM_CONNECT_TIMEOUT_MS,
  UPSTREAM_CONNECTIONS,
  UPSTREAM_HEADERS_TIMEOUT_MS,
  UPSTREAM_KEEP_ALIVE_MS,
} from './constants.ts';
import { type Destination, DialFailure, type TargetDialer } from './dialer.ts';
import type { SiteNode } from './snapshot-view.ts';

/** Limits of the connections to targets and to control. */
export const UPSTREAM_LIMITS: UpstreamLimits = {
  connections: UPSTREAM_CONNECTIONS,
  headersTimeoutMs: UPSTREAM_HEADERS_TIMEOUT_MS,
  // Server-sent events and long polls may be silent for as long as they like; a connector that is gone is seen by keep-alive.
  bodyTimeoutMs: 0,
  keepAliveMs: UPSTREAM_KEEP_ALIVE_MS,
  headerBytes: MAXIMUM_ANSWER_HEADER_BYTES,
};

/** A target of HTTP/2 takes no WebSocket: neither on a stream, nor does it speak HTTP/1.1. */
export class WebSocketsNotTaken extends Error {
  override readonly name = 'WebSocketsNotTaken';

  constructor(cause?: unknown) {
    super('the target takes no WebSockets', { cause });
  }
}

/** Hears of every connection to a target that was not set up for TLS's sake. */
export type TlsFaultListener = (target: TargetRecord, connector: SiteNode, failure: TlsFailure) => void;

interface Kept {
  readonly overlayAddress: string;
  readonly target: TargetRecord;
  readonly upstream: HttpUpstream;
}

/** One pool of connections per target and connector, kept while the snapshot has the target unchanged. */
export class Upstreams {
  readonly #dialer: TargetDialer;
  readonly #onTlsFault: TlsFaultListener;
  /** What TLS with a target needs, as long as the target is as it is. */
  readonly #contexts = new WeakMap<TargetTls, SecureContext>();
  readonly #kept = new Map<string, Kept>();

  constructor(dialer: TargetDialer, onTlsFault: TlsFaultListener = () => undefined) {
    this.#dialer = dialer;
    this.#onTlsFault = onTlsFault;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The pool for requests to a target through a connector. */
  get(target: TargetRecord, connector: SiteNode): HttpUpstream {
    return this.#at<HttpUpstream>(keyOf(target, connector), target, connector, (open) =>
      target.protocol === 'h2'
        ? new Http2Upstream(open, target.scheme, UPSTREAM_LIMITS)
        : new Upstream(open, UPSTREAM_LIMITS),
    );
  }

  /** Room for a WebSocket on a connection of HTTP/2, if the target takes any there. Rejects as `open` does. */
  reserve(target: TargetRecord, connector: SiteNode, timeoutMs: number): Promise<ReservedStream> {
    const key = `${keyOf(target, connector)} sockets`;
    return this.#at(
      key,
      target,
      connector,
      (open) => new Http2Upstream(open, target.scheme, UPSTREAM_LIMITS, HTTP2_WEB_SOCKET_CONNECTIONS),
    ).reserve(timeoutMs);
  }

  /** What a key is for is always of one kind. */
  #at<Pool extends HttpUpstream>(
    key: string,
    target: TargetRecord,
    connector: SiteNode,
    make: (open: () => Promise<Duplex>) => Pool,
  ): Pool {
    const kept = this.#kept.get(key);
    if (kept?.target === target) return kept.upstream as Pool;
    if (kept) this.#drop(key, kept);
    if (this.#kept.size >= MAXIMUM_UPSTREAMS) this.#dropOldest();
    const upstream = make(() => this.#open(target, connector, UPSTREAM_CONNECT_TIMEOUT_MS, target.protocol));
    this.#kept.set(key, { overlayAddress: connector.overlayAddress, target, upstream });
    return upstream;
  }

  /** What is kept for a way may be as dead as the connection that just broke: the next request gets one of its own. */
  renew(target: TargetRecord, connector: SiteNode): void {
    const key = keyOf(target, connector);
    const kept = this.#kept.get(key);
    if (kept) this.#drop(key, kept);
  }

  /** One connection for HTTP/1.1 to a target, TLS included where the target wants it. Rejects with DialFailure or TlsFailure. */
  open(target: TargetRecord, connector: SiteNode, timeoutMs = UPSTREAM_CONNECT_TIMEOUT_MS): Promise<Duplex> {
    return this.#open(target, connector, timeoutMs, undefined);
  }

  async #open(
    target: TargetRecord,
    connector: SiteNode,
    timeoutMs: number,
    protocol: TargetRecord['protocol'],
  ): Promise<Duplex> {
    const stream = await this.#dialer.connect({ ...destinationOf(target, connector), timeoutMs });
    if (target.scheme === 'http') return stream;
    const serverName = target.tls?.serverName ?? target.hostHeader ?? '';
    const verify = target.tls?.verify ?? true;
    const context = target.tls && this.#contextOf(target.tls);
    try {
      return await secureStream(stream, { serverName, verify, context, protocol, timeoutMs });
    } catch (error) {
      // That one which speaks HTTP/2 speaks nothing else is no fault of it.
      const isFault =
        error instanceof TlsFailure && (target.protocol === protocol || error.fault !== 'tls-protocol-refused');
      if (isFault) this.#onTlsFault(target, connector, error);
      throw error;
    }
  }

  #contextOf(tls: TargetTls): SecureContext {
    const known = this.#contexts.get(tls);
    if (known) return known;
    const context = secureContextOf({ ca: tls.caPem, clientCertificate: tls.clientCertificate });
    this.#contexts.set(tls, context);
    return context;
  }

  /** Closes the pools of targets that are no longer there or have changed; requests in flight are finished. */
  retain(isTarget: (target: TargetRecord) => boolean): void {
    for (const [key, kept] of this.#kept) if (!isTarget(kept.target)) this.#drop(key, kept);
  }

  /** A connector is about to stop: connections that are kept for later are closed; requests in flight are finished. */
  leave(overlayAddress: string): void {
    for (const [key, kept] of this.#kept) if (kept.overlayAddress === overlayAddress) this.#drop(key, kept);
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ upstream }) => upstream.destroy()));
  }

  #dropOldest(): void {
    const [oldest] = this.#kept;
    if (oldest) this.#drop(...oldest);
  }

  #drop(key: string, { upstream }: Kept): void {
    this.#kept.delete(key);
    void upstream.close();
  }
}

function keyOf(target: TargetRecord, node: SiteNode): string {
  const { overlayAddress, behind, port } = destinationOf(target, node);
  return `${target.id} ${overlayAddress}${behind === undefined ? '' : ` ${behind}:${port}`}`;
}

/** A connector knows the target by its port; behind a device it is an address of the site's network. */
export function destinationOf(target: Pick<TargetRecord, 'id' | 'overlayPort'>, node: SiteNode): Destination {
  const { overlayAddress } = node;
  if (node.kind === 'connector') return { overlayAddress, port: target.overlayPort };
  const found = node.targets.find(({ id }) => id === target.id);
  // Without an address nothing is dialled: port 0 is nobody's.
  return { overlayAddress, port: found?.port ?? 0, behind: found?.address ?? '' };
}

/** What to tell of a connection that could not be opened. */
export function problemOfDial(cause: unknown) {
  if (cause instanceof WebSocketsNotTaken) return { problem: 'target-no-websockets', failure: 'refused' } as const;
  if (cause instanceof TlsFailure) return { problem: 'target-tls-failed', failure: 'refused' } as const;
  if (cause instanceof ConnectTooSlow) return { problem: 'target-timed-out', failure: 'connect-timed-out' } as const;
  if (!(cause instanceof DialFailure)) return { problem: 'target-unreachable', failure: 'refused' } as const;
  switch (cause.code) {
    case 'no-path':
      return { problem: 'no-healthy-target', failure: 'no-path' } as const;
    case 'pop-lost':
      return { problem: 'device-pop-lost', failure: 'no-path' } as const;
    case 'target-refused':
      return { problem: 'target-refused', failure: 'refused' } as const;
    case 'target-unreachable':
      return { problem: 'target-unreachable', failure: 'refused' } as const;
    case 'target-timed-out':
      return { problem: 'target-timed-out', failure: 'connect-timed-out' } as const;
    case 'reset':
      return { problem: 'target-aborted', failure: 'reset' } as const;
  }
}
