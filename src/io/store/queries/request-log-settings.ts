import type { RequestLogSettingsTable } from '../schema-of-requests.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { rowsAmong } from './published-part.ts';

export function allRequestLogSettings(
  queries: Queries,
  resourceIds?: readonly string[],
): Promise<RequestLogSettingsTable[]> {
  const settings = queries.selectFrom('request_log_settings').selectAll();
  return rowsAmong(settings.orderBy('organisation_id').orderBy('resource_id'), 'resource_id', resourceIds);
}

export function requestLogSettingsOf(queries: Queries, organisationId: string): Promise<RequestLogSettingsTable[]> {
  const settings = queries.selectFrom('request_log_settings').selectAll();
  return settings.where('organisation_id', '=', organisationId).orderBy('resource_id').execute();
}

/** `row` null: nothing is said of it from now on. */
export async function putRequestLogSetting(
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
  row: Omit<RequestLogSettingsTable, 'organisation_id' | 'resource_id'> | null,
): Promise<void> {
  await transaction
    .deleteFrom('request_log_settings')
    .where('organisation_id', '=', organisationId)
    .where('resource_id', '=', resourceId)
    .execute();
  if (!row) return;
  const whole = { ...row, organisation_id: organisationId, resource_id: resourceId };
  await transaction.insertInto('request_log_settings').values(whole).execute();
}
