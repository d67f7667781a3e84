import { DatagramBatch, type Endpoint } from '../../base/index.ts';
import { OUTBOX_BYTES, OUTBOX_DATAGRAMS } from './constants.ts';
import type { UdpSocket } from './udp-socket.ts';

/**
 * What sockets have to say in one turn of the program leaves at its end, in as few calls as can be. Many sockets share one,
 * so that each needs no room of its own; those that take turns gain nothing by it.
 */
export class DatagramOutbox {
  readonly #batch = new DatagramBatch(OUTBOX_BYTES, OUTBOX_DATAGRAMS);
  #socket: UdpSocket | undefined;

  /** The bytes are copied. What no datagram can hold is dropped. */
  post(socket: UdpSocket, bytes: Uint8Array, to: Endpoint): void {
    if (bytes.length > OUTBOX_BYTES) return;
    if (this.#socket !== undefined && (this.#socket !== socket || !this.#batch.hasRoomFor(bytes.length))) this.#flush();
    if (this.#socket === undefined) queueMicrotask(() => this.#flush());
    this.#socket = socket;
    this.#batch.appendCopy(bytes, to);
  }

  #flush(): void {
    this.#socket?.send(this.#batch);
    this.#socket = undefined;
    this.#batch.clear();
  }
}
