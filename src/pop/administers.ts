import type { UserRecord } from '../core/link/index.ts';

/**
 * Whether somebody administers an organisation, by the roles that every one has: for them the console is a step away. What
 * others may see of it is control's to say.
 */
export function administers({ roles, memberships = [] }: UserRecord): boolean {
  const all = [...roles, ...memberships.flatMap((membership) => membership.roles)];
  return all.includes('owner') || all.includes('admin');
}
