import {
  type Endpoint,
  formatEndpoint,
  fromBase64,
  type IpAddress,
  parseEndpoint,
  sameEndpoint,
} from '../base/index.ts';
import type { GrantedPop, SiteGrant } from '../core/link/index.ts';
import { overlayAddress } from '../core/overlay/index.ts';
import type { Log } from '../io/log.ts';
import { sha256 } from '../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
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

interface Tunnel {
  /** The PoP as it was when the tunnel was made. */
  readonly pop: GrantedPop;
  readonly endpoint: Endpoint;
}

/** Keeps one tunnel to each chosen PoP of the grant in force. */
export class ConnectorTunnels {
  readonly #options: ConnectorTunnelsOptions;
  #chosen: readonly GrantedPop[] = [];
  readonly #tunnels = new Map<string, Tunnel>();
  #working: Promise<void> = Promise.resolve();

  constructor(options: ConnectorTunnelsOptions) {
    this.#options = options;
  }

  /** The PoP a tunnel id stands for. */
  pop(id: string): GrantedPop | undefined {
    return this.#tunnels.get(id)?.pop;
  }

  /** Makes and removes tunnels so that they are those of the grant. */
  follow(grant: SiteGrant): Promise<void> {
    return this.#inTurn(async () => {
      this.#chosen = choosePops(grant.pops, this.#options.count);
      for (const [id, { pop }] of this.#tunnels) {
        const wanted = this.#chosen.find((candidate) => candidate.id === id);
        if (!wanted || !sameTunnel(wanted, pop)) this.#remove(id);
      }
      await Promise.all(this.#chosen.filter(({ id }) => !this.#tunnels.has(id)).map((pop) => this.#renew(pop)));
    });
  }

  /**
   * Looks up names again, of PoPs whose tunnel is not up and of those that have none because their name was not found
   * (a connector may start before its network does).
   */
  lookAgain(): Promise<void> {
    return this.#inTurn(async () => {
      const { driver } = this.#options;
      const states = new Map(driver.node.status(driver.nowMs()).map(({ id, state }) => [id, state]));
      const lost = this.#chosen.filter(({ id }) => {
        const state = states.get(id);
        return state !== 'up' && state !== 'suspect';
      });
      await Promise.all(lost.map((pop) => this.#renew(pop)));
    });
  }

  /** One change at a time, in order; one that fails does not keep the next from being made. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const { driver, log } = this.#options;
    this.#working = this.#working.then(change).then(
      () => driver.wake(),
      (error) => log.error('tunnels not changed', { error }),
    );
    return this.#working;
  }

  /** Makes the tunnel to a PoP, or makes it anew where the PoP's address is another now. */
  async #renew(pop: GrantedPop): Promise<void> {
    const publicKey = fromBase64(pop.wireguardKey);
    const endpoint = await this.#resolve(pop);
    const known = this.#tunnels.get(pop.id);
    if (publicKey?.length !== 32 || !endpoint) {
      if (known) return;
      this.#options.log.error('PoP without a usable key or endpoint', { popId: pop.id, endpoints: pop.udpEndpoints });
      return;
    }
    if (known && sameEndpoint(known.endpoint, endpoint)) return;
    if (known) this.#remove(pop.id);
    this.#add(pop, publicKey, endpoint);
  }

  #add(pop: GrantedPop, publicKey: Uint8Array, endpoint: Endpoint): void {
    const { driver, log } = this.#options;
    const address = overlayAddress(publicKey, sha256);
    driver.node.addPeer({ id: pop.id, publicKey, overlayAddress: address, endpoint, dials: true }, driver.nowMs());
    this.#tunnels.set(pop.id, { pop, endpoint });
    log.info('tunnel added', { popId: pop.id, pop: pop.name, endpoint: formatEndpoint(endpoint) });
  }

  #remove(id: string): void {
    const { driver, log, onRemoved } = this.#options;
    this.#tunnels.delete(id);
    driver.node.removePeer(id);
    log.info('tunnel removed', { popId: id });
    onRemoved(id);
  }

  async #resolve(pop: GrantedPop): Promise<Endpoint | undefined> {
    for (const text of pop.udpEndpoints) {
      const endpoint = parseEndpoint(text) ?? (await this.#lookUp(text));
      if (endpoint) return endpoint;
    }
    return undefined;
  }

  async #lookUp(text: string): Promise<Endpoint | undefined> {
    const match = /^([a-zA-Z0-9.-]+):(\d{1,5})$/.exec(text);
    if (!match) return undefined;
    const address = await this.#options.resolve(match[1] as string);
    if (!address) this.#options.log.warn('name of a PoP not found', { name: match[1] });
    return address && parseEndpoint(formatEndpoint({ address, port: Number(match[2]) }));
  }
}

function sameTunnel(a: GrantedPop, b: GrantedPop): boolean {
  return a.wireguardKey === b.wireguardKey && a.udpEndpoints.join() === b.udpEndpoints.join();
}
