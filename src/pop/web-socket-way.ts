import type { Duplex } from 'node:stream';
import type { ReservedStream } from '../io/http2-client/reservation.ts';
import { TlsFailure } from '../io/secure-stream.ts';
import type { Opener } from './open-way.ts';
import { type Upstreams, WebSocketsNotTaken } from './upstreams.ts';

/** How a WebSocket, or an upgrade to another protocol, goes to its target. */
export type UpgradeWay =
  /** By the handshake of HTTP/1.1, on a connection of its own. `isGuess`: the target is known to speak HTTP/2. */
  | { readonly kind: 'connection'; readonly stream: Duplex; readonly isGuess: boolean }
  /** On a stream of HTTP/2, by extended CONNECT. */
  | { readonly kind: 'stream'; readonly reserved: ReservedStream };

/**
 * Targets of HTTP/2 that say so take WebSockets on streams (RFC 8441). Of the others many speak HTTP/1.1 on the same port, and
 * those that do not say so by TLS, or by answering with something else.
 */
export function upgradeOpener(upstreams: Upstreams, protocol: string): Opener<UpgradeWay> {
  return {
    async open({ target, connector }, timeoutMs) {
      const isGuess = target.protocol === 'h2' && protocol === 'websocket';
      if (isGuess) {
        const reserved = await upstreams.reserve(target, connector, timeoutMs);
        if (reserved.takesWebSockets) return { kind: 'stream', reserved };
        reserved.connection.release();
      }
      try {
        const stream = await upstreams.open(target, connector, timeoutMs);
        return { kind: 'connection', stream, isGuess };
      } catch (cause) {
        const isOfProtocol = cause instanceof TlsFailure && cause.fault === 'tls-protocol-refused';
        throw isGuess && isOfProtocol ? new WebSocketsNotTaken(cause) : cause;
      }
    },
    giveUp(way) {
      if (way.kind === 'connection') way.stream.destroy();
      else way.reserved.connection.release();
    },
  };
}
