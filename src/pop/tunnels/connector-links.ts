import {
  decodeConnectorToPop,
  encodeMessage,
  MAX_CONNECTOR_LINE_CHARS,
  type SignedDocument,
} from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import { LineChannel } from '../../io/overlay/line-channel.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';

/** The newest site grant, by site. */
export type GrantLookup = (siteId: string) => SignedDocument | undefined;

interface Link {
  readonly siteId: string;
  readonly stream: TunnelSocket;
  readonly channel: LineChannel;
  /** Signature of the grant it was sent last. */
  sent: string | undefined;
}

/** The PoP's end of the links inside the tunnels: passes each connector the grant of its site, as control signed it. */
export class ConnectorLinks {
  readonly #links = new Map<string, Link>();
  readonly #grantOf: GrantLookup;
  readonly #log: Log;

  constructor(grantOf: GrantLookup, log: Log) {
    this.#grantOf = grantOf;
    this.#log = log;
  }

  /** A connector opened its link; an older one of the same connector is closed. */
  accept(connectorId: string, siteId: string, stream: TunnelSocket): void {
    this.#links.get(connectorId)?.stream.destroy();
    const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => {
      const decoded = decodeConnectorToPop(line);
      if (!decoded.ok) {
        this.#log.warn('message from a connector refused', { connectorId, reason: decoded.reason, path: decoded.path });
        stream.destroy();
      }
    });
    const link: Link = { siteId, stream, channel, sent: undefined };
    this.#links.set(connectorId, link);
    stream.setKeepAlive(true, 30_000);
    stream.on('error', () => undefined);
    stream.on('end', () => stream.end());
    stream.on('close', () => {
      if (this.#links.get(connectorId) === link) this.#links.delete(connectorId);
    });
    this.#sendGrant(link);
  }

  /** Grants may have changed: send those that did. */
  grantsChanged(): void {
    for (const link of this.#links.values()) this.#sendGrant(link);
  }

  close(): void {
    for (const link of this.#links.values()) link.stream.destroy();
  }

  #sendGrant(link: Link): void {
    const signed = this.#grantOf(link.siteId);
    if (!signed || signed.signature === link.sent) return;
    link.sent = signed.signature;
    // A connector that reads nothing while its window is full is cut, so nothing piles up here.
    if (!link.channel.send(encodeMessage({ type: 'grant', signed })) && link.stream.writableLength > MAX_UNSENT_BYTES) {
      link.stream.destroy();
    }
  }
}

/** Bytes that may wait for a connector that does not read its link. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
