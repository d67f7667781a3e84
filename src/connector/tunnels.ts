import type { IpAddress } from '../base/index.ts';
import type { GrantedPop, SiteGrant } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import { PopPeers } from '../io/overlay/pop-peers.ts';
import { choosePops } from './choose-pops.ts';

export interface ConnectorTunnelsOptions {
  readonly driver: OverlayDriver;
  /** Tunnels to keep at once. */
  readonly count: number;
  readonly log: Log;
  /** Finds the address of a name. */
  readonly resolve: (name: string) => Promise<IpAddress | undefined>;
  /** A tunnel was taken away; one to the same PoP may follow. */
  readonly onRemoved: (popId: string) => void;
}

/** Keeps one tunnel to each chosen PoP of the grant in force. */
export class ConnectorTunnels {
  readonly #count: number;
  readonly #peers: PopPeers<GrantedPop>;

  constructor(options: ConnectorTunnelsOptions) {
    this.#count = options.count;
    this.#peers = new PopPeers(options);
  }

  /** The PoP a tunnel id stands for. */
  pop(id: string): GrantedPop | undefined {
    return this.#peers.pop(id);
  }

  /** Makes and removes tunnels so that they are those of the grant. */
  follow(grant: SiteGrant): Promise<void> {
    return this.#peers.follow(choosePops(grant.pops, this.#count).map((pop) => ({ pop, dials: true })));
  }

  /** Looks up names again where a tunnel is not up. */
  lookAgain(): Promise<void> {
    return this.#peers.lookAgain();
  }
}
