import {
  decodeConnectorToPop,
  encodeMessage,
  type HeardPop,
  MAX_CONNECTOR_LINE_CHARS,
  type PopToConnector,
  type SignedDocument,
} from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import { LINK_KEEP_ALIVE_IDLE_MS } from '../../io/overlay/constants.ts';
import { LineChannel } from '../../io/overlay/line-channel.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { LINK_UNSENT_MAX_BYTES } from './constants.ts';

/** The newest site grant, by site. */
export type GrantLookup = (siteId: string) => SignedDocument | undefined;

interface Link {
  readonly siteId: string;
  readonly stream: TunnelSocket;
  readonly channel: LineChannel;
  /** Signature of the grant it was sent last. */
  sent: string | undefined;
}

/**
 * The PoP's end of the links inside the tunnels: passes each connector the grant of its site, as control signed
 * it, and tells it which PoPs we hear.
 */
export class ConnectorLinks {
  readonly #links = new Map<string, Link>();
  readonly #grantOf: GrantLookup;
  readonly #log: Log;

  constructor(grantOf: GrantLookup, log: Log) {
    this.#grantOf = grantOf;
    this.#log = log;
  }

  /** A connector opened its link; an older one of the same connector is closed. */
  accept(connectorId: string, siteId: string, stream: TunnelSocket, heard: readonly HeardPop[]): void {
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
    stream.setKeepAlive(true, LINK_KEEP_ALIVE_IDLE_MS);
    stream.on('error', () => undefined);
    stream.on('end', () => stream.end());
    stream.on('close', () => {
      if (this.#links.get(connectorId) === link) this.#links.delete(connectorId);
    });
    this.#sendGrant(link);
    if (heard.length > 0) this.#send(link, { type: 'reach', pops: heard });
  }

  /** Tells every connector which PoPs we hear. */
  heardChanged(pops: readonly HeardPop[]): void {
    for (const link of this.#links.values()) this.#send(link, { type: 'reach', pops });
  }

  /** The connector is gone, or has another key: nothing more is passed through its old link. */
  remove(connectorId: string): void {
    this.#links.get(connectorId)?.stream.destroy();
    this.#links.delete(connectorId);
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
    this.#send(link, { type: 'grant', signed });
  }

  /** A connector that reads nothing while its window is full is cut, so nothing piles up here. */
  #send({ channel, stream }: Link, message: PopToConnector): void {
    if (stream.destroyed || channel.send(encodeMessage(message))) return;
    if (stream.writableLength > LINK_UNSENT_MAX_BYTES) stream.destroy();
  }
}
