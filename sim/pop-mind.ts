/** What a PoP holds in memory. */
import type { PopToPop } from '../src/core/link/index.ts';
import {
  HeardPops,
  MeshView,
  ReachAnnouncer,
  ReachabilityTable,
  type ReachChange,
  type ReportAnnouncer,
} from '../src/core/reach/index.ts';
import { PrefixRtts, Steering } from '../src/core/steering/index.ts';
import { PopFacts } from '../src/pop/steering/pop-facts.ts';
import type { LinkEnd } from './links.ts';
import type { SimPop } from './pop.ts';
import { ReachNumbers } from './reach-numbers.ts';

export type MeshMessage =
  | Extract<PopToPop, { type: 'report' }>
  /** On the wire an entry's id is called `connectorId`, and `total` is not told. */
  | ({ readonly type: 'attached'; readonly total: number } & ReachChange);

export interface Neighbour {
  readonly pop: SimPop;
  /** Whether we dial, and open the link. */
  readonly opens: boolean;
  link: LinkEnd | undefined;
  attacheds: number;
  /** Of what this link's other end was told. */
  reports: ReportAnnouncer;
  /** Whether the link was open, and nothing was tried since. */
  isFresh: boolean;
}

/** All of it is lost in a restart. */
export class Mind {
  readonly view = new MeshView();
  readonly reach: ReachabilityTable | ReachNumbers;
  readonly heard = new HeardPops();
  readonly own = new PrefixRtts();
  readonly neighbours = new Map<number, Neighbour>();
  readonly connectorLinks = new Map<number, LinkEnd>();
  readonly facts: PopFacts;
  readonly steering: Steering;
  /** Says the same over every link, so what is news is found once; each link has its own sequence. */
  readonly announcer = new ReachAnnouncer();
  isTelling = false;
  toldAtMs = Number.NEGATIVE_INFINITY;
  ticks = 0;

  constructor(popId: string, keepsTable: boolean) {
    this.reach = keepsTable ? new ReachabilityTable() : new ReachNumbers();
    this.facts = new PopFacts(popId);
    this.steering = new Steering({ self: popId, own: this.own, peers: this.facts.peerRtts });
  }
}

/** As it would be encoded. */
export function charsOf({ put, remove }: Pick<ReachChange, 'put' | 'remove'>): number {
  const entries = put.map(({ id, rttMs, draining }) => ({ connectorId: id, rttMs, draining }));
  return JSON.stringify({ type: 'attached', sequence: 100, whole: false, put: entries, remove }).length;
}

/** The same of a report, without encoding what is always as long. */
export function charsOfReport({ hears, prefixes }: Extract<MeshMessage, { type: 'report' }>): number {
  const ids = hears ? 30 + 34 * (hears.put.length + hears.remove.length) : 0;
  return 110 + ids + (prefixes ? 13 + 58 * prefixes.length : 0);
}
