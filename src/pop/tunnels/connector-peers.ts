import { fromBase64 } from '../../base/index.ts';
import type { ConnectorRecord } from '../../core/link/index.ts';
import { overlayAddress } from '../../core/overlay/index.ts';
import type { Log } from '../../io/log.ts';
import { sha256 } from '../../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { KeyNews } from './key-news.ts';

/** The connectors of the snapshot as peers of the overlay: who is in the snapshot may have a tunnel, nobody else. */
export class ConnectorPeers {
  readonly #driver: OverlayDriver;
  readonly #log: Log;
  readonly #onRemoved: (connector: ConnectorRecord) => void;
  readonly #news: KeyNews;
  readonly #connectors = new Map<string, ConnectorRecord>();
  readonly #byAddress = new Map<string, ConnectorRecord>();

  constructor(driver: OverlayDriver, log: Log, onRemoved: (connector: ConnectorRecord) => void) {
    this.#driver = driver;
    this.#log = log;
    this.#onRemoved = onRemoved;
    this.#news = new KeyNews(log);
  }

  /** Tells of those that knock and are no peers, when there are new ones. */
  tellOfStrangers({ 'unknown-peer': strangers }: { readonly 'unknown-peer': number }): void {
    this.#news.look(strangers, this.#driver.nowMs());
  }

  /** Makes and removes peers so that they are these. Gives those that were added. */
  follow(connectors: readonly ConnectorRecord[]): ConnectorRecord[] {
    const wanted = new Map(connectors.map((connector) => [connector.id, connector]));
    for (const [id, known] of this.#connectors) {
      const same = wanted.get(id);
      if (same?.wireguardKey !== known.wireguardKey || same.siteId !== known.siteId) this.#remove(known);
    }
    return connectors.filter((connector) => !this.#connectors.has(connector.id) && this.#add(connector));
  }

  /**
   * Forgets what was agreed with a connector: one that left may have forgotten it too, and would not know what comes to
   * it sealed so, by whatever path. The next stream agrees anew.
   */
  renew(id: string): void {
    const connector = this.#connectors.get(id);
    if (!connector) return;
    this.#driver.node.removePeer(id, this.#driver.nowMs());
    this.#connectors.delete(id);
    this.#add(connector);
  }

  get(id: string): ConnectorRecord | undefined {
    return this.#connectors.get(id);
  }

  /** The connector that has an overlay address. */
  at(address: string): ConnectorRecord | undefined {
    return this.#byAddress.get(address);
  }

  /** Whether it is a peer now. */
  #add(connector: ConnectorRecord): boolean {
    const publicKey = fromBase64(connector.wireguardKey);
    if (publicKey?.length !== 32) {
      this.#log.error('connector with an unusable key', { connectorId: connector.id });
      return false;
    }
    const address = overlayAddress(publicKey, sha256);
    const peer = { id: connector.id, role: 'connector', publicKey, overlayAddress: address, dials: false } as const;
    try {
      this.#driver.node.addPeer(peer, this.#driver.nowMs());
    } catch (error) {
      // One key that no tunnel can have (of small order, or ours) must not keep the other connectors out.
      this.#log.error('connector with an unusable key', { connectorId: connector.id, error });
      return false;
    }
    this.#connectors.set(connector.id, connector);
    this.#byAddress.set(address.text, connector);
    return true;
  }

  #remove(connector: ConnectorRecord): void {
    this.#connectors.delete(connector.id);
    for (const [address, known] of this.#byAddress) if (known.id === connector.id) this.#byAddress.delete(address);
    this.#driver.node.removePeer(connector.id);
    this.#log.info('connector removed or revoked: its tunnel ends', { connectorId: connector.id });
    this.#onRemoved(connector);
  }
}
