/** A plain WireGuard machine with a network behind it, over UDP on the loopback address: what its kernel would do. */
import { type DatagramBatch, type Endpoint, ipAddress, parseIpAddress, toBase64 } from '../base/index.ts';
import type { DeviceRecord } from '../core/link/index.ts';
import { type ConnectionAttempt, Netstack } from '../core/netstack/index.ts';
import type { OverlayNode } from '../core/overlay/index.ts';
import { DATA_HEADER_BYTES, type PeerHandle, WireguardDevice } from '../core/wireguard/index.ts';
import { createClock } from '../io/clock.ts';
import { createWireguardCrypto } from '../io/crypto/create-wireguard-crypto.ts';
import { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { createRandom } from '../io/random.ts';
import { openUdpSocket } from '../io/udp/open-udp-socket.ts';

const clock = createClock();
const random = createRandom();
/** What every path takes. */
const MTU = 1280;

export interface LoopbackDeviceOptions {
  readonly own: string;
  /** Addresses of its network. */
  readonly behind: readonly string[];
}

export class LoopbackDevice {
  readonly driver: OverlayDriver;
  readonly wireguard: WireguardDevice;
  readonly #options: LoopbackDeviceOptions;
  readonly #node: PlainNode;
  /** What happens to streams; they are refused until a test says otherwise. */
  onAttempt: (attempt: ConnectionAttempt) => void = (attempt) => attempt.refuse();

  static async open(options: LoopbackDeviceOptions): Promise<LoopbackDevice> {
    const wireguard = new WireguardDevice({
      privateKey: random.bytes(32),
      crypto: await createWireguardCrypto(),
      random,
      unixOffsetMs: clock.unixMs() - clock.nowMs(),
    });
    const device = new LoopbackDevice(options, wireguard);
    device.driver.start(await openUdpSocket({ address: '127.0.0.1', port: 0 }, device.driver));
    return device;
  }

  private constructor(options: LoopbackDeviceOptions, wireguard: WireguardDevice) {
    this.#options = options;
    this.wireguard = wireguard;
    const addresses = [options.own, ...options.behind].map(
      (text) => parseIpAddress(text) ?? ipAddress(new Uint8Array(4)),
    );
    const netstack = new Netstack({ addresses, mtu: MTU, random, nowMs: clock.nowMs() });
    netstack.listenAllTcp({ backlog: 64 });
    this.#node = new PlainNode(wireguard, netstack);
    this.driver = new OverlayDriver({
      clock,
      node: this.#node as unknown as OverlayNode,
      onTunnel: () => undefined,
      onAttempt: (attempt) => {
        this.onAttempt(attempt);
        this.driver.wake();
      },
    });
  }

  /** As control would publish it. */
  record(id: string, popId: string, targets: DeviceRecord['targets'], siteId = 'site-1'): DeviceRecord {
    const wireguardKey = toBase64(this.wireguard.publicKey);
    const { own: overlayAddress } = this.#options;
    return { kind: 'device', id, name: id, siteId, wireguardKey, overlayAddress, popId, targets };
  }

  /** Calls a PoP, as its configuration says. */
  dials(publicKey: Uint8Array, endpoint: Endpoint): void {
    this.#node.peer = this.wireguard.addPeer({ publicKey, endpoint, persistentKeepaliveMs: 25_000 });
    this.driver.wake();
  }

  /** Leaves its PoP without a word. */
  leaves(): void {
    if (this.#node.peer) this.wireguard.removePeer(this.#node.peer);
    this.#node.peer = undefined;
  }

  /** The next stream to a target behind it. */
  nextStream(): Promise<TunnelSocket> {
    return new Promise((resolve) => {
      this.onAttempt = (attempt) => {
        const stream = this.driver.accept(attempt);
        if (stream) resolve(stream);
      };
    });
  }
}

/** As much of an overlay node as its driver asks for, without anything that only Manis knows. */
class PlainNode {
  readonly netstack: Netstack;
  peer: PeerHandle | undefined;
  readonly #device: WireguardDevice;

  constructor(device: WireguardDevice, netstack: Netstack) {
    this.#device = device;
    this.netstack = netstack;
  }

  searchMtu(): void {}

  nextTunnelEvent(): undefined {
    return undefined;
  }

  receive(bytes: Uint8Array, at: number, length: number, segmentBytes: number, from: Endpoint, nowMs: number): void {
    const step = segmentBytes || length;
    for (let offset = 0; offset < length; offset += step) {
      const size = Math.min(step, length - offset);
      const received = this.#device.receiveDatagram(bytes, at + offset, size, from, nowMs);
      if (received.kind === 'packet')
        this.netstack.receivePacket(bytes, received.offset, packetBytes(bytes, received.offset), nowMs);
    }
  }

  poll(batch: DatagramBatch, nowMs: number): void {
    this.#device.poll(batch, nowMs);
    while (this.#device.nextEvent()) {}
    while (this.peer && batch.hasRoomFor(MTU + 64)) {
      const length = this.netstack.poll(batch.slab, batch.tail + DATA_HEADER_BYTES, nowMs);
      if (length === 0) break;
      this.#device.sealInto(this.peer, batch, length, nowMs, MTU);
    }
  }

  nextDeadlineMs(): number {
    return Math.min(this.#device.nextDeadlineMs() ?? Infinity, this.netstack.nextDeadlineMs() ?? Infinity);
  }
}

/** Of an IPv4 packet, without WireGuard's padding. */
function packetBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}
