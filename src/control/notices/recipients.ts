import type { Queries } from '../../io/store/index.ts';

/** Those of the addresses that are members' of an organisation, and not disabled: nobody else is mailed to. */
export async function membersAmong(
  queries: Queries,
  organisationId: string,
  emails: readonly string[],
): Promise<string[]> {
  if (emails.length === 0) return [];
  const rows = await queries
    .selectFrom('users')
    .innerJoin('memberships', 'memberships.user_id', 'users.id')
    .select('users.email')
    .where('memberships.organisation_id', '=', organisationId)
    .where('users.disabled', '=', 0)
    .where('users.email', 'in', [...emails])
    .execute();
  return rows.map(({ email }) => email);
}
