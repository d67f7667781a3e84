import type { Clock, Random } from '../base/index.ts';
import type { ConnectorRecord, ResourceRecord, TargetRecord } from '../core/link/index.ts';
import { RetryBudget, TargetPool } from '../core/routing/index.ts';
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
  readonly #dialer: TargetDialer;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #held = new Map<string, Held>();

  constructor(dialer: TargetDialer, clock: Clock, random: Random) {
    this.#dialer = dialer;
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
    const candidates: Candidate[] = [];
    for (const target of this.#targets(resource)) {
      const suspect: Candidate[] = [];
      for (const connector of view.connectorsOf(target.siteId)) {
        const state = this.#dialer.state(connector.overlayAddress);
        if (state === 'up') candidates.push({ target, connector });
        else if (state === 'suspect') suspect.push({ target, connector });
      }
      candidates.push(...suspect);
    }
    return candidates;
  }

  /** With a single target there is nothing to balance. */
  #targets(resource: PublishedResource): readonly TargetRecord[] {
    const { pool } = this.knowledgeOf(resource);
    const nowMs = this.#clock.nowMs();
    const { targets } = resource.record;
    const [only] = targets;
    if (only && targets.length === 1) return pool.healthOf(only.id, nowMs) === 'unhealthy' ? [] : targets;
    return pool.candidates(nowMs).flatMap(({ id }) => resource.targets.get(id) ?? []);
  }

  /** Forgets resources that are no longer in the snapshot. */
  retain(view: SnapshotView): void {
    for (const id of this.#held.keys()) if (!view.resources.has(id)) this.#held.delete(id);
  }
}

function targetsOf(record: ResourceRecord) {
  return record.targets.map(({ id, priority, weight }) => ({ id, tier: priority, weight }));
}
