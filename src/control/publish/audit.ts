import type { AuditSettingsTable, ResourcesTable } from '../../io/store/index.ts';

/** Whether every decision at a resource is audited: what is said of it, else of its organisation. */
export function auditRule(
  settings: readonly AuditSettingsTable[],
): (resource: Pick<ResourcesTable, 'id' | 'organisation_id'>) => boolean {
  const modes = new Map(settings.map((row) => [`${row.organisation_id} ${row.resource_id}`, row.mode]));
  return ({ id, organisation_id: organisation }) =>
    (modes.get(`${organisation} ${id}`) ?? modes.get(`${organisation} `)) === 'all';
}
