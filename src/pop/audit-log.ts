import type { AuditEvent } from '../core/link/index.ts';
import { AUDIT_BATCH_EVENTS, MAXIMUM_AUDIT_EVENTS, MAXIMUM_AUDIT_PATH_LENGTH } from './constants.ts';

/** Sends a batch; answers whether it went out. */
export type AuditSender = (events: readonly AuditEvent[]) => boolean;

/**
 * Audit events wait here, off the request path, until control says that they are on its disk. Bounded, and what people
 * who are signed in did comes first: it is sent first, and where the room runs out the oldest event of nobody in
 * particular makes way for it. What finds no room is dropped and counted.
 */
export class AuditLog {
  readonly #users = new Waiting();
  readonly #anonymous = new Waiting();
  #dropped = 0;

  /** Events that control has not confirmed. */
  get waiting(): number {
    return this.#users.size + this.#anonymous.size;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(event: AuditEvent): void {
    const isFull = this.waiting >= MAXIMUM_AUDIT_EVENTS;
    if (isFull) this.#dropped++;
    if (isFull && (event.userId === null || !this.#anonymous.dropOldest())) return;
    const kind = event.userId === null ? this.#anonymous : this.#users;
    kind.add(event.path.length > MAXIMUM_AUDIT_PATH_LENGTH ? shortened(event) : event);
  }

  /** Hands what waits to the link, a batch at a time, until it takes no more. */
  flush(send: AuditSender): void {
    if (this.#users.flush(send)) this.#anonymous.flush(send);
  }

  /** Control has these on its disk. */
  stored(ids: readonly string[]): void {
    for (const id of ids) if (!this.#users.stored(id)) this.#anonymous.stored(id);
  }

  /** The link broke: what was sent and not confirmed is sent again. Control knows events by their ids. */
  linkEnded(): void {
    this.#users.linkEnded();
    this.#anonymous.linkEnded();
  }
}

/** Events of one kind on their way, the oldest first. */
class Waiting {
  readonly #unsent = new Map<string, AuditEvent>();
  readonly #unconfirmed = new Map<string, AuditEvent>();

  get size(): number {
    return this.#unsent.size + this.#unconfirmed.size;
  }

  add(event: AuditEvent): void {
    this.#unsent.set(event.id, event);
  }

  /** What was sent goes first: it is most likely stored. */
  dropOldest(): boolean {
    const from = this.#unconfirmed.size > 0 ? this.#unconfirmed : this.#unsent;
    for (const id of from.keys()) return from.delete(id);
    return false;
  }

  /** Whether all of it went out. */
  flush(send: AuditSender): boolean {
    while (this.#unsent.size > 0) {
      const batch = [...this.#unsent.values()].slice(0, AUDIT_BATCH_EVENTS);
      if (!send(batch)) return false;
      for (const event of batch) {
        this.#unsent.delete(event.id);
        this.#unconfirmed.set(event.id, event);
      }
    }
    return true;
  }

  stored(id: string): boolean {
    return this.#unconfirmed.delete(id);
  }

  linkEnded(): void {
    for (const [id, event] of this.#unconfirmed) this.#unsent.set(id, event);
    this.#unconfirmed.clear();
  }
}

function shortened(event: AuditEvent): AuditEvent {
  return { ...event, path: `${event.path.slice(0, MAXIMUM_AUDIT_PATH_LENGTH - 1)}…` };
}
