/** Our device on a real UDP socket with real time, answering what a test sends through it. For interop tests. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DatagramBatch, type Endpoint, ipAddress, parseEndpoint, parseIpAddress } from '../../src/base/index.ts';
import {
  DATA_HEADER_BYTES,
  type PeerHandle,
  type PeerOptions,
  type WireguardCrypto,
  WireguardDevice,
  type WireguardEvent,
  type WireguardLimits,
} from '../../src/core/wireguard/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createRandom } from '../../src/io/random.ts';
import { echoReply, echoRequest, isEchoReply, isUdp, swappedUdp } from './inner-packets.ts';

const clock = createClock();
const MTU = 1420;

export class WireguardNode {
  readonly device: WireguardDevice;
  readonly events: WireguardEvent[] = [];
  readonly innerAddress: string;
  readonly #batch = new DatagramBatch(1 << 18, 128);
  readonly #hostAddress: string;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pings = new Map<number, () => void>();
  #nextPing = 1;

  constructor(crypto: WireguardCrypto, hostAddress: string, innerAddress: string, limits?: Partial<WireguardLimits>) {
    const random = createRandom();
    this.#hostAddress = hostAddress;
    this.innerAddress = innerAddress;
    this.device = new WireguardDevice({
      privateKey: random.bytes(32),
      crypto,
      random,
      unixOffsetMs: clock.unixMs() - clock.nowMs(),
      ...(limits && { limits }),
    });
  }

  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  addPeer(options: Omit<PeerOptions, 'endpoint'> & { readonly endpoint?: string }): PeerHandle {
    const { endpoint, ...rest } = options;
    const parsed = endpoint === undefined ? undefined : parseEndpoint(endpoint);
    return this.device.addPeer({ ...rest, ...(parsed && { endpoint: parsed }) });
  }

  /** Opens the socket; a second call moves to another port, as a roaming node does. */
  async open(): Promise<void> {
    const previous = this.#socket;
    const socket = createSocket('udp4');
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    socket.bind(0, this.#hostAddress);
    await once(socket, 'listening');
    this.#socket = socket;
    previous?.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  startHandshake(peer: PeerHandle): void {
    this.device.startHandshake(peer, clock.nowMs());
    this.#drain();
  }

  /** Sends an ICMP echo request through the tunnel; fulfilled by its reply. */
  ping(peer: PeerHandle, to: string): Promise<void> {
    const sequence = this.#nextPing++;
    const answered = new Promise<void>((resolve) => this.#pings.set(sequence, resolve));
    this.#send(peer, echoRequest(this.innerAddress, to, sequence));
    return answered;
  }

  #send(peer: PeerHandle, packet: Uint8Array): void {
    this.#batch.slab.set(packet, this.#batch.tail + DATA_HEADER_BYTES);
    this.device.sealInto(peer, this.#batch, packet.length, clock.nowMs(), MTU);
    this.#drain();
  }

  #receive(bytes: Buffer, info: RemoteInfo): void {
    const address = parseIpAddress(info.address) ?? ipAddress(new Uint8Array(4));
    const from: Endpoint = { address, port: info.port };
    const received = this.device.receiveDatagram(bytes, 0, bytes.length, from, clock.nowMs());
    if (received.kind === 'packet') {
      const { peer, offset, length } = received;
      this.#packet(peer, bytes.subarray(offset, offset + length));
    }
    this.#drain();
  }

  #packet(peer: PeerHandle, packet: Uint8Array): void {
    const sequence = isEchoReply(packet);
    if (sequence !== undefined) {
      this.#pings.get(sequence)?.();
      this.#pings.delete(sequence);
      return;
    }
    const answer = isUdp(packet) ? swappedUdp(packet) : echoReply(packet);
    if (answer) this.#send(peer, answer);
  }

  /** Sends what is ready, then arms the one timer. */
  #drain(): void {
    const batch = this.#batch;
    do {
      this.device.poll(batch, clock.nowMs());
      for (let i = 0; i < batch.count; i++) {
        const to = batch.endpointOf(i);
        this.#socket?.send(Buffer.from(batch.bytesOf(i)), to.port, to.address.text);
      }
      if (batch.count === 0) break;
      batch.clear();
    } while (this.#socket);
    for (let event = this.device.nextEvent(); event; event = this.device.nextEvent()) this.events.push(event);
    clearTimeout(this.#timer);
    const deadlineMs = this.device.nextDeadlineMs();
    if (deadlineMs !== undefined)
      this.#timer = setTimeout(() => this.#drain(), Math.max(0, deadlineMs - clock.nowMs()));
  }
}
