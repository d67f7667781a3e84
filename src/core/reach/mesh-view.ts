import type { PopReport } from '../link/index.ts';
import { FIRST_TUNNEL_MS } from './constants.ts';

/** A report with the monotonic time of its arrival. */
export type ReceivedReport = PopReport & { readonly receivedMs: number };

/** What a PoP knows of another one at first hand. */
export interface PeerView {
  readonly popId: string;
  /** Of our own tunnel to it; `unknown` while there was no time yet to bring it up. */
  readonly tunnel: 'up' | 'suspect' | 'down' | 'unknown';
  /** Of our tunnel to it; undefined where it was not measured. */
  readonly rttMs: number | undefined;
  /** Its last word about itself. It outlives the tunnel: its age tells how long the PoP was not heard. */
  readonly report?: ReceivedReport;
}

interface Peer {
  readonly sinceMs: number;
  tunnel: 'up' | 'suspect' | 'down' | 'unproven';
  rttMs: number | undefined;
  report: ReceivedReport | undefined;
  /** Of the last report on the stream; undefined before the first. */
  sequence: number | undefined;
}

/** The other PoPs of the snapshot: whether we hear them, and what they say of themselves and of one another. */
export class MeshView {
  readonly #peers = new Map<string, Peer>();

  /** Makes it the view of these PoPs; what is known of those that stay is kept. */
  follow(popIds: ReadonlySet<string>, nowMs: number): void {
    for (const id of this.#peers.keys()) if (!popIds.has(id)) this.#peers.delete(id);
    for (const id of popIds) if (!this.#peers.has(id)) this.#peers.set(id, newPeer(nowMs));
  }

  /** How our tunnel to a PoP is. */
  tunnel(popId: string, tunnel: Peer['tunnel'], rttMs: number | undefined): void {
    const peer = this.#peers.get(popId);
    if (!peer) return;
    peer.tunnel = tunnel;
    peer.rttMs = rttMs;
  }

  /** A new stream from a PoP: its sequence begins anew. */
  opened(popId: string): void {
    const peer = this.#peers.get(popId);
    if (peer) peer.sequence = undefined;
  }

  /** Takes a report. False where it is out of sequence: the stream is closed. */
  take(popId: string, sequence: number, report: PopReport, nowMs: number): boolean {
    const peer = this.#peers.get(popId);
    if (!peer) return true;
    if (peer.sequence !== undefined && sequence !== peer.sequence + 1) return false;
    peer.sequence = sequence;
    peer.report = { ...report, receivedMs: nowMs };
    return true;
  }

  /** PoPs whose tunnel is up: what we say that we hear. */
  hears(): string[] {
    return [...this.#peers].filter(([, peer]) => peer.tunnel === 'up').map(([id]) => id);
  }

  peers(nowMs: number): PeerView[] {
    return [...this.#peers].map(([popId, { sinceMs, tunnel, rttMs, report }]) => ({
      popId,
      tunnel: tunnel !== 'unproven' ? tunnel : nowMs - sinceMs < FIRST_TUNNEL_MS ? 'unknown' : 'down',
      rttMs,
      ...(report && { report }),
    }));
  }
}

function newPeer(nowMs: number): Peer {
  return { sinceMs: nowMs, tunnel: 'unproven', rttMs: undefined, report: undefined, sequence: undefined };
}
