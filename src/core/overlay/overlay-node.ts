import { type DatagramBatch, DeadlineHeap, type Endpoint, type IpAddress } from '../../base/index.ts';
import type { NetstackPort } from '../netstack/index.ts';
import { DATA_HEADER_BYTES, splitCoalesced, type WireguardDevice, type WireguardEvent } from '../wireguard/index.ts';
import { BASE_MTU, DIALLING, RETRY_SCHEDULE_MS, SEGMENTS_AT_MOST } from './constants.ts';
import { DevicePeers } from './device-peers.ts';
import { type DropCounters, newDropCounters } from './drops.ts';
import { EGRESS_OVERHEAD_BYTES, Egress } from './egress.ts';
import { ForwardQueue } from './forwarding.ts';
import { Ingress } from './ingress.ts';
import { PastHandshakes } from './past-handshakes.ts';
import type { PathState } from './path-health.ts';
import { PathTable, type RelayOption } from './path-table.ts';
import { PathTending, type TunnelEvent } from './path-tending.ts';
import { type NodeRole, OverlayPeer, type OverlayPeerOptions } from './peer.ts';
import { PeerTable } from './peer-table.ts';
import { type TunnelStatus, tunnelStatus } from './tunnel-status.ts';

export interface OverlayNodeOptions {
  readonly device: WireguardDevice;
  readonly netstack: NetstackPort;
  /** Our own address. */
  readonly address: IpAddress;
  readonly role: NodeRole;
  /** Largest inner packet, in bytes; paths that take less are found out. */
  readonly mtu: number;
}

/**
 * One node of the overlay: WireGuard below, TCP/IP above, and between them what makes it a network: source filter, paths
 * and their health, relaying. Datagrams in (`receive`), datagrams out (`poll`), events pulled. Where a method takes no
 * time or it is left out, the time of the last call that had one counts.
 */
export class OverlayNode {
  readonly netstack: NetstackPort;
  /** Peers that are plain WireGuard devices. */
  readonly devices: DevicePeers;
  readonly #device: WireguardDevice;
  readonly #mtu: number;
  readonly #peers = new PeerTable();
  readonly #paths: PathTable;
  readonly #deadlines = new DeadlineHeap<OverlayPeer>();
  readonly #forwards = new ForwardQueue();
  readonly #ingress: Ingress;
  readonly #egress: Egress;
  readonly #tending: PathTending;
  readonly #drops = newDropCounters();
  readonly #handshakes = new PastHandshakes();
  readonly #cuts = new Int32Array(SEGMENTS_AT_MOST + 1);
  #segmentHint = 0;
  #nowMs = 0;

  constructor(options: OverlayNodeOptions) {
    const { device, netstack, address, role, mtu } = options;
    this.#device = device;
    this.netstack = netstack;
    this.#mtu = mtu;
    // What every path takes, until a path is known to take more.
    netstack.pathChanged(undefined, Math.min(BASE_MTU, mtu), 0);
    this.#paths = new PathTable(mtu);
    const shared = { device, netstack, deadlines: this.#deadlines, paths: this.#paths, drops: this.#drops };
    this.devices = new DevicePeers(device, netstack, this.#drops, this.#handshakes);
    this.#egress = new Egress(device, address.bytes, this.#drops, this.#deadlines);
    this.#tending = new PathTending({ ...shared, ownAddress: address.bytes, egress: this.#egress });
    this.#ingress = new Ingress({
      ...shared,
      address,
      role,
      peers: this.#peers,
      devices: this.devices,
      tending: this.#tending,
      forwards: this.#forwards,
    });
  }

