import type { Clock, Random } from '../base/index.ts';
import type { ResourceRecord, TargetRecord, TargetStatus } from '../core/link/index.ts';
import {
  addressKey,
  type Choice,
  DEFAULT_BALANCE,
  type Hint,
  markOf,
  NO_HINT,
  type PanicWarning,
  RetryBudget,
  TargetPool,
  type Way,
} from '../core/routing/index.ts';
import { ConnectorChoice } from './connector-choice.ts';
import { PANIC_WARNING_EVERY_MS } from './constants.ts';
import type { TargetDialer } from './dialer.ts';
import type { Problem } from './problems.ts';
import type { ChosenTarget, JudgedRecord, PublishedResource } from './published-resource.ts';
import type { AdmittedRequest } from './serving.ts';
import type { SiteNode, SnapshotView } from './snapshot-view.ts';

/** One way to serve a request: a target, reached through a connector or device of its site. */
export interface Candidate<Target extends ChosenTarget = TargetRecord> extends Way {
  readonly target: Target;
  readonly connector: SiteNode;
}

/** For whom a way is chosen: a request, a connection, a session of datagrams. */
export interface WaySeeker<Record extends JudgedRecord = ResourceRecord> {
  readonly resource: PublishedResource<Record>;
  readonly view: SnapshotView;
  readonly context: { readonly connection: Pick<AdmittedRequest['context']['connection'], 'address'> };
  readonly targetMark: string | undefined;
  /** Which targets alone it may go to. */
  readonly rules?: { readonly targets: ReadonlySet<string> | undefined } | undefined;
}

/** What is known of the targets of one resource; outlives snapshots. */
export interface TargetKnowledge {
  readonly pool: TargetPool;
  readonly budget: RetryBudget;
}

interface Held extends TargetKnowledge {
  record: JudgedRecord;
  /** When it was last said that health is not believed. */
  warnedMs: number;
}

/** Hears, now and then while it lasts, that the health of a resource's targets is not believed. */
export type PanicListener = (resourceId: string, warning: PanicWarning) => void;

/** Chooses where a request goes, best first. */
export class TargetChoice {
  readonly #dialer: TargetDialer;
  readonly #clock: Clock;
  readonly #random: Random;
  /** The order among the connectors of a site. */
  readonly connectors: ConnectorChoice;
  readonly #onPanic: PanicListener;
  readonly #held = new Map<string, Held>();

  constructor(dialer: TargetDialer, clock: Clock, random: Random, onPanic: PanicListener = () => undefined) {
    this.#onPanic = onPanic;
    this.#dialer = dialer;
    this.connectors = new ConnectorChoice(dialer, random);
    this.#clock = clock;
    this.#random = random;
  }

  /** Health, balancing and retry budget of a resource. */
  knowledgeOf(resource: PublishedResource<JudgedRecord>): TargetKnowledge {
    return this.#holdOf(resource);
  }

