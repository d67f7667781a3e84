import type { Endpoint, IpAddress } from '../../base/index.ts';
import type { PeerHandle } from '../wireguard/index.ts';
import type { Path } from './path.ts';
import type { PathState } from './path-health.ts';

/** What a node is: PoPs stand between people and connectors, and pass packets on between one another and connectors. */
export type NodeRole = 'connector' | 'pop';

export interface OverlayPeerOptions {
  /** Names the peer for whoever assembles the node: a PoP's or connector's id. */
  readonly id: string;
  readonly role: NodeRole;
  /** Curve25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly presharedKey?: Uint8Array;
  /** Derived from the key; the only source address it may use. */
  readonly overlayAddress: IpAddress;
  /** Where to reach it over UDP; absent for peers that come to us. */
  readonly endpoint?: Endpoint;
  /** Whether this end starts handshakes and keeps the way through NATs open. */
  readonly dials: boolean;
}

const NEVER = Number.POSITIVE_INFINITY;

/** A path of a peer. */
export type PeerPath = Path<OverlayPeer>;

/** A peer: one session, and the paths by which its datagrams travel. */
export class OverlayPeer {
  readonly id: string;
  readonly role: NodeRole;
  readonly overlayAddress: IpAddress;
  readonly handle: PeerHandle;
  readonly dials: boolean;
  udp: PeerPath | undefined;
  tls: PeerPath | undefined;
  readonly relays: PeerPath[] = [];
  /** The path that packets take. */
  active: PeerPath | undefined;
  activeSinceMs = Number.NEGATIVE_INFINITY;
  /** The better of the direct paths. */
  direct: PeerPath | undefined;
  /** State of the path that packets take, and of the direct one, as they were reported last. */
  state: PathState = 'unproven';
  directState: PathState = 'unproven';
  stateChangedAtMs: number;
  /** Whether keys are there; heartbeats to a peer that comes to us wait for them. */
  keyed = false;
  isRemoved = false;
  /** Peers to which this one relays. */
  readonly relayed = new Set<OverlayPeer>();
  /** What it sent and waits to be sent on to others. */
  queuedPackets = 0;
  queuedBytes = 0;
  /** When the choice of the path must be looked at although nothing happens. */
  chooseAtMs = NEVER;
  // Place in the heap of deadlines.
  heapIndex = -1;
  heapMs = NEVER;

  constructor(options: OverlayPeerOptions, handle: PeerHandle, nowMs: number) {
    this.id = options.id;
    this.role = options.role;
    this.overlayAddress = options.overlayAddress;
    this.dials = options.dials;
    this.handle = handle;
    this.stateChangedAtMs = nowMs;
  }

  /** Every path, best kind first. */
  get paths(): PeerPath[] {
    const paths = this.relays.slice();
    if (this.tls) paths.unshift(this.tls);
    if (this.udp) paths.unshift(this.udp);
    return paths;
  }

  relayVia(via: OverlayPeer): PeerPath | undefined {
    return this.relays.find((path) => path.via === via);
  }

  /** Whether heartbeats of our own go over a path: relays get them only while they are used. */
  talksOver(path: PeerPath): boolean {
    if (path.via) return path === this.active && path.isUsed;
    return this.dials || (this.keyed && !path.health.isGivenUp);
  }

  hasOtherDirect(path: PeerPath): boolean {
    return (this.udp !== undefined && this.udp !== path) || (this.tls !== undefined && this.tls !== path);
  }

  nextDeadlineMs(): number {
    let atMs = this.chooseAtMs;
    if (this.udp) atMs = Math.min(atMs, this.#deadlineOf(this.udp));
    if (this.tls) atMs = Math.min(atMs, this.#deadlineOf(this.tls));
    for (const path of this.relays) atMs = Math.min(atMs, this.#deadlineOf(path));
    return atMs;
  }

  #deadlineOf(path: PeerPath): number {
    if (path.health.owesAnswer) return Number.NEGATIVE_INFINITY;
    const atMs = path.isUsed ? path.usedUntilMs : NEVER;
    if (!this.talksOver(path)) return atMs;
    // A path in doubt is not searched.
    const mtuMs = path.health.isCalm ? path.mtu.nextDeadlineMs() : NEVER;
    return Math.min(atMs, path.health.nextDeadlineMs(), mtuMs);
  }
}