  /** Adds a peer. One that dials starts its handshake at the next `poll`. */
  addPeer(options: OverlayPeerOptions, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#peers.byId(options.id)) throw new Error(`peer ${options.id} is there already`);
    if (this.#peers.isFull) throw new Error('a node has only so many peers');
    const lastTimestamp = this.#handshakes.of(options.publicKey);
    const handle = this.#device.addPeer({
      publicKey: options.publicKey,
      ...(lastTimestamp && { lastTimestamp }),
      ...(options.presharedKey && { presharedKey: options.presharedKey }),
      ...(options.endpoint && { endpoint: options.endpoint }),
      retryScheduleMs: RETRY_SCHEDULE_MS,
      roams: false,
      ...(options.dials && DIALLING),
    });
    const peer = new OverlayPeer(options, handle, nowMs);
    this.#peers.add(peer);
    if (options.endpoint) this.#paths.addUdp(peer, options.endpoint, nowMs);
    this.#chooseAgain(peer, nowMs);
    if (options.dials) this.#device.startHandshake(handle, nowMs);
  }

  removePeer(id: string, nowMs: number = this.#nowMs): void {
    const peer = this.#peers.byId(id);
    if (!peer) return;
    this.#tending.sayGoodbye(peer, nowMs);
    peer.isRemoved = true;
    this.#peers.remove(peer);
    this.#deadlines.remove(peer);
    for (const bereft of this.#paths.removePeer(peer)) this.#chooseAgain(bereft, nowMs);
    this.#handshakes.remember(peer.handle.publicKey, this.#device.latestTimestamp(peer.handle));
    this.#device.removePeer(peer.handle);
  }

  hasPeer(id: string): boolean {
    return this.#peers.byId(id) !== undefined;
  }

  /**
   * Says through which peers a peer can be reached now, and their round trip to it; in any order, none to end it. Ids that
   * are no peers of ours, or no PoPs, are left out.
   */
  setRelays(peerId: string, relays: readonly RelayOption[], nowMs: number = this.#nowMs): void {
    const peer = this.#peers.byId(peerId);
    if (!peer) return;
    const offered = relays.flatMap(({ id, rttMs }) => {
      const via = this.#peers.byId(id);
      return via?.role === 'pop' && via !== peer ? [{ via, rttMs }] : [];
    });
    this.#paths.offerRelays(peer, offered, nowMs);
    this.#chooseAgain(peer, nowMs);
  }

  /** Somebody doubts that the peer lives: its direct paths are asked at once, not when their next heartbeat is due. */
  ask(peerId: string, nowMs: number = this.#nowMs): void {
    const peer = this.#peers.byId(peerId);
    if (peer) this.#tending.ask(peer, nowMs);
  }

  /** A carrier to the peer is open: datagrams for `endpoint` come out of `poll`, and go into `receive` from it. */
  addCarrier(peerId: string, endpoint: Endpoint, nowMs: number = this.#nowMs): void {
    const peer = this.#peers.byId(peerId);
    if (!peer) return;
    this.#paths.addTls(peer, endpoint, nowMs);
    this.#chooseAgain(peer, nowMs);
    if (peer.dials && !peer.keyed) this.#device.startHandshake(peer.handle, nowMs);
  }

  /** A carrier has closed, whoever opened it. */
  removeCarrier(endpoint: Endpoint, nowMs: number = this.#nowMs): void {
    const peer = this.#paths.removeTls(endpoint);
    if (peer) this.#chooseAgain(peer, nowMs);
  }

  /** Whether a peer proved to be behind a carrier and may be reached by it. */
  usesCarrier(endpoint: Endpoint): boolean {
    return this.#paths.hasTls(endpoint);
  }

  /** Has packets of a peer avoid UDP, in both directions, while a carrier to it is as good as can be. */
  avoidUdp(peerId: string, avoids: boolean, nowMs: number = this.#nowMs): void {
    const udp = this.#peers.byId(peerId)?.udp;
    if (udp) this.#tending.avoid(udp, avoids, nowMs);
  }

  /** The socket forbids fragmentation: paths made from now on are searched for their MTU. Before, they keep to 1280. */
  searchMtu(): void {
    this.#paths.searchesMtu = true;
  }

  /** The state of the best path to an overlay address; `down` where none leads there. A relay counts before it is tried. */
  stateTo(destination: string): PathState {
    return this.#peers.byAddress(destination)?.state ?? 'down';
  }

  status(nowMs: number): TunnelStatus[] {
    return [...this.#peers.values()].map((peer) =>
      tunnelStatus(peer, this.#device.peerStatus(peer.handle, nowMs), nowMs),
    );
  }

  counters(): Readonly<DropCounters> {
    return this.#drops;
  }

  /**
   * Takes in what a socket received: datagrams of `segmentBytes` each (the last may be shorter), or, with 0, a run whose
   * cuts must be found. The bytes are decrypted in place.
   */
  receive(
    bytes: Uint8Array,
    offset: number,
    length: number,
    segmentBytes: number,
    from: Endpoint,
    nowMs: number,
  ): void {
    this.#nowMs = nowMs;
    if (segmentBytes > 0) {
      for (let at = 0; at < length; at += segmentBytes) {
        this.#ingress.receive(bytes, offset + at, Math.min(segmentBytes, length - at), from, nowMs);
      }
      return;
    }
    const count = splitCoalesced(bytes, offset, length, this.#cuts, this.#segmentHint);
    if (count > 1) this.#segmentHint = (this.#cuts[1] as number) - (this.#cuts[0] as number);
    for (let i = 0; i < count; i++) {
      const at = this.#cuts[i] as number;
      this.#ingress.receive(bytes, at, (this.#cuts[i + 1] as number) - at, from, nowMs);
    }
  }

  /** Appends what there is to send until the batch is full. Call again with an empty batch until nothing is appended. */
  poll(batch: DatagramBatch, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#egress.poll(batch, nowMs);
    for (let event = this.#device.nextEvent(); event; event = this.#device.nextEvent()) this.#take(event, nowMs);
    this.#tending.poll(batch, nowMs);
    this.#pollForwards(batch, nowMs);
    const roomBytes = this.#mtu + EGRESS_OVERHEAD_BYTES;
    while (batch.hasRoomFor(roomBytes)) {
      const length = this.netstack.poll(batch.slab, batch.tail + DATA_HEADER_BYTES, nowMs);
      if (length === 0) break;
      const destination = this.netstack.lastDestination();
      const peer = this.#peers.byAddress(destination.text);
      if (peer) this.#send(peer, batch, length, nowMs);
      else if (destination.version === 4) this.devices.send(destination, batch, length, nowMs);
      else this.#drops['no-route']++;
    }
  }

  nextDeadlineMs(): number {
    const dueMs = Math.min(
      this.#deadlines.earliestMs,
      this.#egress.hasHeld || this.#forwards.sizeBytes > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
      this.#device.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
      this.netstack.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
    );
    this.#tending.stallGuard.turnAsked(Math.max(dueMs, this.#nowMs));
    return dueMs;
  }

  nextTunnelEvent(): TunnelEvent | undefined {
    return this.#tending.nextEvent();
  }

  #send(peer: OverlayPeer, batch: DatagramBatch, length: number, nowMs: number): void {
    const path = peer.active;
    if (path && length > BASE_MTU && this.netstack.lastTimedOut() && path.mtu.doubt(nowMs)) {
      this.#deadlines.ensure(peer, nowMs);
    }
    if (path?.sent(nowMs)) this.#deadlines.ensure(peer, path.health.nextDeadlineMs());
    this.#egress.send(peer, path, batch, length, nowMs);
  }

  /** What came from others goes on by the direct path alone. */
  #pollForwards(batch: DatagramBatch, nowMs: number): void {
    for (let next = this.#forwards.peek(); next; next = this.#forwards.peek()) {
      if (!batch.hasRoomFor(next.packet.length + EGRESS_OVERHEAD_BYTES)) return;
      this.#forwards.shift();
      const { to, packet } = next;
      const path = to.direct;
      if (to.isRemoved || !path) this.#drops['no-direct-path']++;
      else if (packet.length > path.mtu.mtu) this.#drops['too-big']++;
      else {
        batch.slab.set(packet, batch.tail + DATA_HEADER_BYTES);
        if (path.sent(nowMs)) this.#deadlines.ensure(to, path.health.nextDeadlineMs());
        this.#egress.send(to, path, batch, packet.length, nowMs);
      }
    }
  }

  #take(event: WireguardEvent, nowMs: number): void {
    const peer = this.#peers.byHandle(event.peer);
    if (!peer) return;
    if (event.kind === 'sessionEstablished') this.#tending.keysRenewed(peer, nowMs);
    else if (event.kind === 'sessionExpired') peer.keyed = false;
  }

  #chooseAgain(peer: OverlayPeer, nowMs: number): void {
    this.#tending.choose(peer, nowMs);
    this.#tending.schedule(peer);
  }
}
