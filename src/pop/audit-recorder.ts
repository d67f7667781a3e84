import type { AuditEvent } from '../core/link/index.ts';
import type { AuditLog } from './audit-log.ts';
import { AUDIT_ALLOWED_EVERY_MS } from './constants.ts';
import type { RequestContext } from './request-context.ts';

export interface AuditedDecision {
  readonly outcome: AuditEvent['outcome'];
  readonly reason: string;
  readonly ruleId?: string | undefined;
  readonly status: number;
  readonly resourceId?: string | undefined;
  readonly userId?: string | undefined;
}

/** Turns what happened to a request into an audit event. */
export class AuditRecorder {
  readonly #log: AuditLog;
  /** When a session (or, for public resources, an address) was last audited as admitted. */
  readonly #admitted = new Map<string, number>();

  constructor(log: AuditLog) {
    this.#log = log;
  }

  record(context: RequestContext, decision: AuditedDecision): void {
    this.#log.add({
      id: context.requestId,
      unixMs: context.nowUnixMs,
      requestId: context.requestId,
      resourceId: decision.resourceId ?? null,
      userId: decision.userId ?? null,
      clientAddress: context.clientAddressText,
      method: context.method,
      host: context.host,
      path: context.target.path,
      outcome: decision.outcome,
      reason: decision.reason,
      ruleId: decision.ruleId ?? null,
      status: decision.status,
    });
  }

  /** Whether an admitted request is the first of its kind for a while; the others are counted only. */
  isNews(key: string, nowUnixMs: number): boolean {
    const last = this.#admitted.get(key);
    if (last !== undefined && nowUnixMs - last < AUDIT_ALLOWED_EVERY_MS) return false;
    this.#admitted.delete(key);
    this.#admitted.set(key, nowUnixMs);
    return true;
  }

  /** Forgets who was admitted long ago; call now and then. */
  purge(nowUnixMs: number): void {
    for (const [key, last] of this.#admitted) {
      if (nowUnixMs - last < AUDIT_ALLOWED_EVERY_MS) return;
      this.#admitted.delete(key);
    }
  }
}
