import type { DatagramBatch, Endpoint, IpAddress } from '../../base/index.ts';
import type { NetstackPort } from '../netstack/index.ts';
import {
  DATA_HEADER_BYTES,
  type PeerHandle,
  SEAL_OVERHEAD_BYTES,
  splitCoalesced,
  type WireguardDevice,
  type WireguardEvent,
} from '../wireguard/index.ts';
import { DIALLING, HEARTBEAT_TICK_MS, MAXIMUM_PEERS, SEGMENTS_AT_MOST } from './constants.ts';
import { type DropCounters, type DropReason, newDropCounters } from './drops.ts';
import { emitHeartbeat, HEARTBEAT_BYTES, isHeartbeat, parseHeartbeat } from './heartbeat.ts';
import { NextHopTable } from './next-hop-table.ts';
import type { PathState } from './path-health.ts';
import { OverlayPeer, type OverlayPeerOptions } from './peer.ts';

/** A tunnel changed its state. `previous` is what it was before. */
export interface TunnelEvent {
  readonly id: string;
  readonly state: PathState;
  readonly previous: PathState;
}

export interface TunnelStatus {
  readonly id: string;
  readonly state: PathState;
  readonly changedAtMs: number;
  readonly rttMs: number | undefined;
  readonly loss: number;
  readonly endpoint: Endpoint | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface OverlayNodeOptions {
  readonly device: WireguardDevice;
  readonly netstack: NetstackPort;
  /** Our own address; packets to others are dropped. */
  readonly address: IpAddress;
  /** Largest inner packet, in bytes. */
  readonly mtu: number;
}

/**
 * One node of the overlay: WireGuard below, TCP/IP above, and between them what makes it a network: source filter,
 * next hops and tunnel health. Datagrams in (`receive`), datagrams out (`poll`), events pulled.
 */
export class OverlayNode {
  readonly netstack: NetstackPort;
  readonly #device: WireguardDevice;
  readonly #address: IpAddress;
  readonly #mtu: number;
  readonly #peers = new Map<string, OverlayPeer>();
  readonly #peersByHandle = new Map<PeerHandle, OverlayPeer>();
  readonly #hops = new NextHopTable();
  readonly #events: TunnelEvent[] = [];
  readonly #drops = newDropCounters();
  readonly #cuts = new Int32Array(SEGMENTS_AT_MOST + 1);
  #heartbeatsAtMs = Number.POSITIVE_INFINITY;
  #segmentHint = 0;

  constructor(options: OverlayNodeOptions) {
    this.#device = options.device;
    this.netstack = options.netstack;
    this.#address = options.address;
    this.#mtu = options.mtu;
  }

  /** Adds a tunnel. One that dials starts its handshake at the next `poll`. */
  addPeer(options: OverlayPeerOptions, nowMs: number): void {
    if (this.#peers.has(options.id)) throw new Error(`peer ${options.id} is there already`);
    if (this.#peers.size >= MAXIMUM_PEERS) throw new Error(`a node has at most ${MAXIMUM_PEERS} peers`);
    const handle = this.#device.addPeer({
      publicKey: options.publicKey,
      ...(options.presharedKey && { presharedKey: options.presharedKey }),
      ...(options.endpoint && { endpoint: options.endpoint }),
      ...(options.dials && DIALLING),
    });
    const peer = new OverlayPeer(options, handle, nowMs);
    this.#peers.set(options.id, peer);
    this.#peersByHandle.set(handle, peer);
    this.#hops.add(options.overlayAddress.text, peer);
    this.#heartbeatsAtMs = Math.min(this.#heartbeatsAtMs, nowMs);
    if (options.dials) this.#device.startHandshake(handle, nowMs);
  }

  removePeer(id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    this.#peers.delete(id);
    this.#peersByHandle.delete(peer.handle);
    this.#hops.remove(peer);
    this.#device.removePeer(peer.handle);
  }

  hasPeer(id: string): boolean {
    return this.#peers.has(id);
  }

  /** The state of the best tunnel to an overlay address; `down` where none leads there. */
  stateTo(destination: string): PathState {
    return this.#hops.choose(destination)?.health.state ?? 'down';
  }

  status(nowMs: number): TunnelStatus[] {
    return [...this.#peers.values()].map((peer) => {
      const { endpoint, receivedBytes, sentBytes } = this.#device.peerStatus(peer.handle, nowMs);
      const { state, changedAtMs, rttMs, loss } = peer.health;
      return { id: peer.id, state, changedAtMs, rttMs, loss, endpoint, receivedBytes, sentBytes };
    });
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
    if (segmentBytes > 0) {
      for (let at = 0; at < length; at += segmentBytes) {
        this.#receiveDatagram(bytes, offset + at, Math.min(segmentBytes, length - at), from, nowMs);
      }
      return;
    }
    const count = splitCoalesced(bytes, offset, length, this.#cuts, this.#segmentHint);
    if (count > 1) this.#segmentHint = (this.#cuts[1] as number) - (this.#cuts[0] as number);
    for (let i = 0; i < count; i++) {
      const at = this.#cuts[i] as number;
      this.#receiveDatagram(bytes, at, (this.#cuts[i + 1] as number) - at, from, nowMs);
    }
  }

