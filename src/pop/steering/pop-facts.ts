import type { PopLoad, PopRecord } from '../../core/link/index.ts';
import {
  browserAddresses,
  LivenessJudge,
  PeerPrefixRtts,
  type PeerReports,
  type SteeredPop,
} from '../../core/steering/index.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { CONTROL_WORD_MS } from './constants.ts';

/** How this PoP is, by its own account. */
export interface OwnState {
  readonly draining: boolean;
  readonly load: PopLoad;
}

type Addresses = Pick<SteeredPop, 'ipv4' | 'ipv6'>;

/** Puts together what steering must know of every PoP: from the snapshot, from the peers' reports and from control. */
export class PopFacts {
  readonly peerRtts = new PeerPrefixRtts();
  readonly #popId: string;
  readonly #judge = new LivenessJudge();
  /** By PoP: the round trips that were taken last. */
  readonly #taken = new Map<string, unknown>();
  readonly #addresses = new WeakMap<PopRecord, { readonly port: number; readonly addresses: Addresses }>();
  #control: { readonly heard: ReadonlySet<string>; readonly atMs: number } | undefined;

  constructor(popId: string) {
    this.#popId = popId;
  }

  /** Control's word on whom it hears. */
  controlHears(popIds: readonly string[], nowMs: number): void {
    this.#control = { heard: new Set(popIds), atMs: nowMs };
  }

  /** Every PoP of the snapshot as it is now. */
  pops(view: SnapshotView, own: OwnState, reports: PeerReports, nowMs: number): SteeredPop[] {
    const records = [...view.state.ofKind('pop')];
    const ids = records.map(({ id }) => id);
    const peers = reports.peers(nowMs);
    this.#takeRtts(peers, new Set(ids));
    const control = this.#control && nowMs - this.#control.atMs <= CONTROL_WORD_MS ? this.#control.heard : undefined;
    const verdicts = this.#judge.judge({ self: this.#popId, pops: ids, peers, control }, nowMs);
    const reported = new Map(peers.map((peer) => [peer.popId, peer.report]));
    return records.map((record) => {
      const said = record.id === this.#popId ? own : reported.get(record.id);
      return {
        id: record.id,
        latitude: record.location.latitude,
        longitude: record.location.longitude,
        ...this.#addressesOf(record, view.installation.publicPort),
        liveness: verdicts.get(record.id) ?? 'unknown',
        draining: record.draining === true || said?.draining === true,
        load: said?.load,
      };
    });
  }

  /** Records of PoPs seldom change, and this is asked each second. */
  #addressesOf(record: PopRecord, port: number): Addresses {
    const known = this.#addresses.get(record);
    if (known?.port === port) return known.addresses;
    const all = browserAddresses(record, port);
    const texts = (wanted: 4 | 6) => all.filter(({ version }) => version === wanted).map(({ text }) => text);
    const addresses = { ipv4: texts(4), ipv6: texts(6) };
    this.#addresses.set(record, { port, addresses });
    return addresses;
  }

  #takeRtts(peers: ReturnType<PeerReports['peers']>, popIds: ReadonlySet<string>): void {
    for (const { popId, report } of peers) {
      if (!report || this.#taken.get(popId) === report.prefixes) continue;
      this.#taken.set(popId, report.prefixes);
      this.peerRtts.take(popId, report.prefixes);
    }
    let isGone = false;
    for (const popId of this.#taken.keys()) if (!popIds.has(popId)) isGone = this.#taken.delete(popId) || isGone;
    if (isGone) this.peerRtts.retain(popIds);
  }
}
