import type { Clock } from '../base/index.ts';
import type { PopToControl, WayStatus } from '../core/link/index.ts';
import type { WayState } from '../core/routing/index.ts';
import { WAYS_PER_MESSAGE } from './constants.ts';
import type { TargetDialer } from './dialer.ts';
import type { JudgedRecord, PublishedResource } from './published-resource.ts';
import type { SnapshotView } from './snapshot-view.ts';
import type { TargetChoice } from './target-choice.ts';

type TargetsMessage = Extract<PopToControl, { type: 'targets' }>;

/** Ways, by connector and target. */
type Told = Map<string, WayStatus>;

export interface WayNews {
  /** These are all ways that are known. */
  readonly whole: boolean;
  readonly status: readonly WayStatus[];
}

/**
 * What control is told of targets: how each way is, as a function of the tunnel, the checks and the requests. Ways of
 * connectors and devices that never had a tunnel here and of which nothing is known are left out, so that a PoP does not call
 * unreachable what was never its to reach.
 */
export class TargetStates {
  readonly #choice: TargetChoice;
  readonly #dialer: TargetDialer;
  readonly #clock: Clock;
  /** Connectors that had a tunnel to this PoP since it started. */
  readonly #met = new Set<string>();
  #told: Told = new Map();
  #tellsWhole = true;

  constructor(choice: TargetChoice, dialer: TargetDialer, clock: Clock) {
    this.#choice = choice;
    this.#dialer = dialer;
    this.#clock = clock;
  }

  /** Control has to hear everything anew. */
  forgetTold(): void {
    this.#tellsWhole = true;
  }

  /** What control does not know yet; undefined where that is nothing. */
  news(view: SnapshotView): WayNews | undefined {
    const now: Told = new Map();
    const changed: WayStatus[] = [];
    for (const status of this.#states(view)) {
      const key = `${status.connectorId} ${status.targetId}`;
      const before = this.#told.get(key);
      // A state that stays keeps its beginning, whoever says it.
      const same = before?.state === status.state && before.reason === status.reason;
      const told = same ? before : status;
      now.set(key, told);
      if (!same) changed.push(told);
    }
    const whole = this.#tellsWhole;
    this.#tellsWhole = false;
    this.#told = now;
    if (whole) return { whole, status: [...now.values()] };
    return changed.length > 0 ? { whole, status: changed } : undefined;
  }

  /** Tells control what it does not know yet, in messages of a size that it takes. */
  tell(view: SnapshotView, send: (message: TargetsMessage) => void): void {
    const news = this.news(view);
    if (!news) return;
    const { whole, status } = news;
    for (let at = 0; at === 0 || at < status.length; at += WAYS_PER_MESSAGE)
      send({ type: 'targets', whole: whole && at === 0, status: status.slice(at, at + WAYS_PER_MESSAGE) });
  }

  *#states(view: SnapshotView): Generator<WayStatus> {
    const resources: PublishedResource<JudgedRecord>[] = [...view.resources.values(), ...view.streams.values()];
    for (const resource of resources)
      for (const target of resource.targets.values())
        for (const connector of view.nodesOf(target.siteId)) {
          const way = { connectorId: connector.id, targetId: target.id };
          const state = this.#tunnelOf(connector.id, connector.overlayAddress);
          const known = this.#choice.knowledgeOf(resource).pool.stateOf(way, this.#clock.nowMs());
          if (state === 'strange' && !known) continue;
          if (state === 'down') yield { ...way, ...this.#since('unhealthy', 'tunnel-down') };
          else yield { ...way, ...(known ?? this.#since('unknown', 'not-checked')) };
        }
  }

  #tunnelOf(connectorId: string, overlayAddress: string): 'up' | 'down' | 'strange' {
    const isUp = this.#dialer.state(overlayAddress) !== 'down';
    if (isUp && !this.#dialer.isRelayed(overlayAddress)) this.#met.add(connectorId);
    if (!this.#met.has(connectorId)) return 'strange';
    return isUp ? 'up' : 'down';
  }

  #since(state: WayState['state'], reason: string): WayState {
    return { state, reason, sinceUnixMs: Math.round(this.#clock.unixMs()) };
  }
}
