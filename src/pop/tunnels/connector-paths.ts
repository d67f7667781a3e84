import type { TunnelEvent } from '../../core/overlay/index.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { LOST_AFTER_MS } from './constants.ts';

export interface PathListener {
  /** The last path to a connector is gone. */
  lost(address: string): void;
  /** It may be gone: what can be done another way need not wait to be sure. */
  doubted(address: string): void;
}

/**
 * How connectors are reached, by overlay address: directly, through another PoP, or not at all. A path that is between two
 * states is not lost yet: a connector that measures us ends and begins its session, and a relay may be another in a moment.
 */
export class ConnectorPaths {
  readonly #driver: OverlayDriver;
  readonly #listener: PathListener;
  readonly #relayed = new Set<string>();
  readonly #doubted = new Map<string, NodeJS.Timeout>();

  constructor(driver: OverlayDriver, listener: PathListener) {
    this.#driver = driver;
    this.#listener = listener;
  }

  state(address: string): 'up' | 'suspect' | 'down' {
    const state = this.#driver.node.stateTo(address);
    if (state === 'up' || state === 'suspect') return state;
    return this.#doubted.has(address) ? 'suspect' : 'down';
  }

  isRelayed(address: string): boolean {
    return this.#relayed.has(address);
  }

  changed(address: string, { state, previous, path, directState }: TunnelEvent): void {
    if (path === 'relay') this.#relayed.add(address);
    else this.#relayed.delete(address);
    if (state === 'up' || state === 'suspect') this.#trust(address);
    // A direct path is down after seconds of silence: there is no doubt.
    else if (directState === 'down') this.#lost(address);
    else if (previous === 'up' || previous === 'suspect') this.#doubt(address);
    if (state === 'suspect') this.#listener.doubted(address);
  }

  /** The connector is no peer any more. */
  forget(address: string): void {
    this.#relayed.delete(address);
    this.#trust(address);
  }

  close(): void {
    for (const address of [...this.#doubted.keys()]) this.#trust(address);
  }

  #doubt(address: string): void {
    if (this.#doubted.has(address)) return;
    const late = setTimeout(() => this.#lost(address), LOST_AFTER_MS);
    this.#doubted.set(address, late);
  }

  #trust(address: string): void {
    clearTimeout(this.#doubted.get(address));
    this.#doubted.delete(address);
  }

  #lost(address: string): void {
    this.#trust(address);
    this.#listener.lost(address);
  }
}
