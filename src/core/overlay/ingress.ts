import type { Endpoint, IpAddress } from '../../base/index.ts';
import type { NetstackPort } from '../netstack/index.ts';
import type { WireguardDevice } from '../wireguard/index.ts';
import { RELAY_HEADER_BYTES } from './constants.ts';
import type { DevicePeers } from './device-peers.ts';
import type { DropCounters, DropReason } from './drops.ts';
import { type ForwardQueue, refusalToForward } from './forwarding.ts';
import { isHeartbeat, parseHeartbeat } from './heartbeat.ts';
import type { PathTable } from './path-table.ts';
import type { PathTending } from './path-tending.ts';
import type { NodeRole, OverlayPeer, PeerPath } from './peer.ts';
import type { PeerTable } from './peer-table.ts';
import { isRelayPacket, relayPacketBytes } from './relay-codec.ts';

const IPV6_HEADER_BYTES = 40;
const SOURCE_AT = 8;
const DESTINATION_AT = 24;

export interface IngressOptions {
  readonly device: WireguardDevice;
  readonly netstack: NetstackPort;
  readonly address: IpAddress;
  readonly role: NodeRole;
  readonly peers: PeerTable;
  readonly devices: DevicePeers;
  readonly paths: PathTable;
  readonly tending: PathTending;
  readonly forwards: ForwardQueue;
  readonly drops: DropCounters;
}

/** The way in: datagrams are opened, their senders' paths learnt, and packets go to whom they may go. */
export class Ingress {
  readonly #options: IngressOptions;

  constructor(options: IngressOptions) {
    this.#options = options;
  }

  receive(bytes: Uint8Array, offset: number, length: number, from: Endpoint, nowMs: number): void {
    const { device, peers, devices, drops } = this.#options;
    const received = device.receiveDatagram(bytes, offset, length, from, nowMs);
    if (received.kind === 'dropped' || !received.peer) return;
    const peer = peers.byHandle(received.peer);
    if (!peer) {
      devices.receive(received, bytes, nowMs);
      return;
    }
    const path = this.#pathOf(peer, from, nowMs);
    if (!path) drops['relay-source']++;
    else if (received.kind === 'packet') {
      const reason = this.#judge(peer, path, bytes, received.offset, received.length, nowMs);
      if (reason) drops[reason]++;
    }
  }

  #pathOf(peer: OverlayPeer, from: Endpoint, nowMs: number): PeerPath | undefined {
    const { paths, tending } = this.#options;
    const known = paths.known(peer, from);
    if (known) return known;
    const path = paths.heardFrom(peer, from, nowMs);
    tending.choose(peer, nowMs);
    tending.schedule(peer);
    return path;
  }

  #judge(
    peer: OverlayPeer,
    path: PeerPath,
    bytes: Uint8Array,
    at: number,
    length: number,
    nowMs: number,
  ): DropReason | undefined {
    if (length < IPV6_HEADER_BYTES || (bytes[at] as number) >> 4 !== 6) return 'not-ipv6';
    const isForUs = isAddress(bytes, at + DESTINATION_AT, this.#options.address.bytes);
    if (isForUs && isRelayPacket(bytes, at, length)) return this.#unwrap(peer, path, bytes, at, length, nowMs);
    if (!isAddress(bytes, at + SOURCE_AT, peer.overlayAddress.bytes)) return 'source-not-allowed';
    if (!isForUs) return this.#forward(peer, bytes, at, length);
    if (isHeartbeat(bytes, at, length)) {
      this.#options.tending.heard(path, parseHeartbeat(bytes, at), length, nowMs);
      return undefined;
    }
    if (path.health.received(nowMs)) this.#options.tending.schedule(peer);
    this.#options.netstack.receivePacket(bytes, at, length, nowMs);
    return undefined;
  }

  /**
   * A datagram that a PoP relays to us. The PoP is not trusted: what is inside is opened with the keys of whom it names,
   * or not at all.
   */
  #unwrap(
    relay: OverlayPeer,
    path: PeerPath,
    bytes: Uint8Array,
    at: number,
    length: number,
    nowMs: number,
  ): DropReason | undefined {
    const { peers, paths, role } = this.#options;
    if (relay.role !== 'pop') return 'source-not-allowed';
    const size = relayPacketBytes(bytes, at, length);
    if (size === 0 || path.via) return 'bad-relay-packet';
    const sender = peers.byAddressBytes(bytes, at + SOURCE_AT);
    if (!sender || sender === relay || sender.role === role) return 'relay-source';
    const from = paths.relayedPath(sender, relay, nowMs).endpoint;
    this.receive(bytes, at + RELAY_HEADER_BYTES, size - RELAY_HEADER_BYTES, from, nowMs);
    return undefined;
  }

  #forward(from: OverlayPeer, bytes: Uint8Array, at: number, length: number): DropReason | undefined {
    const { peers, role, forwards } = this.#options;
    const to = role === 'pop' ? peers.byAddressBytes(bytes, at + DESTINATION_AT) : undefined;
    const refusal = refusalToForward(role, from, to, bytes, at, length);
    if (refusal || !to) return refusal;
    return forwards.offer(from, to, bytes, at, length);
  }
}

function isAddress(bytes: Uint8Array, offset: number, address: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (bytes[offset + i] !== address[i]) return false;
  return true;
}
