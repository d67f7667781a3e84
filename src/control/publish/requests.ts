import type { RequestLogSettingsTable, ResourcesTable } from '../../io/store/index.ts';

/** Which requests of a resource are logged: what is said of it, else of its organisation; undefined: all. */
export function requestLogRule(
  settings: readonly RequestLogSettingsTable[],
): (resource: Pick<ResourcesTable, 'id' | 'organisation_id'>) => 'refused' | 'none' | undefined {
  const levels = new Map(settings.map((row) => [`${row.organisation_id} ${row.resource_id}`, row.level]));
  return ({ id, organisation_id: organisation }) => {
    const level = levels.get(`${organisation} ${id}`) ?? levels.get(`${organisation} `) ?? 'all';
    return level === 'all' ? undefined : level;
  };
}
