import type { Endpoint } from '../../base/index.ts';
import type { UdpSocket } from '../../core/netstack/index.ts';

/** What a socket asks of its driver. */
interface Waker {
  wake(): void;
}

/** Takes the payload of a packet; it is the taker's own. */
export type DatagramTaker = (payload: Uint8Array, from: Endpoint) => void;

/** A UDP port of our own address on the overlay. */
export class DatagramSocket {
  readonly port: number;
  readonly #socket: UdpSocket;
  readonly #driver: Waker;
  readonly #take: DatagramTaker;

  constructor(socket: UdpSocket, driver: Waker, take: DatagramTaker) {
    this.port = socket.local.port;
    this.#socket = socket;
    this.#driver = driver;
    this.#take = take;
    socket.user = this;
  }

  /** False where it does not fit a packet, or too much waits to be sent. */
  send(payload: Uint8Array, to: Endpoint): boolean {
    const isTaken = this.#socket.send(payload, to);
    this.#driver.wake();
    return isTaken;
  }

  close(): void {
    this.#socket.close();
  }

  /** Takes what waits. Called by the driver alone. */
  deliver(): void {
    for (let next = this.#socket.receive(); next; next = this.#socket.receive()) this.#take(next.payload, next.from);
  }
}
