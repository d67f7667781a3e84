/** A plain WireGuard peer of our own: WireguardDevice and Netstack over a real UDP socket, without the overlay. */
import { DatagramBatch, type Endpoint, type IpAddress, parseIpAddress } from '../../../src/base/index.ts';
import { type ConnectionAttempt, Netstack, type NetstackEvent } from '../../../src/core/netstack/index.ts';
import {
  DATA_HEADER_BYTES,
  type PeerHandle,
  SEAL_OVERHEAD_BYTES,
  splitCoalesced,
  WireguardDevice,
} from '../../../src/core/wireguard/index.ts';
import { createClock } from '../../../src/io/clock.ts';
import { createWireguardCrypto } from '../../../src/io/crypto/create-wireguard-crypto.ts';
import { TunnelSocket } from '../../../src/io/overlay/tunnel-socket.ts';
import { createRandom } from '../../../src/io/random.ts';
import { openUdpSocket } from '../../../src/io/udp/open-udp-socket.ts';
import type { UdpReceiver, UdpSocket } from '../../../src/io/udp/udp-socket.ts';

export interface PlainPeerOptions {
  readonly privateKey: Uint8Array;
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly port: number;
  readonly peerKey: Uint8Array;
  readonly peerEndpoint: Endpoint;
}

const BATCH_BYTES = 65_536;
const BATCH_DATAGRAMS = 128;

export class PlainPeer implements UdpReceiver {
  readonly netstack: Netstack;
  /** What is done with streams that come to us, datagrams and echo replies. */
  onAttempt: (attempt: ConnectionAttempt) => void = (attempt) => attempt.refuse();
  onDatagram: (event: Extract<NetstackEvent, { kind: 'datagram' }>) => void = () => undefined;
  onEchoReply: (event: Extract<NetstackEvent, { kind: 'echoReply' }>) => void = () => undefined;
  readonly #clock = createClock();
  readonly #device: WireguardDevice;
  readonly #peer: PeerHandle;
  readonly #mtu: number;
  readonly #batch = new DatagramBatch(BATCH_BYTES, BATCH_DATAGRAMS);
  readonly #cuts = new Int32Array(1025);
  #socket: UdpSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turnAsked = false;

  static async open(options: PlainPeerOptions): Promise<PlainPeer> {
    const crypto = await createWireguardCrypto();
    const peer = new PlainPeer(options, crypto);
    peer.#socket = await openUdpSocket({ address: '0.0.0.0', port: options.port }, peer);
    peer.wake();
    return peer;
  }

  private constructor(options: PlainPeerOptions, crypto: Awaited<ReturnType<typeof createWireguardCrypto>>) {
    const random = createRandom();
    const clock = this.#clock;
    this.#mtu = options.mtu;
    const unixOffsetMs = clock.unixMs() - clock.nowMs();
    this.#device = new WireguardDevice({ privateKey: options.privateKey, crypto, random, unixOffsetMs });
    this.#peer = this.#device.addPeer({ publicKey: options.peerKey, endpoint: options.peerEndpoint });
    const addresses = options.addresses.map(address);
    this.netstack = new Netstack({ addresses, mtu: options.mtu, random, nowMs: clock.nowMs() });
    this.#device.startHandshake(this.#peer, clock.nowMs());
  }

  connect(to: string, port: number, timeoutMs = 10_000): TunnelSocket {
    const nowMs = this.#clock.nowMs();
    const connection = this.netstack.connectTcp({ to: address(to), port, nowMs, timeoutMs });
    this.wake();
    return new TunnelSocket(connection, this, false);
  }

  accept(attempt: ConnectionAttempt): TunnelSocket | undefined {
    const connection = attempt.accept(this.#clock.nowMs());
    this.wake();
    return connection && new TunnelSocket(connection, this, true);
  }

  receive(bytes: Uint8Array, offset: number, length: number, segmentBytes: number, from: Endpoint): void {
    const nowMs = this.#clock.nowMs();
    const count = splitCoalesced(bytes, offset, length, this.#cuts, segmentBytes);
    for (let i = 0; i < count; i++) {
      const at = this.#cuts[i] as number;
      const received = this.#device.receiveDatagram(bytes, at, (this.#cuts[i + 1] as number) - at, from, nowMs);
      if (received.kind === 'packet') this.netstack.receivePacket(bytes, received.offset, received.length, nowMs);
    }
  }

  burstEnded(): void {
    this.#turn();
  }

  wake(): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    process.nextTick(() => this.#turn());
  }

  #turn(): void {
    this.#turnAsked = false;
    this.#dispatch();
    const nowMs = this.#clock.nowMs();
    for (;;) {
      this.#device.poll(this.#batch, nowMs);
      this.#sealPackets(nowMs);
      if (this.#batch.count === 0) break;
      this.#socket?.send(this.#batch);
      this.#batch.clear();
    }
    for (let event = this.#device.nextEvent(); event; event = this.#device.nextEvent());
    this.#dispatch();
    this.#arm(nowMs);
  }

  #sealPackets(nowMs: number): void {
    const roomBytes = this.#mtu + SEAL_OVERHEAD_BYTES + 16;
    while (this.#batch.hasRoomFor(roomBytes)) {
      const length = this.netstack.poll(this.#batch.slab, this.#batch.tail + DATA_HEADER_BYTES, nowMs);
      if (length === 0) return;
      this.#device.sealInto(this.#peer, this.#batch, length, nowMs, this.#mtu);
    }
  }

  #dispatch(): void {
    for (let event = this.netstack.nextEvent(); event; event = this.netstack.nextEvent()) this.#deliver(event);
  }

  #deliver(event: NetstackEvent): void {
    if (event.kind === 'accept') this.onAttempt(event.attempt);
    else if (event.kind === 'datagram') this.onDatagram(event);
    else if (event.kind === 'echoReply') this.onEchoReply(event);
    else if (event.kind !== 'withdrawn') (event.connection.user as TunnelSocket | undefined)?.deliver(event);
  }

  #arm(nowMs: number): void {
    clearTimeout(this.#timer);
    const never = Number.POSITIVE_INFINITY;
    const atMs = Math.min(this.#device.nextDeadlineMs() ?? never, this.netstack.nextDeadlineMs() ?? never);
    if (atMs < never) this.#timer = setTimeout(() => this.#turn(), Math.max(0, Math.ceil(atMs - nowMs)));
  }
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}
