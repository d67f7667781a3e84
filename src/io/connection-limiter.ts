import type { Socket } from 'node:net';
import { addressGroup } from './address-group.ts';

export type RefusedConnectionReason = 'connections-total' | 'connections-per-address';

/** Counts open connections over several listeners and refuses what is too much. */
export class ConnectionLimiter {
  #open = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #total: number;
  readonly #perAddress: number;
  readonly #refused: (reason: RefusedConnectionReason) => void;

  constructor(total: number, perAddress: number, refused: (reason: RefusedConnectionReason) => void) {
    this.#total = total;
    this.#perAddress = perAddress;
    this.#refused = refused;
  }

  get open(): number {
    return this.#open;
  }

  /** Admits a new connection until it closes, or destroys it. */
  admit(socket: Socket): void {
    const key = addressGroup(socket.remoteAddress ?? '');
    const held = this.#byAddress.get(key) ?? 0;
    const reason =
      this.#open >= this.#total
        ? 'connections-total'
        : held >= this.#perAddress
          ? 'connections-per-address'
          : undefined;
    if (reason) {
      this.#refused(reason);
      socket.destroy();
      return;
    }
    this.#open++;
    this.#byAddress.set(key, held + 1);
    socket.on('close', () => {
      this.#open--;
      const left = (this.#byAddress.get(key) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(key, left);
      else this.#byAddress.delete(key);
    });
  }
}
