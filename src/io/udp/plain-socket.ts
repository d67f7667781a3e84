import dgram from 'node:dgram';
import type { DatagramBatch, Endpoint } from '../../base/index.ts';
import { SEND_BACKLOG_DATAGRAMS, SOCKET_BUFFER_BYTES } from './constants.ts';
import { endpointOf, Senders } from './senders.ts';
import type { UdpCounters, UdpReceiver, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/** One datagram a call, on every platform: node:dgram and nothing else. */
export class PlainUdpSocket implements UdpSocket {
  readonly kind = 'plain';
  readonly dontFragment = false;
  readonly local: Endpoint;
  readonly counters: UdpCounters = {
    sentDatagrams: 0,
    sendCalls: 0,
    sendDropped: 0,
    receivedCalls: 0,
    receivedBytes: 0,
  };
  readonly #socket: dgram.Socket;
  readonly #receiver: UdpReceiver;
  readonly #connectedTo: Endpoint | undefined;
  readonly #senders = new Senders();
  #burstPending = false;
  #underway = 0;
  #closed = false;

  static async open(options: UdpSocketOptions, receiver: UdpReceiver): Promise<PlainUdpSocket> {
    const { address, port, carries, connectedTo } = options;
    const isIpv6 = address.includes(':');
    const socket = dgram.createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 && carries === 'datagrams' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    if (connectedTo)
      await new Promise<void>((resolve) => socket.connect(connectedTo.port, connectedTo.address.text, () => resolve()));
    return new PlainUdpSocket(socket, receiver, connectedTo);
  }

  private constructor(socket: dgram.Socket, receiver: UdpReceiver, connectedTo: Endpoint | undefined) {
    this.#connectedTo = connectedTo;
    this.#socket = socket;
    this.#receiver = receiver;
    const { address, port } = socket.address();
    this.local = endpointOf(address, port);
    growBuffers(socket);
    socket.on('error', () => this.#receiver.refused?.());
    socket.on('message', (message, sender) => this.#received(message, sender.address, sender.port));
  }

  send(batch: DatagramBatch): void {
    for (let i = 0; i < batch.count && !this.#closed; i++) {
      if (this.#underway >= SEND_BACKLOG_DATAGRAMS) {
        this.counters.sendDropped += batch.count - i;
        return;
      }
      const { address, port } = batch.endpointOf(i);
      // Whoever sends from port 0 cannot be answered, and node:dgram throws where one tries.
      if (port === 0) {
        this.counters.sendDropped++;
        continue;
      }
      this.#underway++;
      this.counters.sendCalls++;
      const host = this.local.address.version === 6 && address.version === 4 ? `::ffff:${address.text}` : address.text;
      // dgram sends asynchronously where the kernel's buffer is full, so the bytes must be its own.
      const bytes = batch.bytesOf(i).slice();
      const sent = (error: Error | null): void => {
        this.#underway--;
        if (error) this.counters.sendDropped++;
        else this.counters.sentDatagrams++;
      };
      if (this.#connectedTo) this.#socket.send(bytes, sent);
      else this.#socket.send(bytes, port, host, sent);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #received(message: Buffer, address: string, port: number): void {
    this.counters.receivedCalls++;
    this.counters.receivedBytes += message.length;
    this.#receiver.receive(message, 0, message.length, message.length, this.#senders.of(address, port));
    if (this.#burstPending) return;
    this.#burstPending = true;
    setImmediate(() => {
      this.#burstPending = false;
      if (!this.#closed) this.#receiver.burstEnded();
    });
  }
}

/** Asks for large kernel buffers; what is granted is up to the machine. */
export function growBuffers(socket: dgram.Socket): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
  } catch {
    // A machine that refuses keeps its default; the counters show what that costs.
  }
}
