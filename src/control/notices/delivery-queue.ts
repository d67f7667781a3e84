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
import { StoreQueue } from '../store-queue.ts';
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
  readonly #queue: StoreQueue<WebhookDeliveriesTable>;

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
    const { clock, failed, store } = options;
    this.#queue = new StoreQueue({
      ...{ clock, failed, atOnce: DELIVERIES_AT_ONCE, lookMinMs: DELIVERY_LOOK_MIN_MS, pollMs: DELIVERY_POLL_MS },
      takeDue: (nowUnixMs) =>
        takeDueDeliveries(store.database, nowUnixMs, nowUnixMs + DELIVERY_CLAIM_MS, DELIVERIES_AT_ONCE),
      tryRow: (row) => this.#try(row),
      nextUnixMs: () => nextDeliveryUnixMs(store.database),
    });
  }

  /** Begins to look after the queue, and does so until `stop`. */
  wake(): void {
    this.#queue.wake();
  }

  /** Waits for events that are on their way. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Sends what is due now. */
  work(): Promise<void> {
    return this.#queue.work();
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
}
