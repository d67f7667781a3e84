import type { Socket } from 'node:net';
import { addressGroup } from '../address-group.ts';
import { TCP_IDLE_MS } from './constants.ts';

interface Held {
  readonly socket: Socket;
  readonly group: string;
  idle: NodeJS.Timeout;
}

/**
 * The TCP connections of a name server. Who comes when all places are taken gets that of the one that was answered
 * longest ago (RFC 7766 section 6.2.2 and 6.2.3): a question takes one round trip, so whoever holds places without
 * asking keeps out nobody.
 */
export class DnsConnections {
  readonly #total: number;
  readonly #perAddress: number;
  readonly #evicted: () => void;
  /** In the order of their last answer, or of their beginning. */
  readonly #held = new Map<Socket, Held>();
  readonly #byGroup = new Map<string, number>();

  constructor(total: number, perAddress: number, evicted: () => void) {
    this.#total = total;
    this.#perAddress = perAddress;
    this.#evicted = evicted;
  }

  admit(socket: Socket): void {
    const group = addressGroup(socket.remoteAddress ?? '');
    if ((this.#byGroup.get(group) ?? 0) >= this.#perAddress) this.#evict((held) => held.group === group);
    else if (this.#held.size >= this.#total) this.#evict(() => true);
    this.#held.set(socket, { socket, group, idle: this.#closeLater(socket) });
    this.#byGroup.set(group, (this.#byGroup.get(group) ?? 0) + 1);
    socket.once('close', () => this.#remove(socket));
  }

  /** It asked a whole question and gets its answer; bytes that make up none do not count. */
  answered(socket: Socket): void {
    const held = this.#held.get(socket);
    if (!held) return;
    clearTimeout(held.idle);
    held.idle = this.#closeLater(socket);
    this.#held.delete(socket);
    this.#held.set(socket, held);
  }

  close(): void {
    for (const socket of [...this.#held.keys()]) this.#remove(socket);
  }

  #evict(fits: (held: Held) => boolean): void {
    for (const held of this.#held.values()) {
      if (!fits(held)) continue;
      this.#evicted();
      this.#remove(held.socket);
      return;
    }
  }

  #closeLater(socket: Socket): NodeJS.Timeout {
    return setTimeout(() => this.#remove(socket), TCP_IDLE_MS);
  }

  /** Its place is free at once, not only when the system has closed it. */
  #remove(socket: Socket): void {
    const held = this.#held.get(socket);
    if (!held) return;
    this.#held.delete(socket);
    clearTimeout(held.idle);
    const left = (this.#byGroup.get(held.group) ?? 1) - 1;
    if (left > 0) this.#byGroup.set(held.group, left);
    else this.#byGroup.delete(held.group);
    socket.destroy();
  }
}
