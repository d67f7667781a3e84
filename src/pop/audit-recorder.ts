import type { AuditEvent } from '../core/link/index.ts';
import { addressGroup } from '../io/address-group.ts';
import type { AuditLog } from './audit-log.ts';
import { AUDIT_EVERY_MS, MAXIMUM_AUDIT_KINDS } from './constants.ts';
import type { RequestContext } from './request-context.ts';

export interface AuditedDecision {
  readonly outcome: AuditEvent['outcome'];
  readonly reason: string;
  readonly ruleId?: string | undefined;
  readonly status: number;
  readonly resourceId?: string | undefined;
  readonly userId?: string | undefined;
  /** Of the session that asked; without one, whoever has the client's address asked. */
  readonly sessionId?: string | undefined;
}

/** What follows is the secret of a share link. */
const SECRET_PATH = '/.manis/share/';

type AuditedContext = Pick<
  RequestContext,
  'requestId' | 'nowUnixMs' | 'clientAddressText' | 'method' | 'host' | 'target'
>;

/**
 * Turns what happened to a request into an audit event. Of requests of one kind - the same session or address, the same
 * resource, admitted or refused for the same reason - the first in a while is recorded; the counters have the others.
 */
export class AuditRecorder {
  readonly #log: Pick<AuditLog, 'add'>;
  /** When a kind was last recorded. Kept apart, so that nobody in particular cannot use up the room of users. */
  readonly #users = new RecentKinds('oldest');
  readonly #anonymous = new RecentKinds('newest');

  constructor(log: Pick<AuditLog, 'add'>) {
    this.#log = log;
  }

  record(context: AuditedContext, decision: AuditedDecision): void {
    const { outcome, reason, resourceId, sessionId } = decision;
    const what = outcome === 'allow' ? outcome : `${outcome} ${reason}`;
    const who = sessionId ?? addressGroup(context.clientAddressText);
    const kinds = sessionId === undefined ? this.#anonymous : this.#users;
    if (!kinds.isNews(`${who} ${resourceId ?? ''} ${what}`, context.nowUnixMs)) return;
    this.#log.add({
      id: context.requestId,
      unixMs: context.nowUnixMs,
      requestId: context.requestId,
      resourceId: resourceId ?? null,
      userId: decision.userId ?? null,
      clientAddress: context.clientAddressText,
      method: context.method,
      host: context.host,
      path: auditedPath(context.target.path),
      outcome,
      reason,
      ruleId: decision.ruleId ?? null,
      status: decision.status,
    });
  }

  /** Forgets what was recorded long ago; call now and then. */
  purge(nowUnixMs: number): void {
    this.#users.purge(nowUnixMs);
    this.#anonymous.purge(nowUnixMs);
  }
}

/** Where a secret stands in a path it is not told of. */
function auditedPath(path: string): string {
  return path.startsWith(SECRET_PATH) ? `${SECRET_PATH}...` : path;
}

/** When each kind was last recorded, the longest ago first. */
class RecentKinds {
  readonly #last = new Map<string, number>();
  readonly #givesWay: 'oldest' | 'newest';

  /** @param givesWay where there are too many: the oldest is forgotten (and news again), or the newest is no news. */
  constructor(givesWay: 'oldest' | 'newest') {
    this.#givesWay = givesWay;
  }

  isNews(kind: string, nowUnixMs: number): boolean {
    const last = this.#last.get(kind);
    if (last !== undefined && nowUnixMs - last < AUDIT_EVERY_MS) return false;
    this.#last.delete(kind);
    if (this.#last.size >= MAXIMUM_AUDIT_KINDS && !this.#makeRoom(nowUnixMs)) return false;
    this.#last.set(kind, nowUnixMs);
    return true;
  }

  #makeRoom(nowUnixMs: number): boolean {
    this.purge(nowUnixMs);
    if (this.#last.size < MAXIMUM_AUDIT_KINDS) return true;
    if (this.#givesWay === 'newest') return false;
    for (const oldest of this.#last.keys()) return this.#last.delete(oldest);
    return true;
  }

  purge(nowUnixMs: number): void {
    for (const [kind, last] of this.#last) {
      if (nowUnixMs - last < AUDIT_EVERY_MS) return;
      this.#last.delete(kind);
    }
  }
}
