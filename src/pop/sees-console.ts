import type { UserRecord } from '../core/link/index.ts';

/**
 * Whether the console has something for somebody: what control says, and for who administers an organisation the roles that
 * every one has. What they may see of it is control's to say.
 */
export function seesConsole({ roles, memberships = [], seesConsole: isTold }: UserRecord): boolean {
  const all = [...roles, ...memberships.flatMap((membership) => membership.roles)];
  return isTold === true || all.includes('owner') || all.includes('admin');
}
