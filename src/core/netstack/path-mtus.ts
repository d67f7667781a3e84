import type { IpAddress } from '../../base/index.ts';
import { MAX_PATH_MTUS } from './constants.ts';

/** What is known of the MTU towards each host, for connections that are opened later. */
export class PathMtus {
  #usualMtu: number;
  /** By address text, in the order of learning. */
  readonly #byAddress = new Map<string, number>();

  constructor(usualMtu: number) {
    this.#usualMtu = usualMtu;
  }

  towards(address: IpAddress): number {
    return this.#byAddress.get(address.text) ?? this.#usualMtu;
  }

  /** Learns the MTU towards one host, or towards everybody, which forgets what single hosts had. */
  learn(address: IpAddress | undefined, mtu: number): void {
    if (!address) {
      this.#usualMtu = mtu;
      this.#byAddress.clear();
      return;
    }
    this.#byAddress.delete(address.text);
    this.#byAddress.set(address.text, mtu);
    if (this.#byAddress.size <= MAX_PATH_MTUS) return;
    for (const oldest of this.#byAddress.keys()) {
      this.#byAddress.delete(oldest);
      return;
    }
  }
}
