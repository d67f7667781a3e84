import type { AuditMode, AuditSettingsTable } from '../schema-of-audit.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { rowsAmong } from './published-part.ts';

export function allAuditSettings(queries: Queries, resourceIds?: readonly string[]): Promise<AuditSettingsTable[]> {
  const all = queries.selectFrom('audit_settings').selectAll().orderBy('organisation_id').orderBy('resource_id');
  return rowsAmong(all, 'resource_id', resourceIds);
}

export function auditSettingsOf(queries: Queries, organisationId: string): Promise<AuditSettingsTable[]> {
  const settings = queries.selectFrom('audit_settings').selectAll();
  return settings.where('organisation_id', '=', organisationId).orderBy('resource_id').execute();
}

/** `mode` null: it says nothing from now on. */
export async function putAuditSetting(
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
  mode: AuditMode | null,
): Promise<void> {
  await transaction
    .deleteFrom('audit_settings')
    .where('organisation_id', '=', organisationId)
    .where('resource_id', '=', resourceId)
    .execute();
  if (mode === null) return;
  const row: AuditSettingsTable = { organisation_id: organisationId, resource_id: resourceId, mode };
  await transaction.insertInto('audit_settings').values(row).execute();
}
