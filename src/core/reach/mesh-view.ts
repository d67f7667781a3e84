import type { PopReport } from '../link/index.ts';

/** What a PoP knows of another one. */
export interface PeerView {
  readonly popId: string;
  /** Whether our own tunnel to it is up. */
  readonly tunnelUp: boolean;
  /** Of our tunnel to it; undefined where it was not measured. */
  readonly rttMs: number | undefined;
  /** Its last word about itself; undefined where nothing was heard since our tunnel to it came up. */
  readonly report: PopReport | undefined;
  /** How old that word is. */
  readonly reportAgeMs: number | undefined;
  /** PoPs that say they hear it, ours left out, as far as their word is still heard. */
  readonly heardBy: readonly string[];
}

/** The narrow face for whoever decides by what PoPs say of themselves. */
export interface PeerReports {
  /** Every other PoP of the snapshot. */
  peers(nowMs: number): readonly PeerView[];
}

interface Peer {
  tunnelUp: boolean;
  rttMs: number | undefined;
  report: PopReport | undefined;
  reportedAtMs: number;
  /** Of the last report on the stream; undefined before the first. */
  sequence: number | undefined;
}

/** The other PoPs of the snapshot: whether we hear them, what they say, and who says that they hear them. */
export class MeshView implements PeerReports {
  readonly #peers = new Map<string, Peer>();

  /** Makes it the view of these PoPs; what is known of those that stay is kept. */
  follow(popIds: ReadonlySet<string>): void {
    for (const id of this.#peers.keys()) if (!popIds.has(id)) this.#peers.delete(id);
    for (const id of popIds) if (!this.#peers.has(id)) this.#peers.set(id, newPeer());
  }

  /** Our tunnel to a PoP. Its report outlives the tunnel, so that its age tells how long it was not heard. */
  tunnel(popId: string, tunnelUp: boolean, rttMs: number | undefined): void {
    const peer = this.#peers.get(popId);
    if (!peer) return;
    peer.tunnelUp = tunnelUp;
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
    peer.report = report;
    peer.reportedAtMs = nowMs;
    return true;
  }

  /** PoPs whose tunnel is up: what we say that we hear. */
  hears(): string[] {
    return [...this.#peers].filter(([, peer]) => peer.tunnelUp).map(([id]) => id);
  }

  peers(nowMs: number): PeerView[] {
    const heardBy = new Map<string, string[]>();
    for (const [id, peer] of this.#peers) {
      if (!peer.tunnelUp) continue;
      for (const heard of peer.report?.hears ?? []) {
        const hearers = heardBy.get(heard);
        if (hearers) hearers.push(id);
        else if (this.#peers.has(heard)) heardBy.set(heard, [id]);
      }
    }
    return [...this.#peers].map(([popId, { tunnelUp, rttMs, report, reportedAtMs }]) => ({
      popId,
      tunnelUp,
      rttMs,
      report,
      reportAgeMs: report && nowMs - reportedAtMs,
      heardBy: heardBy.get(popId) ?? [],
    }));
  }
}

function newPeer(): Peer {
  return { tunnelUp: false, rttMs: undefined, report: undefined, reportedAtMs: 0, sequence: undefined };
}
