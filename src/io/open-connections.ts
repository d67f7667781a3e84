import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The connections of a listener, from their first byte to their end, and which of them are carriers. */
export class OpenConnections {
  readonly #open = new Set<Socket>();
  /** One for all connections. */
  readonly #closed: (this: Socket) => void;
  #carriers = 0;
  #isEnding = false;

  constructor() {
    const closed = (socket: Socket): void => {
      this.#open.delete(socket);
      this.#look();
    };
    this.#closed = function forget() {
      closed(this);
    };
  }

  add(socket: Socket): void {
    this.#open.add(socket);
    // `once` holds more, and it closes but once.
    socket.on('close', this.#closed);
  }

  /** One of them is a carrier from now on: it stays for as long as clients do, since what they read may come by it. */
  carrierOpened(stream: Duplex): void {
    this.#carriers++;
    stream.once('close', () => {
      this.#carriers--;
    });
    this.#look();
  }

  /** Cuts the carriers once nothing else is open. */
  cutCarriersAtLast(): void {
    this.#isEnding = true;
    this.#look();
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #look(): void {
    if (this.#isEnding && this.#open.size <= this.#carriers) this.cut();
  }
}
