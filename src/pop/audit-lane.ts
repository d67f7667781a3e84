import type { AuditEvent } from '../core/link/index.ts';
import type { SealedSpool, SpoolSegment } from '../io/sealed-spool.ts';
import { AUDIT_BATCH_EVENTS, AUDIT_RESEND_MS } from './constants.ts';

/** Sends a batch; answers whether it went out. */
export type AuditSender = (events: readonly AuditEvent[]) => boolean;

/** The segment that is being delivered. */
interface Head {
  readonly segment: SpoolSegment;
  /** In order. */
  readonly unsent: AuditEvent[];
  readonly unconfirmed: Map<string, AuditEvent>;
  sentMs: number;
}

/**
 * Events of one kind on their way: from memory to the disk, from the disk to control, a segment at a time and in order;
 * a segment goes when control has all of it.
 */
export class AuditLane {
  readonly spool: SealedSpool;
  #pending: AuditEvent[] = [];
  #head: Head | undefined;

  constructor(spool: SealedSpool) {
    this.spool = spool;
  }

  /** Events that are in memory alone. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Events that control has not confirmed. */
  get waiting(): number {
    const delivered = this.#head
      ? this.#head.segment.entries - this.#head.unsent.length - this.#head.unconfirmed.size
      : 0;
    return this.#pending.length + this.spool.entries - delivered;
  }

  add(event: AuditEvent): void {
    this.#pending.push(event);
  }

  dropPending(): AuditEvent | undefined {
    return this.#pending.shift();
  }

  /** Writes what is in memory to the disk. Rejects where the disk takes no more; nothing is lost then. */
  async write(): Promise<void> {
    const events = this.#pending;
    if (events.length === 0) return;
    this.#pending = [];
    try {
      await this.spool.append(events.map((event) => JSON.stringify(event)));
    } catch (error) {
      this.#pending = [...events, ...this.#pending];
      throw error;
    }
  }

  /** Makes room: the oldest segment that is not being delivered goes. Gives how many events are lost by it. */
  async dropOldest(): Promise<number> {
    const oldest = this.spool.segments.find((segment) => segment !== this.#head?.segment);
    if (!oldest) return 0;
    const { entries } = oldest;
    await this.spool.remove(oldest);
    return entries;
  }

  /** Sends what may be sent now. Whether the next lane may send: all of this one is delivered. */
  async deliver(send: AuditSender, nowMs: number): Promise<boolean> {
    for (;;) {
      this.#head ??= await this.#load(nowMs);
      const head = this.#head;
      if (!head) return true;
      if (head.unconfirmed.size > 0 && nowMs - head.sentMs >= AUDIT_RESEND_MS) takeBack(head);
      while (head.unsent.length > 0 && head.unconfirmed.size === 0) if (!sendBatch(head, send, nowMs)) return false;
      if (head.unsent.length > 0 || head.unconfirmed.size > 0) return false;
      this.#head = undefined;
      await this.spool.remove(head.segment);
    }
  }

  stored(id: string): boolean {
    return this.#head?.unconfirmed.delete(id) ?? false;
  }

  /** What was sent and not confirmed is sent again. Control knows events by their ids. */
  linkEnded(): void {
    if (this.#head) takeBack(this.#head);
  }

  async #load(nowMs: number): Promise<Head | undefined> {
    const [segment] = this.spool.segments;
    if (!segment) return undefined;
    const unsent = (await this.spool.readOldest()).flatMap((text) => parsed(text) ?? []);
    return { segment, unsent, unconfirmed: new Map(), sentMs: nowMs };
  }
}

function sendBatch(head: Head, send: AuditSender, nowMs: number): boolean {
  const batch = head.unsent.slice(0, AUDIT_BATCH_EVENTS);
  if (!send(batch)) return false;
  head.unsent.splice(0, batch.length);
  for (const event of batch) head.unconfirmed.set(event.id, event);
  head.sentMs = nowMs;
  return true;
}

function takeBack(head: Head): void {
  head.unsent.unshift(...head.unconfirmed.values());
  head.unconfirmed.clear();
}

function parsed(text: string): AuditEvent | undefined {
  try {
    return JSON.parse(text) as AuditEvent;
  } catch {
    return undefined;
  }
}
