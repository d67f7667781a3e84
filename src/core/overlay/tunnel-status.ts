import type { Endpoint } from '../../base/index.ts';
import type { PeerStatus } from '../wireguard/index.ts';
import type { PathKind } from './path.ts';
import type { PathState } from './path-health.ts';
import type { NodeRole, OverlayPeer, PeerPath } from './peer.ts';

export interface PathStatus {
  readonly kind: PathKind;
  /** Id of the relay, for a path through one. */
  readonly via: string | undefined;
  /** Of a relay that nobody tried yet: what is assumed of it. */
  readonly state: PathState;
  readonly rttMs: number | undefined;
  /** Smoothed share of heartbeats that get lost on the way there or back, 0 to 1. */
  readonly loss: number;
  /** Largest inner packet, in bytes. */
  readonly mtu: number;
  /** Whether packets take this path now. */
  readonly active: boolean;
  readonly endpoint: Endpoint;
}

export interface TunnelStatus {
  readonly id: string;
  /** What the peer is. */
  readonly role: NodeRole;
  /** Of the best path. */
  readonly state: PathState;
  /** Of the better direct path; `unproven` where there is none. Only a peer that is `up` here is attached to us. */
  readonly directState: PathState;
  readonly changedAtMs: number;
  /** Of the path that packets take. */
  readonly rttMs: number | undefined;
  readonly loss: number;
  /** Where the peer is over UDP or TLS; undefined where it is reached through relays alone. */
  readonly endpoint: Endpoint | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly paths: readonly PathStatus[];
}

export function tunnelStatus(peer: OverlayPeer, device: PeerStatus, nowMs: number): TunnelStatus {
  return {
    id: peer.id,
    role: peer.role,
    state: peer.state,
    directState: peer.directState,
    changedAtMs: peer.stateChangedAtMs,
    rttMs: peer.active?.rttMs,
    loss: peer.active?.health.loss ?? 0,
    endpoint: peer.direct && plain(peer.direct.endpoint),
    receivedBytes: device.receivedBytes,
    sentBytes: device.sentBytes,
    paths: peer.paths.map((path) => pathStatus(path, nowMs)),
  };
}

function pathStatus(path: PeerPath, nowMs: number): PathStatus {
  return {
    kind: path.kind,
    via: path.via?.id,
    state: path.state(nowMs),
    rttMs: path.rttMs,
    loss: path.health.loss,
    mtu: path.mtu.mtu,
    active: path === path.peer.active,
    endpoint: plain(path.endpoint),
  };
}

/** Without what ties it to its path. */
function plain({ address, port }: Endpoint): Endpoint {
  return { address, port };
}
