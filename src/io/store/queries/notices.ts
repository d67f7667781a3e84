import { sql } from 'kysely';
import type {
  AlertRulesTable,
  BadConditionsTable,
  RaisedAlertsTable,
  WebhookDeliveriesTable,
  WebhooksTable,
} from '../schema-of-notices.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listWebhooks(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<WebhooksTable>> {
  const own = queries.selectFrom('webhooks').selectAll().where('organisation_id', '=', organisationId);
  return readPage(own, request, { searched: ['name', 'url'], sorted: SORTED.named });
}

/** Another organisation's is not found. */
export function findWebhook(queries: Queries, organisationId: string, id: string): Promise<WebhooksTable | undefined> {
  const own = queries.selectFrom('webhooks').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Whosever it is. */
export function findAnyWebhook(queries: Queries, id: string): Promise<WebhooksTable | undefined> {
  return queries.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Those that are on; of every organisation where none is named. */
export function enabledWebhooks(queries: Queries, organisationId: string | null): Promise<WebhooksTable[]> {
  const enabled = queries.selectFrom('webhooks').selectAll().where('enabled', '=', 1);
  return (organisationId === null ? enabled : enabled.where('organisation_id', '=', organisationId)).execute();
}

export async function insertWebhook(transaction: StoreTransaction, row: WebhooksTable): Promise<void> {
  await transaction.insertInto('webhooks').values(row).execute();
}

export async function updateWebhook(
  transaction: StoreTransaction,
  id: string,
  change: Partial<WebhooksTable>,
): Promise<void> {
  await transaction.updateTable('webhooks').set(change).where('id', '=', id).execute();
}

export async function deleteWebhook(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('webhooks').where('id', '=', id).execute();
}

export function listDeliveries(
  queries: Queries,
  webhookId: string,
  request: PageRequest,
): Promise<Page<WebhookDeliveriesTable>> {
  const own = queries.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', webhookId);
  return readPage(own, request, { order: 'desc' });
}

export function findDelivery(
  queries: Queries,
  webhookId: string,
  id: string,
): Promise<WebhookDeliveriesTable | undefined> {
  const own = queries.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', webhookId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Puts an event on its way. False where so many wait for the webhook already. */
export async function insertDelivery(queries: Queries, row: WebhookDeliveriesTable, most: number): Promise<boolean> {
  const { waiting } = await queries
    .selectFrom('webhook_deliveries')
    .select((select) => select.fn.countAll<number | string>().as('waiting'))
    .where('webhook_id', '=', row.webhook_id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  if (Number(waiting) >= most) return false;
  await queries.insertInto('webhook_deliveries').values(row).execute();
  return true;
}

/** Takes up to `most` that are due: nobody else gets them before `untilUnixMs`. One statement, as of mails. */
export function takeDueDeliveries(
  queries: Queries,
  unixMs: number,
  untilUnixMs: number,
  most: number,
): Promise<WebhookDeliveriesTable[]> {
  return queries
    .updateTable('webhook_deliveries')
    .set((row) => ({ next_unix_ms: untilUnixMs, tries: row('tries', '+', 1) }))
    .where('state', '=', 'waiting')
    .where('next_unix_ms', '<=', unixMs)
    .where('id', 'in', (from) =>
      from
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('state', '=', 'waiting')
        .where('next_unix_ms', '<=', unixMs)
        // In turns: receivers of one organisation that never answer hold up nobody else's events.
        .orderBy(sql`row_number() over (partition by organisation_id order by next_unix_ms)`)
        .orderBy('next_unix_ms')
        .limit(most),
    )
    .returningAll()
    .execute();
}

export async function updateDelivery(
  queries: Queries,
  id: string,
  change: Partial<WebhookDeliveriesTable>,
): Promise<void> {
  await queries.updateTable('webhook_deliveries').set(change).where('id', '=', id).execute();
}

/** When the next one is due; undefined where none waits. */
export async function nextDeliveryUnixMs(queries: Queries): Promise<number | undefined> {
  const waiting = queries.selectFrom('webhook_deliveries').select('next_unix_ms').where('state', '=', 'waiting');
  return (await waiting.orderBy('next_unix_ms').limit(1).executeTakeFirst())?.next_unix_ms;
}

/** Of a webhook's deliveries that are over, the newest stay. */
export async function keepNewestDeliveries(queries: Queries, webhookId: string, most: number): Promise<void> {
  const over = queries
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .where('state', '!=', 'waiting');
  const oldest = await over.orderBy('id', 'desc').offset(most).limit(1).executeTakeFirst();
  if (!oldest) return;
  await queries
    .deleteFrom('webhook_deliveries')
    .where('webhook_id', '=', webhookId)
    .where('state', '!=', 'waiting')
    .where('id', '<=', oldest.id)
    .execute();
}

export function listAlertRules(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<AlertRulesTable>> {
  const own = queries.selectFrom('alert_rules').selectAll().where('organisation_id', '=', organisationId);
  return readPage(own, request, { searched: ['name'], sorted: SORTED.named });
}

/** Another organisation's is not found. */
export function findAlertRule(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<AlertRulesTable | undefined> {
  const own = queries.selectFrom('alert_rules').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

export function enabledAlertRules(queries: Queries): Promise<AlertRulesTable[]> {
  return queries.selectFrom('alert_rules').selectAll().where('enabled', '=', 1).orderBy('id').execute();
}

export async function insertAlertRule(transaction: StoreTransaction, row: AlertRulesTable): Promise<void> {
  await transaction.insertInto('alert_rules').values(row).execute();
}

export async function updateAlertRule(
  transaction: StoreTransaction,
  id: string,
  change: Partial<AlertRulesTable>,
): Promise<void> {
  await transaction.updateTable('alert_rules').set(change).where('id', '=', id).execute();
}

export async function deleteAlertRule(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('alert_rules').where('id', '=', id).execute();
}

export function badConditions(queries: Queries): Promise<BadConditionsTable[]> {
  return queries.selectFrom('bad_conditions').selectAll().orderBy('id').execute();
}

export async function putBadCondition(transaction: StoreTransaction, row: BadConditionsTable): Promise<void> {
  const { id, ...rest } = row;
  await transaction
    .insertInto('bad_conditions')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
}

export async function deleteBadCondition(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('raised_alerts').where('condition_id', '=', id).execute();
  await transaction.deleteFrom('bad_conditions').where('id', '=', id).execute();
}

export function raisedAlerts(queries: Queries): Promise<RaisedAlertsTable[]> {
  return queries.selectFrom('raised_alerts').selectAll().orderBy('id').execute();
}

export async function insertRaisedAlert(transaction: StoreTransaction, row: RaisedAlertsTable): Promise<void> {
  await transaction.insertInto('raised_alerts').values(row).execute();
}

/** How many sign-ins were refused since then. */
export async function countRefusedSignIns(queries: Queries, sinceUnixMs: number): Promise<number> {
  const row = await queries
    .selectFrom('audit_events')
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('action', '=', 'sign-in.refuse')
    .where('unix_ms', '>=', Math.round(sinceUnixMs))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
