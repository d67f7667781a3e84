import type { Clock } from '../base/index.ts';
import { AUDIT_DROPPED, type AuditEvent } from '../core/link/index.ts';
import { SealedSpool } from '../io/sealed-spool.ts';
import { AuditLane, type AuditSender } from './audit-lane.ts';
import { AUDIT_SPOOL_MAX_BYTES, MAXIMUM_AUDIT_EVENTS, MAXIMUM_AUDIT_PATH_LENGTH } from './constants.ts';

export interface AuditLogOptions {
  /** For the spool. */
  readonly folder: string;
  /** Belongs to this node alone; seals the spool. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The disk does not do what it should; requests go on. */
  readonly failed: (what: string, error: unknown) => void;
}

/**
 * Audit events on their way to control. A request adds to memory; each second memory goes to the disk, and from there
 * to control, which confirms what is on its own disk: only then is it removed here. So a crash loses a second at most,
 * an hour without control loses nothing, and control knows by their ids those that come twice. Bounded, and what people
 * who are signed in did comes first: it is sent first, and where room runs out the oldest of nobody in particular makes
 * way for it. What is dropped is counted, and the count is an event itself.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #users: AuditLane | undefined;
  #anonymous: AuditLane | undefined;
  #early: AuditEvent[] = [];
  #dropped = 0;
  /** Of those, how many an event has told of. */
  #told = 0;
  #working: Promise<void> = Promise.resolve();
  #isBusy = false;
  /** Call when nothing is left to be delivered. */
  #delivered: (() => void) | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Takes up what is on the disk; call before anything else. */
  async open(): Promise<void> {
    const { folder, secret, failed } = this.#options;
    const users = await SealedSpool.open(folder, 'users', secret);
    const anonymous = await SealedSpool.open(folder, 'anonymous', secret);
    for (const { torn } of [users, anonymous]) if (torn > 0) failed('audit spool was torn', { segments: torn });
    [this.#users, this.#anonymous] = [new AuditLane(users), new AuditLane(anonymous)];
    for (const event of this.#early.splice(0)) this.add(event);
  }

  /** Events that control has not confirmed. */
  get waiting(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.waiting, this.#early.length);
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(event: AuditEvent): void {
    const [users, anonymous] = [this.#users, this.#anonymous];
    if (!users || !anonymous) return void this.#early.push(event);
    const isFull = users.pending + anonymous.pending >= MAXIMUM_AUDIT_EVENTS;
    if (isFull) this.#dropped++;
    if (isFull && (event.userId === null || !anonymous.dropPending())) return;
    const lane = event.userId === null ? anonymous : users;
    lane.add(event.path.length > MAXIMUM_AUDIT_PATH_LENGTH ? shortened(event) : event);
  }

  /** Writes what is in memory to the disk, and sends what may be sent; call each second. One at a time. */
  tick(send: AuditSender | undefined): Promise<void> {
    if (this.#isBusy) return this.#working;
    this.#isBusy = true;
    this.#working = this.#work(send).finally(() => {
      this.#isBusy = false;
    });
    return this.#working;
  }

  /** Control has these on its disk. */
  stored(ids: readonly string[], send: AuditSender): Promise<void> {
    for (const id of ids) if (!this.#users?.stored(id)) this.#anonymous?.stored(id);
    return this.tick(send);
  }

  /** The link broke: what was sent and not confirmed is sent again. */
  linkEnded(): void {
    for (const lane of this.#lanes) lane.linkEnded();
  }

  /** At a stop: gives control time to take what there is. What it does not take stays on the disk. */
  async flush(send: AuditSender, graceMs: number): Promise<void> {
    await this.#working;
    await this.tick(send);
    if (this.waiting === 0) return;
    const delivered = Promise.withResolvers<void>();
    this.#delivered = delivered.resolve;
    const late = setTimeout(delivered.resolve, graceMs);
    await delivered.promise;
    clearTimeout(late);
  }

  /** Brings everything to the disk, and ends. */
  async close(): Promise<void> {
    await this.#working;
    await this.#work(undefined);
    for (const lane of this.#lanes) await lane.spool.close();
  }

  get #lanes(): readonly AuditLane[] {
    return this.#users && this.#anonymous ? [this.#users, this.#anonymous] : [];
  }

  async #work(send: AuditSender | undefined): Promise<void> {
    this.#tellDropped();
    for (const lane of this.#lanes) {
      try {
        await lane.write();
      } catch (error) {
        this.#options.failed('audit events wait in memory', error);
      }
    }
    try {
      await this.#makeRoom();
      if (!send) return;
      for (const lane of this.#lanes) if (!(await lane.deliver(send, this.#options.clock.nowMs()))) return;
      this.#delivered?.();
    } catch (error) {
      this.#options.failed('audit spool failed', error);
    }
  }

  /** Keeps the disk from filling: what nobody in particular did goes first, then the oldest. */
  async #makeRoom(): Promise<void> {
    const [users, anonymous] = [this.#users, this.#anonymous];
    while (users && anonymous && users.spool.bytes + anonymous.spool.bytes > AUDIT_SPOOL_MAX_BYTES) {
      const lost = (await anonymous.dropOldest()) || (await users.dropOldest());
      if (lost === 0) return;
      this.#dropped += lost;
    }
  }

  #tellDropped(): void {
    const count = this.#dropped - this.#told;
    if (count === 0) return;
    this.#told = this.#dropped;
    const { clock, newId } = this.#options;
    const id = newId();
    const nobody = {
      resourceId: null,
      userId: null,
      ruleId: null,
      clientAddress: '-',
      host: '-',
      method: '-',
      status: 0,
    };
    const what = { outcome: 'error' as const, reason: AUDIT_DROPPED, path: `${count} events` };
    this.#users?.add({ id, requestId: id, unixMs: Math.round(clock.unixMs()), ...nobody, ...what });
  }
}

function shortened(event: AuditEvent): AuditEvent {
  return { ...event, path: `${event.path.slice(0, MAXIMUM_AUDIT_PATH_LENGTH - 1)}…` };
}
