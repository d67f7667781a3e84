import type { Endpoint, IpAddress } from '../../base/index.ts';
import type { UdpDatagram, UdpSocket } from './api.ts';
import { UDP_QUEUE_BYTES, UDP_QUEUE_DATAGRAMS } from './constants.ts';
import type { ControlPackets } from './control-packets.ts';
import type { EventEntry, EventQueue } from './stack-resources.ts';
import { ipHeaderBytes } from './wire/ip.ts';
import { UDP_HEADER_BYTES } from './wire/udp.ts';

/** What sockets need of their stack. */
export interface UdpHost {
  readonly packets: ControlPackets;
  readonly events: EventQueue<EventEntry>;
  readonly mtu: number;
  sourceFor(address: IpAddress): IpAddress | undefined;
}

/** A bound UDP port with a bounded queue of received datagrams. */
export class BoundUdpSocket implements UdpSocket, EventEntry {
  readonly local: { readonly address: IpAddress | undefined; readonly port: number };
  user: unknown = undefined;
  pendingEvents = 0;
  isEventQueued = false;
  readonly #host: UdpHost;
  readonly #unbind: () => void;
  #queue: UdpDatagram[] = [];
  #first = 0;
  #queuedBytes = 0;
  #isRaised = false;
  #isClosed = false;

  constructor(address: IpAddress | undefined, port: number, host: UdpHost, unbind: () => void) {
    this.local = { address, port };
    this.#host = host;
    this.#unbind = unbind;
  }

  send(payload: Uint8Array, to: Endpoint, from?: IpAddress): boolean {
    const source = from ?? this.local.address ?? this.#host.sourceFor(to.address);
    if (this.#isClosed || !source || source.version !== to.address.version) return false;
    if (ipHeaderBytes(source.version) + UDP_HEADER_BYTES + payload.length > this.#host.mtu) return false;
    return this.#host.packets.sendUdp({ address: source, port: this.local.port }, to, payload);
  }

  receive(): UdpDatagram | undefined {
    const datagram = this.#queue[this.#first];
    if (!datagram) {
      this.#queue = [];
      this.#first = 0;
      this.#isRaised = false;
      return undefined;
    }
    this.#first++;
    this.#queuedBytes -= datagram.payload.length;
    return datagram;
  }

  /** Queues a datagram; false when the queue is full. The payload is copied. */
  deliver(payload: Uint8Array, from: Endpoint, to: Endpoint): boolean {
    const isFull = this.#queue.length - this.#first >= UDP_QUEUE_DATAGRAMS;
    if (isFull || this.#queuedBytes + payload.length > UDP_QUEUE_BYTES) return false;
    // The read part is cut off here too: a program that always leaves one behind must not make the array grow.
    if (this.#first > UDP_QUEUE_DATAGRAMS) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    this.#queue.push({ payload: payload.slice(), from, to });
    this.#queuedBytes += payload.length;
    if (!this.#isRaised) {
      this.#isRaised = true;
      this.#host.events.raise(this, 1);
    }
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.pendingEvents = 0;
    this.#unbind();
  }
}

/** Sockets by port, the ones bound to an address before the ones bound to all. */
export class UdpSockets {
  readonly #byKey = new Map<string, BoundUdpSocket>();

  bind(port: number, address: IpAddress | undefined, host: UdpHost): BoundUdpSocket {
    const key = keyOf(port, address);
    if (this.#byKey.has(key)) throw new Error(`UDP port ${port} is bound already`);
    const socket = new BoundUdpSocket(address, port, host, () => this.#byKey.delete(key));
    this.#byKey.set(key, socket);
    return socket;
  }

  isFree(port: number, address: IpAddress | undefined): boolean {
    return !this.#byKey.has(keyOf(port, address));
  }

  find(port: number, address: IpAddress): BoundUdpSocket | undefined {
    return this.#byKey.get(keyOf(port, address)) ?? this.#byKey.get(keyOf(port, undefined));
  }
}

function keyOf(port: number, address: IpAddress | undefined): string {
  return address ? `${port} ${address.text}` : String(port);
}
