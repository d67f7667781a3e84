import type { Clock } from '../../base/index.ts';
import {
  findAnyWebhook,
  keepNewestDeliveries,
  nextDeliveryUnixMs,
  type Store,
  takeDueDeliveries,
  updateDelivery,
  type WebhookDeliveriesTable,
} from '../../io/store/index.ts';
import {
  DELIVERIES_AT_ONCE,
  DELIVERIES_KEPT,
  DELIVERY_CLAIM_MS,
  DELIVERY_LOOK_MIN_MS,
  DELIVERY_POLL_MS,
  DELIVERY_RETRY_DELAYS_MS,
} from './constants.ts';
import type { SendEvent, Tried } from './send-event.ts';

export interface DeliveryQueueOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly send: SendEvent;
  /** An event was given up. */
  readonly dead: (row: WebhookDeliveriesTable, reason: string) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Events that wait in the store for their webhooks, as mails do for their server: whichever control node gets to one first
 * sends it. A node that dies between the receiver's word and its own note leaves one that is sent twice, with one id.
 */
export class DeliveryQueue {
  readonly #options: DeliveryQueueOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #wasWoken = false;
  #isStopped = false;

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
  }

  /** Begins to look after the queue, and does so until `stop`. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wasWoken = true;
    this.#working ??= this.#workOn()
      .catch((error: unknown) => this.#options.failed(error))
      .finally(() => {
        this.#working = undefined;
        return this.#arm();
      });
  }

  /** Waits for events that are on their way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  /** What was added while others were sent goes out at once, too. */
  async #workOn(): Promise<void> {
    while (this.#wasWoken && !this.#isStopped) {
      this.#wasWoken = false;
      await this.work();
    }
  }

  /** Sends what is due now. */
  async work(): Promise<void> {
    const { store, clock } = this.#options;
    while (!this.#isStopped) {
      const nowUnixMs = Math.round(clock.unixMs());
      const due = await takeDueDeliveries(store.database, nowUnixMs, nowUnixMs + DELIVERY_CLAIM_MS, DELIVERIES_AT_ONCE);
      await Promise.all(due.map((row) => this.#try(row)));
      if (due.length < DELIVERIES_AT_ONCE) return;
    }
  }

  async #try(row: WebhookDeliveriesTable): Promise<void> {
    const { store, clock, dead } = this.#options;
    const { status, error, isFinal } = await this.#send(row);
    const nowUnixMs = Math.round(clock.unixMs());
    const told = { status, error: error ?? null, updated_unix_ms: nowUnixMs };
    const delayMs = DELIVERY_RETRY_DELAYS_MS[row.tries - 1];
    if (error !== undefined && !isFinal && delayMs !== undefined)
      return updateDelivery(store.database, row.id, { ...told, next_unix_ms: nowUnixMs + delayMs });
    await updateDelivery(store.database, row.id, { ...told, state: error === undefined ? 'delivered' : 'dead' });
    await keepNewestDeliveries(store.database, row.webhook_id, DELIVERIES_KEPT);
    if (error !== undefined) await dead(row, error);
  }

  async #send(row: WebhookDeliveriesTable): Promise<Tried> {
    const { store, clock, send, failed } = this.#options;
    const webhook = await findAnyWebhook(store.database, row.webhook_id);
    if (!webhook) return { status: null, error: 'the webhook is gone', isFinal: true };
    if (webhook.enabled === 0) return { status: null, error: 'the webhook is switched off', isFinal: true };
    try {
      return await send(webhook, row, clock.unixMs());
    } catch (error) {
      failed(error);
      return { status: null, error: 'an unexpected error; see the log', isFinal: true };
    }
  }

  /** The next look: when an event is due, and now and then for those that another node left behind. */
  async #arm(): Promise<void> {
    if (this.#isStopped) return;
    const { store, clock, failed } = this.#options;
    const next = await nextDeliveryUnixMs(store.database).catch((error: unknown) => void failed(error));
    if (this.#isStopped || this.#working || this.#timer) return;
    const untilMs = (next ?? Number.POSITIVE_INFINITY) - clock.unixMs();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.wake();
      },
      Math.max(DELIVERY_LOOK_MIN_MS, Math.min(DELIVERY_POLL_MS, untilMs)),
    );
    this.#timer.unref();
  }
}
