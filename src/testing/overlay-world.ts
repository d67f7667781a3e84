/** Overlay nodes (WireGuard and TCP/IP for real) joined by a simulated network under a virtual clock. */
import { createHash } from 'node:crypto';
import {
  DatagramBatch,
  type Endpoint,
  formatEndpoint,
  type IpAddress,
  parseEndpoint,
  sameEndpoint,
} from '../base/index.ts';
import { Netstack, type NetstackEvent, type TcpConnection } from '../core/netstack/index.ts';
import {
  isCarrierEndpoint,
  type NodeRole,
  OverlayNode,
  overlayAddress,
  type TunnelEvent,
} from '../core/overlay/index.ts';
import { type WireguardCrypto, WireguardDevice } from '../core/wireguard/index.ts';
import type { SeededRandom } from './seeded-random.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export interface NodeFace {
  readonly name: string;
  readonly role: NodeRole;
  readonly publicKey: Uint8Array;
  readonly address: IpAddress;
  readonly endpoint: Endpoint;
}

/** One simulated node. `restart` loses everything but the keys, as a killed process does. */
export class WorldNode implements NodeFace {
  readonly name: string;
  readonly role: NodeRole;
  readonly endpoint: Endpoint;
  readonly privateKey: Uint8Array;
  readonly #world: OverlayWorld;
  readonly tunnelEvents: (TunnelEvent & { readonly atMs: number })[] = [];
  readonly events: NetstackEvent[] = [];
  /** Bytes that each connection received. */
  readonly received = new Map<TcpConnection, number>();
  /** What a test wants to see of what a connection received. */
  readonly readers = new Map<TcpConnection, (chunk: Uint8Array, atMs: number) => void>();
  /** Until when the node does nothing, as a process that gets no processor. */
  frozenUntilMs = Number.NEGATIVE_INFINITY;
  readonly accepted: TcpConnection[] = [];
  isDead = false;
  device: WireguardDevice;
  overlay: OverlayNode;

  constructor(world: OverlayWorld, name: string, role: NodeRole, endpoint: Endpoint, privateKey: Uint8Array) {
    this.#world = world;
    this.name = name;
    this.role = role;
    this.endpoint = endpoint;
    this.privateKey = privateKey;
    ({ device: this.device, overlay: this.overlay } = this.#make());
  }

  get publicKey(): Uint8Array {
    return this.device.publicKey;
  }

  get address(): IpAddress {
    return overlayAddress(this.device.publicKey, sha256);
  }

  restart(): void {
    ({ device: this.device, overlay: this.overlay } = this.#make());
    this.isDead = false;
  }

  knows(peer: NodeFace, dials: boolean, claimed: IpAddress = peer.address): void {
    const endpoint = dials ? { endpoint: peer.endpoint } : {};
    this.overlay.addPeer(
      { id: peer.name, role: peer.role, publicKey: peer.publicKey, overlayAddress: claimed, dials, ...endpoint },
      this.#world.nowMs,
    );
  }

  #make(): { device: WireguardDevice; overlay: OverlayNode } {
    const { crypto, random, nowMs, mtu, searchesMtu } = this.#world;
    const device = new WireguardDevice({
      privateKey: this.privateKey,
      crypto,
      random,
      unixOffsetMs: 1_700_000_000_000,
    });
    const address = overlayAddress(device.publicKey, sha256);
    const netstack = new Netstack({ addresses: [address], mtu, random, nowMs });
    netstack.listenAllTcp();
    const overlay = new OverlayNode({ device, netstack, address, role: this.role, mtu });
    if (searchesMtu) overlay.searchMtu();
    return { device, overlay };
  }
}

interface Flight {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: WorldNode;
  readonly atMs: number;
}

export class OverlayWorld {
  nowMs = 10_000;
  delayMs = 10;
  /** Delay of a datagram from one node to another. */
  delayOf: (from: string, to: string) => number = () => this.delayMs;
  /** For nodes that are added from now on: the largest inner packet, and whether the MTU is searched for. */
  mtu = 1420;
  searchesMtu = false;
  readonly crypto: WireguardCrypto;
  readonly random: SeededRandom;
  readonly nodes: WorldNode[] = [];
  /** Whether a datagram arrives. */
  passes: (from: string, to: string, bytes: Uint8Array) => boolean = () => true;
  #flights: Flight[] = [];
  readonly #carriers = new Map<string, { readonly to: WorldNode; readonly from: Endpoint }>();
  readonly #batch = new DatagramBatch(65_536, 128);

  constructor(crypto: WireguardCrypto, random: SeededRandom) {
    this.crypto = crypto;
    this.random = random;
  }

  /** A node's name says what it is: PoPs begin with "pop". */
  add(name: string, privateKey: Uint8Array = this.random.bytes(32)): WorldNode {
    const endpoint = parseEndpoint(`192.0.2.${this.nodes.length + 1}:51820`);
    if (!endpoint) throw new RangeError('too many nodes');
    const node = new WorldNode(this, name, name.startsWith('pop') ? 'pop' : 'connector', endpoint, privateKey);
    this.nodes.push(node);
    return node;
  }

  /** Another node with the key of one that is there. */
  addTwin(of: WorldNode): WorldNode {
    return this.add(`${of.name}-twin`, of.privateKey);
  }

