import type { OutboundSettings } from '../outbound/outbound-agents.ts';
import type { CarrierAddress, CarrierDialer, DialledCarrier } from './carrier-dialer.ts';

/** A dialer that loads what speaks WebSocket and TLS with the first carrier: where UDP gets through none is needed. */
export class LateDialer {
  readonly #outbound: OutboundSettings;
  #dialer: Promise<CarrierDialer> | undefined;

  constructor(outbound: OutboundSettings) {
    this.#outbound = outbound;
  }

  /** As `CarrierDialer.dial`. */
  async dial(address: CarrierAddress, signal?: AbortSignal): Promise<DialledCarrier> {
    this.#dialer ??= import('./carrier-dialer.ts').then((loaded) => new loaded.CarrierDialer(this.#outbound));
    return (await this.#dialer).dial(address, signal);
  }

  close(): void {
    void this.#dialer?.then((dialer) => dialer.close());
  }
}
