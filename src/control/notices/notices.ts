import { insertAuditEvents, type Queries, type WebhookDeliveriesTable } from '../../io/store/index.ts';
import type { Actor, AuditNote, Control } from '../control.ts';
import { newId } from '../ids.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { emit } from './emit.ts';
import { POLICY_ACTIONS } from './events.ts';
import { NoticeWatch } from './notice-watch.ts';
import { observe } from './observe.ts';
import { eventSender } from './send-event.ts';
import { tellAlert } from './tell-alert.ts';

type Parts = Pick<Control, 'store' | 'clock' | 'random' | 'log' | 'keys'>;

/** Tells people and programs of what happens: events to webhooks, alerts by rules. */
export class Notices {
  readonly #parts: Parts;
  readonly #queue: DeliveryQueue;
  readonly #watch: NoticeWatch;

  constructor(parts: Parts, control: () => Control) {
    this.#parts = parts;
    const { store, clock, random, log, keys } = parts;
    this.#queue = new DeliveryQueue({
      ...{ store, clock, send: eventSender(keys.sealing) },
      dead: (row, reason) => this.#dead(row, reason),
      failed: (error) => log.error('events cannot be sent', { error }),
    });
    this.#watch = new NoticeWatch({
      ...{ store, clock, random, log, controlId: keys.controlId },
      observe: () => observe(control()),
      tell: (transaction, rule, alert) => tellAlert(control(), transaction, rule, alert),
      told: () => {
        this.#queue.wake();
        control().mailer.wake();
      },
    });
  }

  start(): void {
    this.#queue.wake();
    this.#watch.start();
  }

  /** There may be events to send. */
  wake(): void {
    this.#queue.wake();
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    await this.#queue.stop();
  }

  /** Looks now at what is bad, as it is done now and then. */
  look(): Promise<boolean> {
    return this.#watch.look();
  }

  /** A change that PoPs learn of, in its transaction. */
  async changed(queries: Queries, actor: Actor, note: AuditNote): Promise<void> {
    const organisationId = (note.organisationId === undefined ? actor.organisationId : note.organisationId) ?? null;
    // What is done to the installation is no organisation's event.
    if (organisationId === null) return;
    const data = { action: note.action, subject: note.subject, actor: actor.name };
    await emit(this.#parts, queries, { type: 'configuration.changed', organisationId, data });
    const isPolicy = POLICY_ACTIONS.has(note.action) || (note.action === 'resource.change' && note.detail?.['policy']);
    if (isPolicy) await emit(this.#parts, queries, { type: 'policy.changed', organisationId, data });
  }

  /** An administrator reads in the audit that an event never arrived, and why. */
  async #dead(row: WebhookDeliveriesTable, reason: string): Promise<void> {
    const { store, clock, random, log } = this.#parts;
    const detail = { type: row.type, tries: row.tries, reason };
    log.warn('an event was given up', { webhookId: row.webhook_id, ...detail });
    await insertAuditEvents(store.database, [
      {
        ...{ id: newId('aud', clock, random), unix_ms: Math.round(clock.unixMs()), source: 'control' },
        ...{ actor: 'system', action: 'webhook.lose', subject: row.webhook_id, outcome: 'failed', client_address: '' },
        ...{ detail: JSON.stringify(detail), organisation_id: row.organisation_id },
      },
    ]);
  }
}
