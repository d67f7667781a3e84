/** WireGuard devices joined by a simulated network under a virtual clock. For tests of core/wireguard and what uses it. */
import { DatagramBatch, type Endpoint, formatEndpoint, parseEndpoint, type Random } from '../base/index.ts';
import {
  DATA_HEADER_BYTES,
  type PeerHandle,
  type WireguardCrypto,
  WireguardDevice,
  type WireguardDeviceOptions,
  type WireguardEventKind,
} from '../core/wireguard/index.ts';

/** A datagram on its way. */
export interface Flight {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  arrivesMs: number;
}

export class SimulatedNode {
  readonly device: WireguardDevice;
  endpoint: Endpoint;
  /** Packets that came in, whole (with padding). */
  readonly packets: Uint8Array[] = [];
  /** Events with their time. */
  readonly events: { readonly atMs: number; readonly kind: WireguardEventKind; readonly peer: PeerHandle }[] = [];
  readonly batch = new DatagramBatch(1 << 17, 256);

  constructor(device: WireguardDevice, endpoint: Endpoint) {
    this.device = device;
    this.endpoint = endpoint;
  }

  /** Puts a packet into the tunnel. */
  send(peer: PeerHandle, packet: Uint8Array, nowMs: number): boolean {
    this.batch.slab.set(packet, this.batch.tail + DATA_HEADER_BYTES);
    return this.device.sealInto(peer, this.batch, packet.length, nowMs);
  }

  eventKinds(): WireguardEventKind[] {
    return this.events.map((event) => event.kind);
  }
}

const MAX_STEPS_AT_ONE_TIME = 1000;

export class WireguardWorld {
  nowMs = 1_000_000;
  delayMs = 10;
  readonly nodes: SimulatedNode[] = [];
  /** Everything that was ever sent, in order. */
  readonly sent: Flight[] = [];
  /** Decides on each datagram; may change its arrival. False: lost. */
  passes: (flight: Flight) => boolean = () => true;
  readonly #flights: Flight[] = [];
  readonly #crypto: WireguardCrypto;
  readonly #random: Random;

  constructor(crypto: WireguardCrypto, random: Random) {
    this.#crypto = crypto;
    this.#random = random;
  }

  addNode(endpoint: string, options: Partial<WireguardDeviceOptions> = {}): SimulatedNode {
    const parsed = parseEndpoint(endpoint);
    if (!parsed) throw new Error(endpoint);
    const device = new WireguardDevice({
      privateKey: this.#random.bytes(32),
      crypto: this.#crypto,
      random: this.#random,
      unixOffsetMs: 1_700_000_000_000,
      ...options,
    });
    const node = new SimulatedNode(device, parsed);
    this.nodes.push(node);
    return node;
  }

  /** Puts a datagram on its way as if `from` had sent it. */
  inject(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    this.#launch({ bytes: Uint8Array.from(bytes), from, to, arrivesMs: this.nowMs + this.delayMs });
  }

  /** Lets time pass, event by event. */
  run(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    let steps = 0;
    for (;;) {
      this.#collect();
      const nextMs = this.#nextMs();
      if (nextMs > untilMs) break;
      steps = nextMs > this.nowMs ? 0 : steps + 1;
      if (steps > MAX_STEPS_AT_ONE_TIME) throw new Error(`time stands still at ${this.nowMs}`);
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#deliver();
    }
    this.nowMs = untilMs;
  }

  #nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const flight of this.#flights) next = Math.min(next, flight.arrivesMs);
    for (const node of this.nodes) next = Math.min(next, node.device.nextDeadlineMs() ?? next);
    return next;
  }

  /** Pulls everything that the devices have to send or say. */
  #collect(): void {
    for (const node of this.nodes) {
      for (;;) {
        node.device.poll(node.batch, this.nowMs);
        if (node.batch.count === 0) break;
        for (let i = 0; i < node.batch.count; i++) {
          const bytes = Uint8Array.from(node.batch.bytesOf(i));
          const arrivesMs = this.nowMs + this.delayMs;
          this.#launch({ bytes, from: node.endpoint, to: node.batch.endpointOf(i), arrivesMs });
        }
        node.batch.clear();
      }
      for (let event = node.device.nextEvent(); event; event = node.device.nextEvent())
        node.events.push({ atMs: this.nowMs, ...event });
    }
  }

  #launch(flight: Flight): void {
    this.sent.push(flight);
    if (this.passes(flight)) this.#flights.push(flight);
  }

  #deliver(): void {
    const arrived = this.#flights.filter((flight) => flight.arrivesMs <= this.nowMs);
    for (const flight of arrived) {
      this.#flights.splice(this.#flights.indexOf(flight), 1);
      const node = this.nodes.find(({ endpoint }) => formatEndpoint(endpoint) === formatEndpoint(flight.to));
      // The device decrypts in place, and `sent` keeps what was on the wire.
      const bytes = Uint8Array.from(flight.bytes);
      const received = node?.device.receiveDatagram(bytes, 0, bytes.length, flight.from, this.nowMs);
      if (received?.kind === 'packet')
        node?.packets.push(bytes.slice(received.offset, received.offset + received.length));
    }
  }
}
