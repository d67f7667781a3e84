/** Changes of which this control node knows all that they changed: it need not read everything to publish them. */
import type { LinkRecord, SnapshotState, SnapshotVersion } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import {
  findOrganisationPolicy,
  findResourcePolicy,
  listNamedLists,
  publishedCounters,
  type Queries,
  type Store,
} from '../../io/store/index.ts';
import { KNOWN_CHANGES_MAX } from '../constants.ts';
import { organisationPoliciesOf } from './policies.ts';

/** All that one revision changed of what PoPs know. */
export type KnownChange =
  | { readonly kind: 'resource-policy'; readonly resourceId: string }
  | { readonly kind: 'organisation-policy'; readonly organisationId: string };

/** What a version has that the one before had not. */
export interface KnownStep {
  readonly version: SnapshotVersion;
  readonly put: readonly LinkRecord[];
}

/**
 * Changes by their revision. A revision that this node knows nothing of, because another node made it or it changed
 * something else, is a gap: then everything is read, which is always right.
 */
export class KnownChanges {
  readonly #changes = new Map<string, KnownChange>();

  /** Call when it is committed. */
  note({ epoch, revision }: SnapshotVersion, change: KnownChange): void {
    if (this.#changes.size >= KNOWN_CHANGES_MAX) this.#changes.clear();
    this.#changes.set(`${epoch}.${revision}`, change);
  }

  /** From the current state to what is committed now; undefined where that is not all known. */
  async stepFrom(current: SnapshotState, store: Store): Promise<KnownStep | undefined> {
    if (this.#changes.size === 0) return undefined;
    return store.read(async (queries) => {
      const { epoch, revision } = await publishedCounters(queries);
      const changes = this.#between(current.version, { epoch, revision });
      if (!changes) return undefined;
      const put: LinkRecord[] = [];
      for (const change of changes) {
        const record = await recordAfter(change, current, queries);
        if (!record) return undefined;
        put.push(record);
      }
      return { version: { epoch, revision }, put };
    });
  }

  /** Everything up to here is published. */
  forget({ epoch, revision }: SnapshotVersion): void {
    for (const key of this.#changes.keys()) {
      const [ofEpoch, ofRevision] = key.split('.').map(Number);
      if (ofEpoch !== epoch || (ofRevision ?? 0) <= revision) this.#changes.delete(key);
    }
  }

  /** Each thing once, since it is read as it is now. */
  #between(from: SnapshotVersion, to: SnapshotVersion): Iterable<KnownChange> | undefined {
    if (from.epoch !== to.epoch || to.revision - from.revision > KNOWN_CHANGES_MAX) return undefined;
    const changes = new Map<string, KnownChange>();
    for (let revision = from.revision + 1; revision <= to.revision; revision++) {
      const change = this.#changes.get(`${to.epoch}.${revision}`);
      if (!change) return undefined;
      changes.set(change.kind === 'resource-policy' ? change.resourceId : change.organisationId, change);
    }
    return changes.values();
  }
}

async function recordAfter(
  change: KnownChange,
  current: SnapshotState,
  queries: Queries,
): Promise<LinkRecord | undefined> {
  if (change.kind === 'organisation-policy') {
    const { organisationId } = change;
    const policy = await findOrganisationPolicy(queries, organisationId);
    const organisationPolicies = policy === undefined ? [] : [{ organisation_id: organisationId, policy }];
    return organisationPoliciesOf({
      organisationPolicies,
      namedLists: await listNamedLists(queries, organisationId),
    })[0];
  }
  const record = current.records.entry({ kind: 'resource', id: change.resourceId })?.record;
  const policy = await findResourcePolicy(queries, change.resourceId);
  if (record?.kind !== 'resource' || policy === undefined) return undefined;
  // Field by field in the order that it had, so that it spells as when everything is read.
  return { ...record, policy: JSON.parse(policy) as Policy };
}
