import { WebSocketServer } from 'ws';
import type { Clock, Endpoint } from '../../base/index.ts';
import { MAXIMUM_FRAME_BYTES } from '../../core/carrier/index.ts';
import { addressGroup } from '../address-group.ts';
import type { CarrierDoor } from '../https-server.ts';
import type { Carrier } from './carrier.ts';
import type { Carriers } from './carriers.ts';
import {
  MAXIMUM_CARRIERS,
  MAXIMUM_CARRIERS_PER_ADDRESS,
  MAXIMUM_CHUNKS,
  MAXIMUM_FRAGMENTS,
  MAXIMUM_UNPROVEN_CARRIERS,
  PROOF_MS,
  SWEEP_MS,
  UNUSED_MS,
} from './constants.ts';

export type RefusedCarrierReason = 'carriers-total' | 'carriers-per-address';

export interface CarrierServerOptions {
  readonly carriers: Carriers;
  readonly clock: Clock;
  /** Tells whether a peer proved to be behind a carrier and may be reached by it. */
  readonly node: { usesCarrier(endpoint: Endpoint): boolean };
  readonly limits?: Partial<CarrierLimits>;
}

export interface CarrierLimits {
  readonly total: number;
  readonly perAddress: number;
  readonly unproven: number;
}

interface Accepted {
  readonly carrier: Carrier;
  readonly address: string;
  /** When it was last seen in use; undefined: no peer proved to be there yet. */
  usedAtMs: number | undefined;
}

/**
 * A PoP's end of carriers. Anybody may open one, so that it costs little: few per address, no more than a small buffer
 * each, and ten seconds to bring a WireGuard handshake that counts.
 */
export class CarrierServer {
  readonly #options: CarrierServerOptions;
  readonly #limits: CarrierLimits;
  readonly #upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAXIMUM_FRAME_BYTES,
    maxFragments: MAXIMUM_FRAGMENTS,
    maxBufferedChunks: MAXIMUM_CHUNKS,
    // A pong for every ping would be a queue without bound.
    autoPong: false,
  });
  /** Oldest first. */
  readonly #unproven = new Map<Carrier, Accepted>();
  readonly #accepted = new Map<Carrier, Accepted>();
  readonly #byAddress = new Map<string, number>();
  readonly #refused: Record<RefusedCarrierReason, number> = { 'carriers-total': 0, 'carriers-per-address': 0 };
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: CarrierServerOptions) {
    this.#options = options;
    this.#limits = {
      total: MAXIMUM_CARRIERS,
      perAddress: MAXIMUM_CARRIERS_PER_ADDRESS,
      unproven: MAXIMUM_UNPROVEN_CARRIERS,
      ...options.limits,
    };
  }

  /** Takes an upgrade request for CARRIER_PATH. Always answers it or cuts it. */
  readonly door: CarrierDoor = (request, socket, head) => {
    const address = addressGroup(request.socket.remoteAddress ?? '');
    const refusal = this.#refusal(address);
    if (refusal) {
      this.#refused[refusal]++;
      // Nobody reads what a refused client says, its end included.
      socket.on('error', () => undefined).once('finish', () => socket.destroy());
      return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
    this.#upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const carrier = this.#options.carriers.add(webSocket);
      webSocket.once('close', () => this.#forget(carrier));
      this.#accept({ carrier, address, usedAtMs: undefined });
    });
  };

  refused(): Readonly<Record<RefusedCarrierReason, number>> {
    return this.#refused;
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
    for (const carrier of [...this.#accepted.keys()]) carrier.end('stopped');
  }

  #refusal(address: string): RefusedCarrierReason | undefined {
    if (this.#accepted.size >= this.#limits.total) return 'carriers-total';
    return (this.#byAddress.get(address) ?? 0) >= this.#limits.perAddress ? 'carriers-per-address' : undefined;
  }

  #accept(accepted: Accepted): void {
    this.#accepted.set(accepted.carrier, accepted);
    this.#byAddress.set(accepted.address, (this.#byAddress.get(accepted.address) ?? 0) + 1);
    this.#unproven.set(accepted.carrier, accepted);
    if (this.#unproven.size > this.#limits.unproven) {
      this.#sweep();
      const [oldest] = this.#unproven.keys();
      if (this.#unproven.size > this.#limits.unproven) oldest?.end('unproven');
    }
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS);
  }

  #forget(carrier: Carrier): void {
    const accepted = this.#accepted.get(carrier);
    if (!accepted) return;
    this.#accepted.delete(carrier);
    this.#unproven.delete(carrier);
    const left = (this.#byAddress.get(accepted.address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(accepted.address, left);
    else this.#byAddress.delete(accepted.address);
    if (this.#accepted.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const accepted of this.#accepted.values()) this.#judge(accepted, nowMs);
  }

  #judge(accepted: Accepted, nowMs: number): void {
    const { carrier } = accepted;
    if (this.#options.node.usesCarrier(carrier.endpoint)) {
      accepted.usedAtMs = nowMs;
      this.#unproven.delete(carrier);
    } else if (accepted.usedAtMs === undefined) {
      if (nowMs - carrier.openedAtMs >= PROOF_MS) carrier.end('unproven');
    } else if (nowMs - accepted.usedAtMs >= UNUSED_MS) carrier.end('unused');
  }
}
