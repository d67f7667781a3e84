/** What somebody may do: a closed list. Every route of the API declares one of these, or whom else it is for. */
import type { BuiltInRole, RolesTable } from '../io/store/index.ts';

/** Within one organisation: roles and API keys are made of these. */
export const ORGANISATION_PERMISSIONS = [
  'organisation.read',
  'organisation.write',
  'organisation.remove',
  'user.read',
  'user.write',
  'role.read',
  'role.write',
  'group.read',
  'group.write',
  'invitation.read',
  'invitation.write',
  'key.read',
  'key.write',
  'session.read',
  'session.write',
  'site.read',
  'site.write',
  'resource.read',
  'resource.write',
  'policy.read',
  'policy.write',
  'credential.read',
  'credential.write',
  'domain.read',
  'domain.write',
  'provider.read',
  'provider.write',
  'quick-tunnel.read',
  'quick-tunnel.write',
  'notice.read',
  'notice.write',
  'pop.read',
  'status.read',
  'audit.read',
  'capture.read',
  'capture.write',
] as const;

/** Of the installation that the organisations share: its administrators have these, and nobody's role or key. */
export const INSTALLATION_PERMISSIONS = [
  'installation.read',
  'installation.write',
  'pop.write',
  'tenant.read',
  'tenant.write',
] as const;

/** By any of these somebody sees a section of the console. */
export const CONSOLE_PERMISSIONS = [
  'organisation.read',
  'user.read',
  'session.read',
  'site.read',
  'resource.read',
  'policy.read',
  'credential.read',
  'domain.read',
  'provider.read',
  'notice.read',
  'pop.read',
  'status.read',
  'audit.read',
] as const satisfies readonly (typeof ORGANISATION_PERMISSIONS)[number][];

export type OrganisationPermission = (typeof ORGANISATION_PERMISSIONS)[number];
export type InstallationPermission = (typeof INSTALLATION_PERMISSIONS)[number];
export type Permission = OrganisationPermission | InstallationPermission;

const NOT_OF_ADMINS: readonly string[] = ['organisation.remove'];

const OF_BUILT_IN: Readonly<Record<BuiltInRole, readonly OrganisationPermission[]>> = {
  owner: ORGANISATION_PERMISSIONS,
  admin: ORGANISATION_PERMISSIONS.filter((permission) => !NOT_OF_ADMINS.includes(permission)),
  member: [],
};

const KNOWN: ReadonlySet<string> = new Set(ORGANISATION_PERMISSIONS);

/** The permissions of a list that this version knows. */
export function knownPermissions(json: string): OrganisationPermission[] {
  return (JSON.parse(json) as string[]).filter((text): text is OrganisationPermission => KNOWN.has(text));
}

export function permissionsOfRole(
  role: Pick<RolesTable, 'built_in' | 'permissions'>,
): readonly OrganisationPermission[] {
  return role.built_in === null ? knownPermissions(role.permissions) : OF_BUILT_IN[role.built_in];
}

/** What roles allow together. */
export function permissionsOfRoles(
  roles: readonly Pick<RolesTable, 'built_in' | 'permissions'>[],
): Set<OrganisationPermission> {
  return new Set(roles.flatMap(permissionsOfRole));
}

export function isOrganisationPermission(permission: string): permission is OrganisationPermission {
  return KNOWN.has(permission);
}

export function isInstallationPermission(permission: string): permission is InstallationPermission {
  return (INSTALLATION_PERMISSIONS as readonly string[]).includes(permission);
}
