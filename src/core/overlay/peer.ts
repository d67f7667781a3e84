import type { Endpoint, IpAddress } from '../../base/index.ts';
import type { PeerHandle } from '../wireguard/index.ts';
import { PathHealth } from './path-health.ts';

export interface OverlayPeerOptions {
  /** Names the peer for whoever assembles the node: a PoP's or connector's id. */
  readonly id: string;
  /** Curve25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly presharedKey?: Uint8Array;
  /** Derived from the key; the only source address it may use. */
  readonly overlayAddress: IpAddress;
  /** Where to reach it; absent for peers that come to us. */
  readonly endpoint?: Endpoint;
  /** Whether this end starts handshakes and keeps the way through NATs open. */
  readonly dials: boolean;
}

/** A tunnel and what is known of it. */
export class OverlayPeer {
  readonly id: string;
  readonly overlayAddress: IpAddress;
  readonly handle: PeerHandle;
  readonly dials: boolean;
  readonly health: PathHealth;
  /** Whether keys are there; heartbeats to a peer that comes to us wait for them. */
  keyed = false;

  constructor(options: OverlayPeerOptions, handle: PeerHandle, nowMs: number) {
    this.id = options.id;
    this.overlayAddress = options.overlayAddress;
    this.dials = options.dials;
    this.handle = handle;
    this.health = new PathHealth(nowMs);
  }

  /** Whether a heartbeat makes sense now. */
  get talks(): boolean {
    return this.keyed || this.dials;
  }
}
