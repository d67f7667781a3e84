import { RECOVERY_MS, REPORT_FRESH_MS } from './constants.ts';
import type { Liveness, PeerState } from './facts.ts';

/** Who says what about whom. */
export interface Testimony {
  /** The PoP that judges. It is alive: it was asked. */
  readonly self: string;
  /** Every PoP of the snapshot. */
  readonly pops: readonly string[];
  readonly peers: readonly PeerState[];
  /** PoPs whose link to control lives; undefined where control cannot be reached. */
  readonly control: ReadonlySet<string> | undefined;
}

/**
 * Whether each PoP is alive, by the word of those who are. Those with a vote on a PoP: the judge, each peer whose tunnel
 * to the judge is up, and control where it can be reached. It is down if more than half of them do not hear it, so no
 * single link and no single liar takes a PoP out.
 *
 * A judge that hears neither a peer nor control cannot tell whether they are gone or it is cut off: it calls them
 * unknown and goes on with itself, since whoever asked has reached it.
 */
export class LivenessJudge {
  /** Since when a PoP that was down is heard again; -1 while it is not. */
  readonly #down = new Map<string, { heardAgainMs: number }>();
  /** Lists of PoPs that are heard stay the same for long. */
  readonly #sets = new WeakMap<readonly string[], ReadonlySet<string>>();

  #last: Count | undefined;

  /** Of every PoP of the snapshot. */
  judge(testimony: Testimony, nowMs: number): Map<string, Liveness> {
    const heard = this.#heardBy(testimony, nowMs);
    const verdicts = new Map<string, Liveness>();
    testimony.pops.forEach((popId, index) => {
      verdicts.set(popId, this.#settled(popId, heard.verdicts[index] as Liveness, nowMs));
    });
    for (const popId of this.#down.keys()) if (!verdicts.has(popId)) this.#down.delete(popId);
    return verdicts;
  }

  /** What the voters say. It is counted again where anybody says anything else: to count is work for each pair of PoPs. */
  #heardBy(testimony: Testimony, nowMs: number): Count {
    const { self, pops, peers, control } = testimony;
    const basis: unknown[] = [self, ...pops, control !== undefined, ...(control ?? [])];
    for (const { popId, tunnel, report } of peers) basis.push(popId, tunnel, usedReport(report, nowMs)?.hears);
    const last = this.#last;
    if (last?.basis.length === basis.length && basis.every((one, index) => one === last.basis[index])) return last;
    const voters = votersOf(testimony, (hears) => this.#setOf(hears), nowMs);
    const verdicts = pops.map((popId) => (popId === self ? 'up' : verdictOn(popId, voters)));
    this.#last = { basis, verdicts };
    return this.#last;
  }

  #setOf(hears: readonly string[]): ReadonlySet<string> {
    const known = this.#sets.get(hears) ?? new Set(hears);
    this.#sets.set(hears, known);
    return known;
  }

  /** Down at once, up only after a while; whoever was down stays so until somebody hears it. */
  #settled(popId: string, verdict: Liveness, nowMs: number): Liveness {
    const down = this.#down.get(popId);
    if (!down) {
      if (verdict === 'down') this.#down.set(popId, { heardAgainMs: -1 });
      return verdict;
    }
    if (verdict !== 'up') down.heardAgainMs = -1;
    else if (down.heardAgainMs < 0) down.heardAgainMs = nowMs;
    else if (nowMs - down.heardAgainMs >= RECOVERY_MS) {
      this.#down.delete(popId);
      return 'up';
    }
    return 'down';
  }
}

/** What was counted last, and all that it follows from. */
interface Count {
  readonly basis: readonly unknown[];
  readonly verdicts: readonly Liveness[];
}

/** A report that is not too old to count. */
function usedReport(report: PeerState['report'], nowMs: number): PeerState['report'] {
  return report && nowMs - report.receivedMs <= REPORT_FRESH_MS ? report : undefined;
}

type SetOf = (hears: readonly string[]) => ReadonlySet<string>;

interface Voter {
  readonly id: string;
  /** Undefined: it has a vote and does not use it. */
  hears(popId: string): boolean | undefined;
}

/** None where the judge hears neither a peer nor control. */
function votersOf({ self, peers, control }: Testimony, setOf: SetOf, nowMs: number): Voter[] {
  const alive = peers.filter(({ tunnel }) => tunnel === 'up' || tunnel === 'suspect');
  if (alive.length === 0 && !control) return [];
  const tunnels = new Map(peers.map((peer) => [peer.popId, peer.tunnel]));
  const own: Voter = {
    id: self,
    hears(popId) {
      const tunnel = tunnels.get(popId) ?? 'unknown';
      return tunnel === 'unknown' ? undefined : tunnel !== 'down';
    },
  };
  const ofControl = control ? [{ id: 'control', hears: (popId: string) => control.has(popId) }] : [];
  return [own, ...alive.flatMap((peer) => voterOf(peer, setOf, nowMs)), ...ofControl];
}

/** Whoever says that it hears nobody doubts itself and has no vote; the vote of a report that is missing or old is not used. */
function voterOf({ popId: id, report: said }: PeerState, setOf: SetOf, nowMs: number): Voter[] {
  const report = usedReport(said, nowMs);
  if (!report) return [{ id, hears: () => undefined }];
  const hears = setOf(report.hears);
  return hears.size === 0 ? [] : [{ id, hears: (popId) => hears.has(popId) }];
}

function verdictOn(popId: string, voters: readonly Voter[]): Liveness {
  let [others, heard, unheard] = [0, 0, 0];
  for (const voter of voters) {
    if (voter.id === popId) continue;
    others++;
    const vote = voter.hears(popId);
    if (vote === true) heard++;
    else if (vote === false) unheard++;
  }
  if (unheard * 2 > others) return 'down';
  return heard > 0 ? 'up' : 'unknown';
}
