import type { Clock, Random } from '../../base/index.ts';
import { enabledWebhooks, insertDelivery, type Queries, type WebhooksTable } from '../../io/store/index.ts';
import { newId } from '../ids.ts';
import { DELIVERIES_WAITING_MAX } from './constants.ts';
import type { EventType, TEST_EVENT } from './events.ts';

export interface NoticeEvent {
  readonly type: EventType;
  /** Whose webhooks get it; null: everybody's. */
  readonly organisationId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
}

/** Puts an event on its way to every webhook that wants it, in whatever transaction it belongs to; wake the queue after it. */
export async function emit(parts: Parts, queries: Queries, event: NoticeEvent): Promise<void> {
  for (const webhook of await enabledWebhooks(queries, event.organisationId))
    if ((JSON.parse(webhook.events) as string[]).includes(event.type)) await send(parts, queries, webhook, event);
}

/** The same to one webhook, whether it asked for it or not. Gives the id; undefined where too many wait for it. */
export async function send(
  { clock, random }: Parts,
  queries: Queries,
  webhook: Pick<WebhooksTable, 'id' | 'organisation_id'>,
  { type, data }: { readonly type: EventType | typeof TEST_EVENT; readonly data: NoticeEvent['data'] },
): Promise<string | undefined> {
  const id = newId('msg', clock, random);
  const nowUnixMs = Math.round(clock.unixMs());
  const body = JSON.stringify({ type, timestamp: new Date(nowUnixMs).toISOString(), data });
  const isAdded = await insertDelivery(
    queries,
    {
      ...{ id, webhook_id: webhook.id, organisation_id: webhook.organisation_id, type, body, state: 'waiting' },
      ...{ tries: 0, next_unix_ms: nowUnixMs, created_unix_ms: nowUnixMs, updated_unix_ms: nowUnixMs },
      ...{ status: null, error: null },
    },
    DELIVERIES_WAITING_MAX,
  );
  return isAdded ? id : undefined;
}
