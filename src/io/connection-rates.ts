import { type Clock, type IpAddress, parseIpAddress, unmapIpv4 } from '../base/index.ts';
import { type RateLimit, RateTable } from '../core/http-rules/index.ts';
import { addressGroup, addressNetwork } from './address-group.ts';
import { RATED_SOURCES_MAX } from './connection-constants.ts';

/** How often new connections may come: of one client (an IPv4 address, an IPv6 /64), and of one network (IPv4 /24, IPv6 /48). */
export interface ConnectionRates {
  readonly perAddress: RateLimit;
  readonly perNetwork: RateLimit;
  /** Who may come as often as they like: the machine itself, and proxies that bring many clients. */
  exempts(address: IpAddress): boolean;
}

export type TooOftenReason = 'connection-rate-per-address' | 'connection-rate-per-network';

/** Who came how often lately. A handshake costs a PoP far more than whoever asks for it, so it is not begun for everybody. */
export class RecentConnections {
  readonly #rates: ConnectionRates;
  readonly #clock: Clock;
  readonly #addresses = new RateTable(RATED_SOURCES_MAX);
  readonly #networks = new RateTable(RATED_SOURCES_MAX);

  constructor(rates: ConnectionRates, clock: Clock) {
    this.#rates = rates;
    this.#clock = clock;
  }

  /** Counts a new connection; the reason where there were too many. What is refused costs its source nothing more. */
  count(text: string): TooOftenReason | undefined {
    const parsed = parseIpAddress(text);
    const address = parsed && unmapIpv4(parsed);
    if (!address || this.#rates.exempts(address)) return undefined;
    const nowMs = this.#clock.nowMs();
    const { perAddress, perNetwork } = this.#rates;
    if (this.#addresses.take(addressGroup(address.text), perAddress, nowMs) > 0) return 'connection-rate-per-address';
    if (this.#networks.take(addressNetwork(address.text), perNetwork, nowMs) > 0) return 'connection-rate-per-network';
    return undefined;
  }
}
