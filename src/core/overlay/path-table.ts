import { type Endpoint, formatEndpoint, sameEndpoint } from '../../base/index.ts';
import { BASE_MTU, RELAYS_AT_MOST } from './constants.ts';
import { isCarrierEndpoint, RELAY_PORT } from './endpoints.ts';
import { MtuSearch } from './mtu-search.ts';
import { Path, PathEndpoint } from './path.ts';
import type { OverlayPeer, PeerPath } from './peer.ts';

/** A peer that can be reached through another now, and that other's round trip to it where it is known. */
export interface RelayOption {
  readonly id: string;
  readonly rttMs: number | undefined;
}

/** Makes and forgets the paths of peers. Bounded: one over UDP, one over TLS, and so many relays. */
export class PathTable {
  readonly #mtu: number;
  /** Whether MTUs are searched for: the socket must be able to forbid fragmentation, or probes prove nothing. */
  searchesMtu = false;
  readonly #carriers = new Map<string, OverlayPeer>();

  constructor(mtu: number) {
    this.#mtu = mtu;
  }

  addUdp(peer: OverlayPeer, endpoint: Endpoint, nowMs: number): PeerPath {
    peer.udp = new Path('udp', peer, endpoint, this.#searchUdp(nowMs), nowMs);
    return peer.udp;
  }

  /** A carrier to the peer is open, in place of one from before. */
  addTls(peer: OverlayPeer, endpoint: Endpoint, nowMs: number): PeerPath {
    if (peer.tls) this.#carriers.delete(formatEndpoint(peer.tls.endpoint));
    // A stream takes packets of any size.
    peer.tls = new Path('tls', peer, endpoint, new MtuSearch(this.#mtu), nowMs);
    this.#carriers.set(formatEndpoint(endpoint), peer);
    return peer.tls;
  }

  /** A carrier has closed. Gives the peer whose path that was. */
  removeTls(endpoint: Endpoint): OverlayPeer | undefined {
    const peer = this.#carriers.get(formatEndpoint(endpoint));
    if (!peer) return undefined;
    this.#carriers.delete(formatEndpoint(endpoint));
    peer.tls = undefined;
    return peer;
  }

  hasTls(endpoint: Endpoint): boolean {
    return this.#carriers.has(formatEndpoint(endpoint));
  }

  /** The path of the peer that has this endpoint, if there is one and it is told at a glance. */
  known(peer: OverlayPeer, from: Endpoint): PeerPath | undefined {
    if (peer.udp?.source === from) return peer.udp;
    if (peer.tls?.source === from) return peer.tls;
    return from instanceof PathEndpoint && peer.relays.includes(from.path) ? from.path : undefined;
  }

  /**
   * The path by which an authentic datagram of the peer came; it is made, or moved to where the peer is now, as need be.
   * Undefined where the datagram came through a relay in the name of another peer.
   */
  heardFrom(peer: OverlayPeer, from: Endpoint, nowMs: number): PeerPath | undefined {
    if (from instanceof PathEndpoint) return this.#heardThroughRelay(peer, from.path);
    const path = isCarrierEndpoint(from) ? this.#heardTls(peer, from, nowMs) : this.#heardUdp(peer, from, nowMs);
    path.source = from;
    return path;
  }

  /** A relayed path from `peer` through `via`, or one to be: it counts once something authentic came by it. */
  relayedPath(peer: OverlayPeer, via: OverlayPeer, nowMs: number): PeerPath {
    const known = peer.relayVia(via);
    if (known) return known;
    return Path.relayed(peer, via, { address: peer.overlayAddress, port: RELAY_PORT }, this.#mtu, nowMs);
  }

  /** Sets the relays of a peer, nearest first where there are too many. */
  offerRelays(
    peer: OverlayPeer,
    offered: readonly { via: OverlayPeer; rttMs: number | undefined }[],
    nowMs: number,
  ): void {
    const kept = [...offered]
      .sort((a, b) => (a.rttMs ?? Number.MAX_VALUE) - (b.rttMs ?? Number.MAX_VALUE))
      .slice(0, RELAYS_AT_MOST);
    for (const path of [...peer.relays]) if (!kept.some(({ via }) => via === path.via)) this.removeRelay(path);
    for (const { via, rttMs } of kept) {
      const path = this.relayedPath(peer, via, nowMs);
      path.relayRttMs = rttMs;
      path.isOffered = true;
      this.#addRelay(path, via);
    }
  }

  removeRelay(path: PeerPath): void {
    const { peer, via } = path;
    const at = peer.relays.indexOf(path);
    if (at >= 0) peer.relays.splice(at, 1);
    via?.relayed.delete(peer);
  }

  /** Forgets every path of a peer and every path through it. Gives the peers that lost one. */
  removePeer(peer: OverlayPeer): OverlayPeer[] {
    if (peer.tls) this.#carriers.delete(formatEndpoint(peer.tls.endpoint));
    for (const path of [...peer.relays]) this.removeRelay(path);
    const bereft = [...peer.relayed];
    for (const other of bereft) {
      const path = other.relayVia(peer);
      if (path) this.removeRelay(path);
    }
    return bereft;
  }

  #addRelay(path: PeerPath, via: OverlayPeer): void {
    if (path.peer.relays.includes(path)) return;
    path.peer.relays.push(path);
    via.relayed.add(path.peer);
  }

  #heardThroughRelay(peer: OverlayPeer, path: PeerPath): PeerPath | undefined {
    if (path.peer !== peer || !path.via) return undefined;
    if (peer.relays.includes(path)) return path;
    if (peer.relays.length >= RELAYS_AT_MOST && !this.#makeRoom(peer)) return undefined;
    this.#addRelay(path, path.via);
    return path;
  }

  /** Lets go of a relay that only the far end chose and that is not used. */
  #makeRoom(peer: OverlayPeer): boolean {
    const spare = peer.relays.find((path) => !path.isOffered && path !== peer.active);
    if (spare) this.removeRelay(spare);
    return spare !== undefined;
  }

  /** The newest authentic datagram says where the peer is (WireGuard paper section 6.5). */
  #heardUdp(peer: OverlayPeer, from: Endpoint, nowMs: number): PeerPath {
    const path = peer.udp ?? this.addUdp(peer, from, nowMs);
    if (!sameEndpoint(path.endpoint, from)) {
      path.endpoint = new PathEndpoint(from, path);
      path.mtu.doubt(nowMs);
    }
    return path;
  }

  #heardTls(peer: OverlayPeer, from: Endpoint, nowMs: number): PeerPath {
    const { tls } = peer;
    return tls && sameEndpoint(tls.endpoint, from) ? tls : this.addTls(peer, from, nowMs);
  }

  #searchUdp(nowMs: number): MtuSearch {
    return this.searchesMtu ? MtuSearch.upTo(this.#mtu, nowMs) : new MtuSearch(Math.min(BASE_MTU, this.#mtu));
  }
}
