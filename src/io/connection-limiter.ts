import type { Socket } from 'node:net';
import { addressGroup } from './address-group.ts';
import type { RecentConnections, TooOftenReason } from './connection-rates.ts';

const COUNTED_AS = Symbol('the address that a connection counts for');
type CountedSocket = Socket & { [COUNTED_AS]: string };

export type RefusedConnectionReason = 'connections-total' | 'connections-per-address' | TooOftenReason;

/** Counts open connections over several listeners and refuses what is too much. */
export class ConnectionLimiter {
  #open = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #total: number;
  readonly #perAddress: number;
  readonly #refused: (reason: RefusedConnectionReason) => void;
  readonly #recent: RecentConnections | undefined;
  /** One for all connections. */
  readonly #closed: (this: Socket) => void;

  /** @param recent left out: whoever has none open may come as often as they like. */
  constructor(
    total: number,
    perAddress: number,
    refused: (reason: RefusedConnectionReason) => void,
    recent?: RecentConnections,
  ) {
    this.#total = total;
    this.#perAddress = perAddress;
    this.#refused = refused;
    this.#recent = recent;
    const left = (key: string): void => this.#left(key);
    this.#closed = function closed() {
      left((this as CountedSocket)[COUNTED_AS]);
    };
  }

  get open(): number {
    return this.#open;
  }

  /** Admits a new connection until it closes, or destroys it. */
  admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const key = addressGroup(address);
    const held = this.#byAddress.get(key) ?? 0;
    const reason =
      this.#open >= this.#total
        ? 'connections-total'
        : held >= this.#perAddress
          ? 'connections-per-address'
          : this.#recent?.count(address);
    if (reason) {
      this.#refused(reason);
      socket.destroy();
      return;
    }
    this.#open++;
    this.#byAddress.set(key, held + 1);
    (socket as CountedSocket)[COUNTED_AS] = key;
    socket.on('close', this.#closed);
  }

  #left(key: string): void {
    this.#open--;
    const left = (this.#byAddress.get(key) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(key, left);
    else this.#byAddress.delete(key);
  }
}
