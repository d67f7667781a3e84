import type { PopReport, PopReportNews } from '../link/index.ts';
import { FIRST_TUNNEL_MS, MAXIMUM_UNKNOWN_DESTINATIONS } from './constants.ts';

/** Why a report was not taken; the stream that it came by is closed. */
export type ReportRefusal = 'report-out-of-sequence' | 'hears-too-many';

/** A report with the monotonic time of its arrival. */
export type ReceivedReport = PopReport & { readonly receivedMs: number };

/** What a PoP knows of another one at first hand. */
export interface PeerView {
  readonly popId: string;
  /** Of our own tunnel to it; `unknown` while there was no time yet to bring it up. */
  readonly tunnel: 'up' | 'suspect' | 'down' | 'unknown';
  /** Of our tunnel to it; undefined where it was not measured. */
  readonly rttMs: number | undefined;
  /** Its last word about itself, and the last round trips that it told. It outlives the tunnel: its age tells how long the PoP was not heard. */
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
  #hears: readonly string[] | undefined;

  /** Makes it the view of these PoPs; what is known of those that stay is kept. */
  follow(popIds: ReadonlySet<string>, nowMs: number): void {
    this.#hears = undefined;
    for (const id of this.#peers.keys()) if (!popIds.has(id)) this.#peers.delete(id);
    for (const id of popIds) if (!this.#peers.has(id)) this.#peers.set(id, newPeer(nowMs));
  }

  /** How our tunnel to a PoP is. */
  tunnel(popId: string, tunnel: Peer['tunnel'], rttMs: number | undefined): void {
    const peer = this.#peers.get(popId);
    if (!peer) return;
    if (peer.tunnel !== tunnel) this.#hears = undefined;
    peer.tunnel = tunnel;
    peer.rttMs = rttMs;
  }

  /** A new stream from a PoP: its sequence begins anew. */
  opened(popId: string): void {
    const peer = this.#peers.get(popId);
    if (peer) peer.sequence = undefined;
  }

  /** Takes what is new in a report. */
  take(popId: string, sequence: number, news: PopReportNews, nowMs: number): ReportRefusal | undefined {
    const peer = this.#peers.get(popId);
    if (!peer) return undefined;
    const isFirst = peer.sequence === undefined;
    if (!isFirst && sequence !== (peer.sequence as number) + 1) return 'report-out-of-sequence';
    const hears = heardNow(isFirst ? [] : (peer.report?.hears ?? []), news);
    if (hears.length > this.#peers.size + MAXIMUM_UNKNOWN_DESTINATIONS) return 'hears-too-many';
    peer.sequence = sequence;
    const { draining, load, prefixes = peer.report?.prefixes ?? [] } = news;
    peer.report = { draining, load, hears, prefixes, receivedMs: nowMs };
    return undefined;
  }

  /** PoPs whose tunnel is up: what we say that we hear. The same list while nothing changes. */
  hears(): readonly string[] {
    this.#hears ??= [...this.#peers].filter(([, peer]) => peer.tunnel === 'up').map(([id]) => id);
    return this.#hears;
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

/** The same list where nothing changed. */
function heardNow(before: readonly string[], { hears }: PopReportNews): readonly string[] {
  if (!hears) return before;
  const now = new Set(before);
  for (const id of hears.remove) now.delete(id);
  for (const id of hears.put) now.add(id);
  return [...now];
}

function newPeer(nowMs: number): Peer {
  return { sinceMs: nowMs, tunnel: 'unproven', rttMs: undefined, report: undefined, sequence: undefined };
}