  /** Appends what there is to send until the batch is full. Call again with an empty batch until nothing is appended. */
  poll(batch: DatagramBatch, nowMs: number): void {
    this.#device.poll(batch, nowMs);
    this.#takeDeviceEvents(nowMs);
    if (nowMs >= this.#heartbeatsAtMs) this.#pollHeartbeats(batch, nowMs);
    const roomBytes = this.#mtu + SEAL_OVERHEAD_BYTES + 16;
    while (batch.hasRoomFor(roomBytes)) {
      const length = this.netstack.poll(batch.slab, batch.tail + DATA_HEADER_BYTES, nowMs);
      if (length === 0) break;
      const hop = this.#hops.choose(this.netstack.lastDestination().text);
      if (!hop) {
        this.#drops['no-route']++;
        continue;
      }
      hop.health.trafficSeen(nowMs);
      if (hop.health.nextDeadlineMs() < this.#heartbeatsAtMs) this.#heartbeatsAtMs = hop.health.nextDeadlineMs();
      this.#device.sealInto(hop.handle, batch, length, nowMs, this.#mtu);
    }
  }

  nextDeadlineMs(): number {
    return Math.min(
      this.#heartbeatsAtMs,
      this.#device.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
      this.netstack.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
    );
  }

  nextTunnelEvent(): TunnelEvent | undefined {
    return this.#events.shift();
  }

  #receiveDatagram(bytes: Uint8Array, offset: number, length: number, from: Endpoint, nowMs: number): void {
    const received = this.#device.receiveDatagram(bytes, offset, length, from, nowMs);
    if (received.kind !== 'packet') return;
    const peer = this.#peersByHandle.get(received.peer);
    if (!peer) return;
    const reason = this.#deliver(peer, bytes, received.offset, received.length, nowMs);
    if (reason) this.#drops[reason]++;
  }

  #deliver(peer: OverlayPeer, bytes: Uint8Array, at: number, length: number, nowMs: number): DropReason | undefined {
    if (length < IPV6_HEADER_BYTES || (bytes[at] as number) >> 4 !== 6) return 'not-ipv6';
    if (!isAddress(bytes, at + 8, peer.overlayAddress.bytes)) return 'source-not-allowed';
    if (!isAddress(bytes, at + 24, this.#address.bytes)) return 'not-for-us';
    if (isHeartbeat(bytes, at, length)) {
      this.#noteChange(peer, peer.health.state, peer.health.heard(parseHeartbeat(bytes, at), nowMs), nowMs);
      this.#heartbeatsAtMs = Math.min(this.#heartbeatsAtMs, peer.health.nextDeadlineMs());
      return undefined;
    }
    peer.health.trafficSeen(nowMs);
    this.#heartbeatsAtMs = Math.min(this.#heartbeatsAtMs, peer.health.nextDeadlineMs());
    this.netstack.receivePacket(bytes, at, length, nowMs);
    return undefined;
  }

  #takeDeviceEvents(nowMs: number): void {
    for (let event = this.#device.nextEvent(); event; event = this.#device.nextEvent()) this.#take(event, nowMs);
  }

  #take(event: WireguardEvent, nowMs: number): void {
    const peer = this.#peersByHandle.get(event.peer);
    if (!peer) return;
    if (event.kind === 'sessionEstablished') {
      peer.keyed = true;
      peer.health.keysRenewed(nowMs);
      this.#heartbeatsAtMs = nowMs;
    } else if (event.kind === 'sessionExpired') peer.keyed = false;
  }

  /** Goes over all peers: thousands cost microseconds, and it happens at most every few milliseconds. */
  #pollHeartbeats(batch: DatagramBatch, nowMs: number): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const peer of this.#peers.values()) {
      if (!peer.talks) continue;
      const { health } = peer;
      this.#noteChange(peer, health.state, health.expire(nowMs), nowMs);
      if (nowMs >= health.nextDeadlineMs() && batch.hasRoomFor(HEARTBEAT_BYTES + SEAL_OVERHEAD_BYTES)) {
        this.#sendHeartbeat(peer, batch, nowMs);
      }
      nextMs = Math.min(nextMs, health.nextDeadlineMs());
    }
    this.#heartbeatsAtMs = Math.max(nextMs, nowMs + HEARTBEAT_TICK_MS);
  }

  #sendHeartbeat(peer: OverlayPeer, batch: DatagramBatch, nowMs: number): void {
    const heartbeat = peer.health.poll(nowMs);
    if (!heartbeat || !peer.keyed) return;
    const at = batch.tail + DATA_HEADER_BYTES;
    emitHeartbeat(batch.slab, at, this.#address.bytes, peer.overlayAddress.bytes, heartbeat);
    this.#device.sealInto(peer.handle, batch, HEARTBEAT_BYTES, nowMs, this.#mtu);
  }

  #noteChange(peer: OverlayPeer, previous: PathState, changed: boolean, nowMs: number): void {
    if (!changed) return;
    const { state } = peer.health;
    this.#events.push({ id: peer.id, state, previous });
    // Whoever dials asks for new keys: the other end may have lost them in a restart.
    if (peer.dials && (state === 'suspect' || state === 'down')) this.#device.startHandshake(peer.handle, nowMs);
    if (state === 'up' && previous !== 'unproven') this.netstack.pathChanged(peer.overlayAddress, undefined, nowMs);
  }
}

const IPV6_HEADER_BYTES = 40;

function isAddress(bytes: Uint8Array, offset: number, address: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (bytes[offset + i] !== address[i]) return false;
  return true;
}
