import { Failure } from '../../base/index.ts';
import { guardedRequest } from '../../io/identity-provider/guarded-request.ts';
import type { WebhookDeliveriesTable, WebhooksTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { signedFields } from '../../io/webhooks/webhook-signature.ts';
import { DELIVERY_ERROR_CHARS } from './constants.ts';

/** What came of a try. */
export interface Tried {
  /** Of the answer; null: there was none. */
  readonly status: number | null;
  /** Undefined: the receiver has it. */
  readonly error: string | undefined;
  /** It will never be taken. */
  readonly isFinal: boolean;
}

export type SendEvent = (
  webhook: WebhooksTable,
  event: Pick<WebhookDeliveriesTable, 'id' | 'body'>,
  unixMs: number,
) => Promise<Tried>;

/** What a webhook's secret belongs to, where it is sealed. */
export function webhookSecretPlace(webhookId: string): string {
  return `secret of webhook ${webhookId}`;
}

/** Sends an event to where it may go: by the same guard as everything that settings make control ask. */
export function eventSender(sealing: StoreSealing): SendEvent {
  return async (webhook, event, unixMs) => {
    const secret = sealing.unseal(webhook.secret, webhookSecretPlace(webhook.id));
    if (secret === undefined) return { status: null, error: 'its secret is of another installation', isFinal: true };
    const headers = { 'content-type': 'application/json', ...signedFields(secret, event, unixMs) };
    try {
      const { status } = await guardedRequest(
        new URL(webhook.url),
        { method: 'POST', headers, body: event.body },
        { allowPrivate: webhook.allow_private === 1 },
      );
      if (status >= 200 && status < 300) return { status, error: undefined, isFinal: false };
      // RFC 9110 section 15.5.11: it is gone, and will not be back.
      return { status, error: `the receiver answered ${status}`, isFinal: status === 410 };
    } catch (error) {
      // What is no failure of sending is a mistake of ours, and belongs into the log.
      if (!(error instanceof Failure)) throw error;
      return { status: null, error: reasonOf(error), isFinal: false };
    }
  };
}

function reasonOf(error: Failure): string {
  if (error.code === 'provider-address-refused') return 'it is at an address where events may not go';
  return error.message.slice(0, DELIVERY_ERROR_CHARS);
}
