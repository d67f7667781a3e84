import { type Endpoint, formatEndpoint, fromBase64, type IpAddress, sameEndpoint } from '../../base/index.ts';
import { overlayAddress } from '../../core/overlay/index.ts';
import type { Log } from '../log.ts';
import { findEndpoint, type Resolve } from '../resolve.ts';
import { sha256 } from './open-overlay.ts';
import type { OverlayDriver } from './overlay-driver.ts';

/** What must be known of a PoP to have a tunnel to it: a snapshot's record or a grant's entry. */
export interface PeerPop {
  readonly id: string;
  readonly name: string;
  /** Curve25519, base64. */
  readonly wireguardKey: string;
  /** `host:port` or `[v6]:port`, the first that can be used is. */
  readonly udpEndpoints: readonly string[];
}

/** A PoP to have as peer, and whether this node starts the tunnel. */
export interface WantedPop<Pop extends PeerPop> {
  readonly pop: Pop;
  readonly dials: boolean;
}

export interface PopPeersOptions {
  readonly driver: OverlayDriver;
  readonly log: Log;
  /** Finds the address of a name. */
  readonly resolve: Resolve;
  /** A peer was taken away; one for the same PoP may follow. */
  readonly onRemoved: (popId: string) => void;
}

interface Peer<Pop> extends WantedPop<Pop & PeerPop> {
  /** Absent where the PoP comes to us. */
  readonly endpoint: Endpoint | undefined;
}

/**
 * Keeps PoPs as peers of an overlay node: those of a connector's grant, those of a PoP's snapshot. Endpoints are found
 * here and nowhere else: names are looked up, and looked up again while the tunnel is not up.
 */
export class PopPeers<Pop extends PeerPop> {
  readonly #options: PopPeersOptions;
  #wanted: readonly WantedPop<Pop>[] = [];
  readonly #peers = new Map<string, Peer<Pop>>();
  #working: Promise<void> = Promise.resolve();

  constructor(options: PopPeersOptions) {
    this.#options = options;
  }

  /** The PoP that a peer stands for, as it was when the peer was made. */
  pop(id: string): Pop | undefined {
    return this.#peers.get(id)?.pop;
  }

  /** Makes and removes peers so that they are these. */
  follow(wanted: readonly WantedPop<Pop>[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = wanted;
      const byId = new Map(wanted.map((want) => [want.pop.id, want]));
      for (const [id, peer] of this.#peers) {
        const want = byId.get(id);
        if (!want || !samePeer(want, peer)) this.#remove(id);
      }
      await Promise.all(wanted.filter(({ pop }) => !this.#peers.has(pop.id)).map((want) => this.#renew(want)));
    });
  }

  /**
   * Looks up names again, of PoPs whose tunnel is not up and of those that are no peer because their name was not found
   * (a node may start before its network does).
   */
  lookAgain(): Promise<void> {
    return this.#inTurn(async () => {
      const { driver } = this.#options;
      const states = new Map(driver.node.status(driver.nowMs()).map(({ id, directState }) => [id, directState]));
      const lost = this.#wanted.filter(({ pop, dials }) => {
        const state = states.get(pop.id);
        return dials && state !== 'up' && state !== 'suspect';
      });
      await Promise.all(lost.map((want) => this.#renew(want)));
    });
  }

  /** One change at a time, in order; one that fails does not keep the next from being made. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const { driver, log } = this.#options;
    this.#working = this.#working.then(change).then(
      () => driver.wake(),
      (error) => log.error('tunnels to PoPs not changed', { error }),
    );
    return this.#working;
  }

  /** Makes the peer, or makes it anew where the PoP's address is another now. */
  async #renew(want: WantedPop<Pop>): Promise<void> {
    const { pop, dials } = want;
    const publicKey = fromBase64(pop.wireguardKey);
    const endpoint = dials ? await this.#resolve(pop) : undefined;
    const known = this.#peers.get(pop.id);
    if (publicKey?.length !== 32 || (dials && !endpoint)) {
      if (known) return;
      this.#options.log.error('PoP without a usable key or endpoint', { popId: pop.id, endpoints: pop.udpEndpoints });
      return;
    }
    if (known && endpoint && known.endpoint && sameEndpoint(known.endpoint, endpoint)) return;
    if (known) this.#remove(pop.id);
    this.#add({ pop, dials, endpoint }, publicKey);
  }

  #add(peer: Peer<Pop>, publicKey: Uint8Array): void {
    const { driver, log } = this.#options;
    const { pop, dials, endpoint } = peer;
    const address = overlayAddress(publicKey, sha256);
    try {
      const own = {
        id: pop.id,
        role: 'pop' as const,
        publicKey,
        overlayAddress: address,
        dials,
        ...(endpoint && { endpoint }),
      };
      driver.node.addPeer(own, driver.nowMs());
    } catch (error) {
      // One key that no tunnel can have (of small order, or ours) must not keep the other PoPs out.
      log.error('PoP with an unusable key', { popId: pop.id, error });
      return;
    }
    this.#peers.set(pop.id, peer);
    if (endpoint) log.info('tunnel added', { popId: pop.id, pop: pop.name, endpoint: formatEndpoint(endpoint) });
  }

  #remove(id: string): void {
    const { driver, log, onRemoved } = this.#options;
    if (this.#peers.get(id)?.endpoint) log.info('tunnel removed', { popId: id });
    this.#peers.delete(id);
    driver.node.removePeer(id);
    onRemoved(id);
  }

  async #resolve(pop: PeerPop): Promise<Endpoint | undefined> {
    for (const text of pop.udpEndpoints) {
      const endpoint = await findEndpoint(text, (name) => this.#lookUp(name));
      if (endpoint) return endpoint;
    }
    return undefined;
  }

  async #lookUp(name: string): Promise<IpAddress | undefined> {
    const address = await this.#options.resolve(name);
    if (!address) this.#options.log.warn('name of a PoP not found', { name });
    return address;
  }
}

function samePeer(a: WantedPop<PeerPop>, b: WantedPop<PeerPop>): boolean {
  return (
    a.dials === b.dials &&
    a.pop.wireguardKey === b.pop.wireguardKey &&
    a.pop.udpEndpoints.join() === b.pop.udpEndpoints.join()
  );
}
