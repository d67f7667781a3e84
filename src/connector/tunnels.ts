import { type Endpoint, fromBase64, parseEndpoint } from '../base/index.ts';
import type { GrantedPop, SiteGrant } from '../core/link/index.ts';
import { overlayAddress } from '../core/overlay/index.ts';
import type { Log } from '../io/log.ts';
import { sha256 } from '../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import { resolveName } from '../io/resolve.ts';
import { choosePops } from './choose-pops.ts';

/** Keeps one tunnel to each chosen PoP of the grant in force. */
export class ConnectorTunnels {
  readonly #driver: OverlayDriver;
  readonly #count: number;
  readonly #log: Log;
  /** The PoPs that have a tunnel, as they were when it was made. */
  readonly #kept = new Map<string, GrantedPop>();

  constructor(driver: OverlayDriver, count: number, log: Log) {
    this.#driver = driver;
    this.#count = count;
    this.#log = log;
  }

  /** The PoP a tunnel id stands for. */
  pop(id: string): GrantedPop | undefined {
    return this.#kept.get(id);
  }

  /** Makes and removes tunnels so that they are those of the grant. */
  async follow(grant: SiteGrant): Promise<void> {
    const chosen = choosePops(grant.pops, this.#count);
    for (const [id, kept] of this.#kept) {
      const pop = chosen.find((candidate) => candidate.id === id);
      if (!pop || !sameTunnel(pop, kept)) this.#remove(id);
    }
    for (const pop of chosen) if (!this.#kept.has(pop.id)) await this.#add(pop);
    this.#driver.wake();
  }

  /** Looks up a PoP's name again: its address may have changed while its tunnel was down. */
  async resolveAgain(id: string): Promise<void> {
    const pop = this.#kept.get(id);
    if (!pop || parseEndpoint(pop.udpEndpoints[0] ?? '')) return;
    this.#remove(id);
    await this.#add(pop);
    this.#driver.wake();
  }

  #remove(id: string): void {
    this.#kept.delete(id);
    this.#driver.node.removePeer(id);
    this.#log.info('tunnel removed', { popId: id });
  }

  async #add(pop: GrantedPop): Promise<void> {
    const publicKey = fromBase64(pop.wireguardKey);
    const endpoint = await this.#resolve(pop);
    if (publicKey?.length !== 32 || !endpoint) {
      this.#log.error('PoP without a usable key or endpoint', { popId: pop.id, endpoints: pop.udpEndpoints });
      return;
    }
    const address = overlayAddress(publicKey, sha256);
    this.#driver.node.addPeer(
      { id: pop.id, publicKey, overlayAddress: address, endpoint, dials: true },
      this.#driver.nowMs(),
    );
    this.#kept.set(pop.id, pop);
    this.#log.info('tunnel added', { popId: pop.id, pop: pop.name, endpoint: pop.udpEndpoints[0] });
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
    const address = await resolveName(match[1] as string);
    if (!address) this.#log.warn('name of a PoP not found', { name: match[1] });
    return address && { address, port: Number(match[2]) };
  }
}

function sameTunnel(a: GrantedPop, b: GrantedPop): boolean {
  return a.wireguardKey === b.wireguardKey && a.udpEndpoints.join() === b.udpEndpoints.join();
}
