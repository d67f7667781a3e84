/** Audit events of requests, which PoPs send over their links. */
import { type Clock, utf8 } from '../base/index.ts';
import {
  AUDIT_DROPPED,
  AUDIT_REFUSED_HERE,
  AUDIT_SIGNED_IN_HERE,
  AUDIT_SIGNED_OUT_THERE,
  type AuditEvent,
  type ResourceRecord,
  recordKey,
  type SigningPort,
  type SnapshotState,
  type StreamResourceRecord,
} from '../core/link/index.ts';
import type { PopLink } from '../io/link-server.ts';
import type { Log } from '../io/log.ts';
import { type AuditEventsTable, insertAuditEvents, type Store } from '../io/store/index.ts';
import { AuditAllowance } from './audit-allowance.ts';
import { AUDIT_WHOLE_EVENTS_PER_SECOND_PER_POP } from './constants.ts';
import { idOf } from './ids.ts';

export interface PopAuditOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly signing: SigningPort;
  /** What is published: whose a resource is. */
  readonly publisher: () => { readonly current: SnapshotState | undefined };
  /** Takes over what a PoP decided in control's stead. */
  readonly judged: (popId: string, events: readonly AuditEvent[]) => Promise<void>;
}

interface Allowances {
  readonly sampled: AuditAllowance;
  readonly whole: AuditAllowance;
}

function newAllowances(nowMs: number): Allowances {
  return {
    sampled: new AuditAllowance(nowMs),
    whole: new AuditAllowance(nowMs, AUDIT_WHOLE_EVENTS_PER_SECOND_PER_POP),
  };
}

export class PopAudit {
  readonly #options: PopAuditOptions;
  /** By PoP: a link that breaks and comes back does not begin anew. */
  readonly #allowances = new Map<string, Allowances>();

  constructor(options: PopAuditOptions) {
    this.#options = options;
  }

  /** A PoP is no longer enrolled. */
  forget(popId: string): void {
    this.#allowances.delete(popId);
  }

  /** Which of a PoP's audit events may be stored now. */
  #allowed(popId: string, events: readonly AuditEvent[]): AuditEvent[] {
    const { clock, log, publisher } = this.#options;
    const allowances = this.#allowances.get(popId) ?? newAllowances(clock.nowMs());
    this.#allowances.set(popId, allowances);
    const state = publisher().current;
    const [whole = [], sampled = []] = [true, false].map((is) =>
      events.filter((event) => isWhole(state, event) === is),
    );
    const kept = [
      ...whole.slice(0, allowances.whole.take(whole.length, clock.nowMs())),
      ...sampled.slice(0, allowances.sampled.take(sampled.length, clock.nowMs())),
    ];
    if (kept.length < events.length)
      log.warn('audit events of a PoP are too many and wait there', { popId, count: events.length - kept.length });
    return kept;
  }

  /** Stores events, as far as the PoP may, and tells it so. */
  async take(link: PopLink, events: readonly AuditEvent[]): Promise<void> {
    const { store, log, judged } = this.#options;
    try {
      const kept = this.#allowed(link.popId, events);
      // First, so that what the audit tells of is there; twice, where the store fails in between, is as good as once.
      await judged(link.popId, kept);
      await insertAuditEvents(
        store.database,
        kept.map((event) => auditRowOf(link.popId, event, this.#options)),
      );
      // Those that were too many stay on the PoP's disk; it sends them again after a while.
      if (kept.length > 0) link.send({ type: 'auditStored', ids: kept.map((event) => event.id) });
    } catch (error) {
      log.error('audit events of a PoP were not stored', { popId: link.popId, error });
    }
  }
}

/** Of events that are no requests to a resource. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  [AUDIT_DROPPED, 'audit.drop'],
  [AUDIT_SIGNED_IN_HERE, 'sign-in'],
  [AUDIT_REFUSED_HERE, 'sign-in.refuse'],
  [AUDIT_SIGNED_OUT_THERE, 'provider.sign-out'],
]);

/** The row's id follows from PoP, event and time: sent twice it is one row, and no PoP can take another's id. */
function auditRowOf(
  popId: string,
  event: AuditEvent,
  { signing, publisher }: Pick<PopAuditOptions, 'signing' | 'publisher'>,
): AuditEventsTable {
  const { id, unixMs, userId, resourceId, clientAddress, outcome, ...detail } = event;
  return {
    id: idOf('aud', unixMs, signing.sha256(utf8(`${popId}/${id}`))),
    unix_ms: unixMs,
    source: popId,
    actor: userId === null ? null : storable(actorOf(userId)),
    action: ACTIONS.get(event.reason) ?? 'request',
    subject: resourceId === null ? null : storable(resourceId),
    outcome,
    client_address: storable(clientAddress),
    detail: JSON.stringify(detail),
    request_id: storable(event.requestId),
    organisation_id: resourceId === null ? null : organisationOf(publisher().current, resourceId),
  };
}

/** As everywhere in the audit: what kind of somebody, and which. */
function actorOf(subjectId: string): string {
  return /^(guest|credential):/.test(subjectId) ? subjectId : `user:${subjectId}`;
}

function organisationOf(state: SnapshotState | undefined, resourceId: string): string | null {
  return resourceOf(state, resourceId)?.organisationId ?? null;
}

/** What somebody asked for in full has more room than what anybody may cause. */
function isWhole(state: SnapshotState | undefined, { resourceId }: AuditEvent): boolean {
  return resourceId !== null && resourceOf(state, resourceId)?.auditsAll === true;
}

function resourceOf(state: SnapshotState | undefined, id: string): ResourceRecord | StreamResourceRecord | undefined {
  for (const kind of ['resource', 'streamResource'] as const) {
    const record = state?.records.get(recordKey({ kind, id }));
    if (record?.kind === 'resource' || record?.kind === 'streamResource') return record;
  }
  return undefined;
}

/** PostgreSQL takes no NUL; one event with it must not keep the others of its batch out. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
