import type { Clock, Random } from '../base/index.ts';
import type { ConnectorRecord, ResourceRecord, TargetRecord } from '../core/link/index.ts';
import { RetryBudget, TargetPool } from '../core/routing/index.ts';
import { ConnectorChoice } from './connector-choice.ts';
import type { TargetDialer } from './dialer.ts';
import type { PublishedResource, SnapshotView } from './snapshot-view.ts';

/** One way to serve a request: a target, reached through a connector of its site. */
export interface Candidate {
  readonly target: TargetRecord;
  readonly connector: ConnectorRecord;
}

/** What is known of the targets of one resource; outlives snapshots. */
export interface TargetKnowledge {
  readonly pool: TargetPool;
  readonly budget: RetryBudget;
}

interface Held extends TargetKnowledge {
  record: ResourceRecord;
}

/** Chooses where a request goes, best first. */
export class TargetChoice {
  readonly #clock: Clock;
  readonly #random: Random;
  /** The order among the connectors of a site. */
  readonly connectors: ConnectorChoice;
  readonly #held = new Map<string, Held>();

  constructor(dialer: TargetDialer, clock: Clock, random: Random) {
    this.connectors = new ConnectorChoice(dialer, random);
    this.#clock = clock;
    this.#random = random;
  }

  /** Health, balancing and retry budget of a resource. */
  knowledgeOf({ record }: PublishedResource): TargetKnowledge {
    let held = this.#held.get(record.id);
    if (!held) {
      held = {
        record,
        pool: new TargetPool(targetsOf(record), 'least-latency', this.#random),
        budget: new RetryBudget(this.#clock.nowMs()),
      };
      this.#held.set(record.id, held);
    } else if (held.record !== record) {
      held.record = record;
      held.pool.update(targetsOf(record), 'least-latency');
    }
    return held;
  }

  /** The candidates of a request in the order to try them. Connectors without a usable path are left out. */
  candidates(resource: PublishedResource, view: SnapshotView): Candidate[] {
    const waysTo = new Map<string, readonly Candidate[]>();
    for (const target of resource.targets.values()) waysTo.set(target.id, this.#waysTo(target, view));
    const isReachable = (id: string): boolean => (waysTo.get(id) ?? []).length > 0;
    const chosen = this.knowledgeOf(resource).pool.candidates(this.#clock.nowMs(), isReachable);
    return chosen.flatMap(({ id }) => waysTo.get(id) ?? []);
  }

  /** The connectors that a target is reached through, the best first. */
  #waysTo(target: TargetRecord, view: SnapshotView): readonly Candidate[] {
    const connectors = this.connectors.order(view.connectorsOf(target.siteId), this.#clock.nowMs());
    return connectors.map((connector) => ({ target, connector }));
  }

  /** Forgets resources and connectors that are no longer in the snapshot. */
  retain(view: SnapshotView): void {
    this.connectors.retain(new Set([...view.state.ofKind('connector')].map(({ id }) => id)));
    for (const id of this.#held.keys()) if (!view.resources.has(id)) this.#held.delete(id);
  }
}

function targetsOf(record: ResourceRecord) {
  return record.targets.map(({ id, priority, weight }) => ({ id, tier: priority, weight }));
}