  /** Hands raw bytes to the network, as anybody on it could. */
  inject(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    const node = this.#at(to);
    if (node) this.#launch(bytes, from, node, this.delayMs);
  }

  /** A carrier from one node to another, opened by the first; gives its endpoint there. `closeCarrier` ends it. */
  openCarrier(from: WorldNode, to: WorldNode): Endpoint {
    const near = parseEndpoint(`[fd6d:616e:6974::${(2 * this.#carriers.size + 1).toString(16)}]:1`) as Endpoint;
    const far = parseEndpoint(`[fd6d:616e:6974::${(2 * this.#carriers.size + 2).toString(16)}]:1`) as Endpoint;
    this.#carriers.set(formatEndpoint(near), { to, from: far });
    this.#carriers.set(formatEndpoint(far), { to: from, from: near });
    from.overlay.addCarrier(to.name, near, this.nowMs);
    return near;
  }

  closeCarrier(near: Endpoint): void {
    const one = this.#carriers.get(formatEndpoint(near));
    if (!one) return;
    const other = this.#carriers.get(formatEndpoint(one.from));
    this.#carriers.delete(formatEndpoint(near));
    this.#carriers.delete(formatEndpoint(one.from));
    other?.to.overlay.removeCarrier(near, this.nowMs);
    one.to.overlay.removeCarrier(one.from, this.nowMs);
  }

  /** The node does nothing for a while; what is sent to it waits. */
  freeze(node: WorldNode, forMs: number): void {
    node.frozenUntilMs = this.nowMs + forMs;
  }

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (;;) {
      this.#settle();
      let nextMs = Number.POSITIVE_INFINITY;
      for (const flight of this.#flights) nextMs = Math.min(nextMs, flight.atMs);
      for (const node of this.nodes) {
        if (!node.isDead) nextMs = Math.min(nextMs, Math.max(node.frozenUntilMs, node.overlay.nextDeadlineMs()));
      }
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs + 0.1);
    }
    this.nowMs = untilMs;
  }

  /** A node that was frozen meets its deadlines before it reads, as a process's timers fire before its sockets. */
  #settle(): void {
    for (const node of this.nodes) if (this.#isAwake(node)) this.#drain(node);
    const waiting: Flight[] = [];
    const touched = new Set<WorldNode>();
    for (const flight of this.#flights) {
      const { bytes, from, to, atMs } = flight;
      if (atMs > this.nowMs || this.nowMs < to.frozenUntilMs) {
        waiting.push({ ...flight, atMs: Math.max(atMs, to.frozenUntilMs + 1) });
        continue;
      }
      if (to.isDead) continue;
      to.overlay.receive(bytes, 0, bytes.length, bytes.length, from, this.nowMs);
      touched.add(to);
    }
    this.#flights = waiting;
    for (const node of touched) this.#drain(node);
  }

  #isAwake(node: WorldNode): boolean {
    return !node.isDead && this.nowMs >= node.frozenUntilMs;
  }

  #drain(node: WorldNode): void {
    this.#takeEvents(node);
    for (;;) {
      node.overlay.poll(this.#batch, this.nowMs);
      if (this.#batch.count === 0) break;
      for (let i = 0; i < this.#batch.count; i++) this.#send(node, this.#batch.bytesOf(i), this.#batch.endpointOf(i));
      this.#batch.clear();
    }
    this.#takeEvents(node);
  }

  #send(node: WorldNode, bytes: Uint8Array, to: Endpoint): void {
    const carrier = isCarrierEndpoint(to) ? this.#carriers.get(formatEndpoint(to)) : undefined;
    const other = carrier?.to ?? this.#at(to);
    if (!other || (!carrier && !this.passes(node.name, other.name, bytes))) return;
    this.#launch(bytes, carrier?.from ?? node.endpoint, other, this.delayOf(node.name, other.name));
  }

  #launch(bytes: Uint8Array, from: Endpoint, to: WorldNode, delayMs: number): void {
    this.#flights.push({ bytes: bytes.slice(), from, to, atMs: this.nowMs + delayMs });
  }

  #takeEvents(node: WorldNode): void {
    const { netstack } = node.overlay;
    for (let event = netstack.nextEvent(); event; event = netstack.nextEvent()) this.#take(node, event);
    for (let event = node.overlay.nextTunnelEvent(); event; event = node.overlay.nextTunnelEvent()) {
      node.tunnelEvents.push({ ...event, atMs: this.nowMs });
    }
  }

  /** Accepts every stream and reads everything; other events are kept for the test. */
  #take(node: WorldNode, event: NetstackEvent): void {
    node.events.push(event);
    if (event.kind === 'accept') {
      const connection = event.attempt.accept(this.nowMs);
      if (connection) node.accepted.push(connection);
    } else if (event.kind === 'readable') {
      const { connection } = event;
      let bytes = node.received.get(connection) ?? 0;
      for (let chunk = connection.read(); chunk; chunk = connection.read()) {
        bytes += chunk.length;
        node.readers.get(connection)?.(chunk, this.nowMs);
      }
      node.received.set(connection, bytes);
    }
  }

  #at(endpoint: Endpoint): WorldNode | undefined {
    return this.nodes.find((node) => sameEndpoint(node.endpoint, endpoint));
  }
}
