import { DatagramBatch, type Endpoint } from '../../base/index.ts';
import type { UdpReceiver, UdpSocket } from './udp-socket.ts';

/** Which places are cut off, for a drill. Asked for each run of datagrams. */
export interface Unplugged {
  has(endpoint: Endpoint): boolean;
}

/** A socket whose cable to some places is unplugged: nothing goes there, nothing comes from there, nobody is told. */
export class UnpluggedSocket implements UdpSocket {
  readonly #socket: UdpSocket;
  readonly #unplugged: Unplugged;

  constructor(socket: UdpSocket, unplugged: Unplugged) {
    this.#socket = socket;
    this.#unplugged = unplugged;
  }

  /** What the socket hands up goes through this to the receiver. */
  static receiver(receiver: UdpReceiver, unplugged: Unplugged): UdpReceiver {
    return {
      receive: (bytes, offset, length, segmentBytes, from) => {
        if (!unplugged.has(from)) receiver.receive(bytes, offset, length, segmentBytes, from);
      },
      burstEnded: () => receiver.burstEnded(),
    };
  }

  get local() {
    return this.#socket.local;
  }

  get kind() {
    return this.#socket.kind;
  }

  get counters() {
    return this.#socket.counters;
  }

  get dontFragment() {
    return this.#socket.dontFragment;
  }

  send(batch: DatagramBatch): void {
    const passing: number[] = [];
    for (let i = 0; i < batch.count; i++) if (!this.#unplugged.has(batch.endpointOf(i))) passing.push(i);
    if (passing.length === batch.count) {
      this.#socket.send(batch);
      return;
    }
    if (passing.length === 0) return;
    const left = new DatagramBatch(batch.slab.length, passing.length);
    for (const index of passing) left.appendCopy(batch.bytesOf(index), batch.endpointOf(index));
    this.#socket.send(left);
  }

  close(): Promise<void> {
    return this.#socket.close();
  }
}
