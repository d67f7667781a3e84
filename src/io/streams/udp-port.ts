import { type Endpoint, parseIpAddress } from '../../base/index.ts';
import { resolveName } from '../resolve.ts';
import type { DatagramOutbox } from '../udp/datagram-outbox.ts';
import { openUdpSocket } from '../udp/open-udp-socket.ts';
import type { UdpReceiver, UdpSocket } from '../udp/udp-socket.ts';
import { type ListenRefusal, type OpenPort, refusalOf } from './tcp-listener.ts';

/** A UDP port of this machine. */
export interface UdpPort extends OpenPort {
  /** Nothing is sent once it is closed: sessions that began here may have answers to come. */
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** Listens for datagrams, which are lent: they are overwritten after the call returns. */
export async function listenUdp(
  host: string,
  port: number,
  outbox: DatagramOutbox,
  take: (bytes: Uint8Array, from: Endpoint) => void,
): Promise<UdpPort | ListenRefusal> {
  const receiver: UdpReceiver = {
    // Whoever sends from port 0 cannot be answered.
    receive: (bytes, offset, length, _segmentBytes, from) =>
      from.port > 0 && take(bytes.subarray(offset, offset + length), from),
    burstEnded: () => undefined,
  };
  let socket: UdpSocket;
  try {
    socket = await openUdpSocket({ address: host, port, carries: 'datagrams' }, receiver);
  } catch (error) {
    return refusalOf((error as Error).cause as NodeJS.ErrnoException);
  }
  let isOpen = true;
  return {
    port: socket.local.port,
    send: (bytes, to) => isOpen && outbox.post(socket, bytes, to),
    close: () => {
      isOpen = false;
      return socket.close();
    },
  };
}

export interface TargetEvents {
  /** It is there: what is sent from now on leaves. */
  opened(): void;
  /** Bytes are lent, as above. */
  take(bytes: Uint8Array): void;
  /** The name is unknown, or nobody is there (ICMP): the client hears nothing, as it would of a host that is gone. */
  failed(): void;
}

/** A socket of its own to one target, which hears of nobody else. A name is looked up once, and IPv4 is taken where it has both. */
export class TargetSocket {
  readonly host: string;
  readonly port: number;
  readonly #outbox: DatagramOutbox;
  readonly #events: TargetEvents;
  #open: { readonly socket: UdpSocket; readonly to: Endpoint } | undefined;
  #isClosed = false;

  constructor(host: string, port: number, outbox: DatagramOutbox, events: TargetEvents) {
    this.host = host;
    this.port = port;
    this.#outbox = outbox;
    this.#events = events;
    this.#begin().catch(() => this.#fail());
  }

  send(bytes: Uint8Array): void {
    if (this.#open) this.#outbox.post(this.#open.socket, bytes, this.#open.to);
  }

  close(): void {
    this.#isClosed = true;
    void this.#open?.socket.close();
    this.#open = undefined;
  }

  async #begin(): Promise<void> {
    const address = parseIpAddress(this.host) ?? (await resolveName(this.host, 'ipv4first'));
    if (!address) return this.#fail();
    const to = { address, port: this.port };
    const receiver: UdpReceiver = {
      receive: (bytes, offset, length) => !this.#isClosed && this.#events.take(bytes.subarray(offset, offset + length)),
      burstEnded: () => undefined,
      refused: () => this.#fail(),
    };
    const any = address.version === 6 ? '::' : '0.0.0.0';
    const socket = await openUdpSocket({ address: any, port: 0, carries: 'datagrams', connectedTo: to }, receiver);
    if (this.#isClosed) return void socket.close();
    this.#open = { socket, to };
    this.#events.opened();
  }

  #fail(): void {
    if (!this.#isClosed) this.#events.failed();
  }
}
