import type { AuditEvent } from '../core/link/index.ts';
import { AUDIT_BATCH_EVENTS, MAXIMUM_AUDIT_EVENTS, MAXIMUM_AUDIT_PATH_LENGTH } from './constants.ts';

/** Sends a batch; answers whether it went out. */
export type AuditSender = (events: readonly AuditEvent[]) => boolean;

/**
 * Audit events wait here, off the request path, until control says that they are on its disk. Bounded: the newest are
 * dropped and counted.
 */
export class AuditLog {
  readonly #unsent = new Map<string, AuditEvent>();
  readonly #unconfirmed = new Map<string, AuditEvent>();
  #dropped = 0;

  /** Events that control has not confirmed. */
  get waiting(): number {
    return this.#unsent.size + this.#unconfirmed.size;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(event: AuditEvent): void {
    if (this.waiting >= MAXIMUM_AUDIT_EVENTS) this.#dropped++;
    else this.#unsent.set(event.id, event.path.length > MAXIMUM_AUDIT_PATH_LENGTH ? shortened(event) : event);
  }

  /** Hands what waits to the link, a batch at a time, until it takes no more. */
  flush(send: AuditSender): void {
    while (this.#unsent.size > 0) {
      const batch = [...this.#unsent.values()].slice(0, AUDIT_BATCH_EVENTS);
      if (!send(batch)) return;
      for (const event of batch) {
        this.#unsent.delete(event.id);
        this.#unconfirmed.set(event.id, event);
      }
    }
  }

  /** Control has these on its disk. */
  stored(ids: readonly string[]): void {
    for (const id of ids) this.#unconfirmed.delete(id);
  }

  /** The link broke: what was sent and not confirmed is sent again. Control knows events by their ids. */
  linkEnded(): void {
    for (const [id, event] of this.#unconfirmed) this.#unsent.set(id, event);
    this.#unconfirmed.clear();
  }
}

function shortened(event: AuditEvent): AuditEvent {
  return { ...event, path: `${event.path.slice(0, MAXIMUM_AUDIT_PATH_LENGTH - 1)}…` };
}