  #holdOf({ record }: PublishedResource<JudgedRecord>): Held {
    let held = this.#held.get(record.id);
    if (!held) {
      held = {
        record,
        pool: new TargetPool(targetsOf(record), record.balance ?? DEFAULT_BALANCE, this.#random),
        budget: new RetryBudget(this.#clock.nowMs()),
        warnedMs: Number.NEGATIVE_INFINITY,
      };
      this.#held.set(record.id, held);
    } else if (held.record !== record) {
      held.record = record;
      held.pool.update(targetsOf(record), record.balance ?? DEFAULT_BALANCE);
    }
    return held;
  }

  /** The ways of a request in the order to try them. Connectors without a usable path are left out. */
  candidates<Record extends JudgedRecord = ResourceRecord>({
    resource,
    view,
    context,
    targetMark,
    rules,
  }: WaySeeker<Record>): Choice<Candidate<Record['targets'][number]>> {
    const held = this.#holdOf(resource);
    const { pool } = held;
    const hint = hintOf(pool.settings.sticky, targetMark, context.connection.address);
    const waysTo = (targetId: string): readonly Candidate<Record['targets'][number]>[] => {
      const target = rules?.targets?.has(targetId) === false ? undefined : resource.targets.get(targetId);
      return target ? this.#waysTo(target, view) : [];
    };
    const nowMs = this.#clock.nowMs();
    const choice = pool.choose(nowMs, waysTo, hint);
    if (choice.warning && nowMs - held.warnedMs >= PANIC_WARNING_EVERY_MS) {
      held.warnedMs = nowMs;
      this.#onPanic(resource.record.id, choice.warning);
    }
    return choice;
  }

  /** Whether anything leads to any target now, however it is. */
  hasWay(admitted: Pick<WaySeeker<JudgedRecord>, 'resource' | 'view' | 'rules'>): boolean {
    return nodesOf(admitted).some(({ overlayAddress }) => this.#dialer.state(overlayAddress) !== 'down');
  }

  /** Why there is no way at all. */
  whyNone(admitted: Pick<WaySeeker<JudgedRecord>, 'resource' | 'view' | 'rules'>): Problem {
    const isPopLost = nodesOf(admitted).some(({ overlayAddress }) => this.#dialer.isPopLost(overlayAddress));
    return isPopLost ? 'device-pop-lost' : 'no-healthy-target';
  }

  /** The mark that the client shall bring along from now on; undefined where it has it, or none is wanted. */
  newMark({ resource, targetMark }: AdmittedRequest, way: Way): string | undefined {
    if (this.knowledgeOf(resource).pool.settings.sticky !== 'cookie') return undefined;
    const mark = markOf(way);
    return mark === targetMark ? undefined : mark;
  }

  /** What a connector (of a device, its PoP) says of the targets of its site; of others its word does not count. */
  checked(view: SnapshotView, connector: SiteNode, status: readonly TargetStatus[]): void {
    for (const { targetId, ...state } of status) {
      const resource = view.resourceOfTarget(targetId);
      if (resource?.targets.get(targetId)?.siteId !== connector.siteId) continue;
      this.knowledgeOf(resource).pool.checked({ targetId, connectorId: connector.id }, state);
    }
  }

  /** Forgets resources and connectors that are no longer in the snapshot. */
  retain(view: SnapshotView): void {
    this.connectors.retain(view.nodeIds);
    for (const [id, { pool }] of this.#held) {
      if (!view.resources.has(id) && !view.streams.has(id)) this.#held.delete(id);
      else pool.retainConnectors((connectorId) => view.nodeIds.has(connectorId));
    }
  }

  /** The connectors and devices that a target is reached through, the best first. */
  #waysTo<Target extends ChosenTarget>(target: Target, view: SnapshotView): readonly Candidate<Target>[] {
    const connectors = this.connectors.order(view.nodesOf(target.siteId), this.#clock.nowMs());
    return connectors.map((connector) => ({
      targetId: target.id,
      connectorId: connector.id,
      isSuspect: this.#dialer.state(connector.overlayAddress) === 'suspect' || this.connectors.isLeaving(connector),
      target,
      connector,
    }));
  }
}

/** What the targets that a request may go to are reached through. */
export function nodesOf({
  resource,
  view,
  rules,
}: Pick<WaySeeker<JudgedRecord>, 'resource' | 'view' | 'rules'>): readonly SiteNode[] {
  const targets = [...resource.targets.values()].filter(({ id }) => rules?.targets?.has(id) !== false);
  return targets.flatMap(({ siteId }) => view.nodesOf(siteId));
}

function hintOf(
  sticky: TargetPool['settings']['sticky'],
  mark: string | undefined,
  address: AdmittedRequest['context']['connection']['address'],
): Hint {
  if (sticky === 'cookie' && mark !== undefined) return { kind: 'marked', mark };
  if (sticky === 'client-address' && address) return { kind: 'hashed', key: addressKey(address) };
  return NO_HINT;
}

function targetsOf(record: JudgedRecord) {
  return record.targets.map(({ id, priority, weight }) => ({ id, tier: priority, weight }));
}
