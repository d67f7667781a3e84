import type { AttachedConnector, SnapshotVersion, StreamPortStatus } from '../core/link/index.ts';
import type { StreamPosition } from '../core/session/index.ts';
import type { PopLink } from '../io/link-server.ts';

/** A PoP that is linked with this node: what it said of itself, and what it was sent. */
export interface Peer {
  readonly link: PopLink;
  applied: SnapshotVersion | null;
  revocationsApplied: StreamPosition;
  connectors: readonly AttachedConnector[];
  streams: readonly StreamPortStatus[];
  draining: boolean;
  /** What was sent last; the PoP may not have applied it yet. */
  sent: SnapshotVersion | null;
  revocationsSent: StreamPosition;
  wholeSentMs: number;
}

/** One whose link has just opened. */
export function newPeer(link: PopLink, wholeSentMs: number): Peer {
  return {
    ...{ link, applied: link.have, revocationsApplied: link.revocations, connectors: [], streams: [], draining: false },
    ...{ sent: link.have, revocationsSent: link.revocations, wholeSentMs },
  };
}
