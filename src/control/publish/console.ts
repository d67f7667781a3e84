import type { PublishedMembership, PublishedRows } from '../../io/store/index.ts';
import { CONSOLE_PERMISSIONS, permissionsOfRole } from '../permissions.ts';

const OF_CONSOLE: ReadonlySet<string> = new Set(CONSOLE_PERMISSIONS);
/** Every PoP knows them by name. */
const KNOWN_TO_ALL: ReadonlySet<string | null> = new Set(['owner', 'admin']);

/** Whether the console has something for somebody, where their roles do not say so by their names. */
export function consoleRule({
  roles,
}: Pick<PublishedRows, 'roles'>): (
  memberships: readonly Pick<PublishedMembership, 'organisationId' | 'roles'>[],
) => boolean {
  const key = (organisationId: string, name: string): string => `${organisationId} ${name}`;
  const seeing = new Set(
    roles
      .filter((role) => !KNOWN_TO_ALL.has(role.built_in) && permissionsOfRole(role).some((one) => OF_CONSOLE.has(one)))
      .map((role) => key(role.organisation_id, role.name)),
  );
  return (memberships) =>
    memberships.some(({ organisationId, roles: names }) => names.some((name) => seeing.has(key(organisationId, name))));
}
