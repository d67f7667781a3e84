/** What an identity provider gives its people: memberships, roles and groups, which come and go with what it says. */
import {
  addGroupMember,
  addUserRole,
  allOrganisations,
  deleteMembership,
  findMember,
  groupsNamed,
  groupsOf,
  membershipsOf,
  putMembership,
  type Queries,
  removeGroupMember,
  rolesNamed,
  rolesOf,
  rolesOfGroup,
  type StoreTransaction,
} from '../../io/store/index.ts';

/** One thing that a provider gave, by the id of role, group or organisation. */
export interface Provided {
  readonly kind: 'membership' | 'role' | 'group';
  readonly organisationId: string;
  /** Name of role or group; of a membership, empty. */
  readonly name: string;
}

/** Names that the mapping gave. */
export interface Mapped {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Names of organisations, beside the provider's own. */
  readonly organisations: readonly string[];
}

/**
 * What names stand for: memberships, roles and groups that exist. Never the role of an owner, nor a group that has it: whoever
 * may set up a provider could make themselves one.
 */
export async function wantedOf(queries: Queries, organisationId: string, mapped: Mapped): Promise<Provided[]> {
  const others = await organisationsNamed(queries, mapped.organisations);
  const wanted: Provided[] = [];
  for (const id of new Set([organisationId, ...others])) {
    if (id !== organisationId) wanted.push({ kind: 'membership', organisationId: id, name: '' });
    for (const role of await rolesNamed(queries, id, mapped.roles))
      if (role.built_in !== 'owner') wanted.push({ kind: 'role', organisationId: id, name: role.name });
    for (const group of await groupsNamed(queries, id, mapped.groups))
      if (!(await rolesOfGroup(queries, group.id)).some(({ built_in }) => built_in === 'owner'))
        wanted.push({ kind: 'group', organisationId: id, name: group.name });
  }
  return wanted;
}

/** Takes away what the provider gives no more and gives what is new; the answer is what it has given now. */
export async function provide(
  transaction: StoreTransaction,
  userId: string,
  before: readonly Provided[],
  wanted: readonly Provided[],
  nowUnixMs: number,
): Promise<Provided[]> {
  const text = (one: Provided): string => JSON.stringify([one.kind, one.organisationId, one.name]);
  const asked = new Set(wanted.map(text));
  const had = new Set(before.map(text));
  for (const gone of before.filter((one) => !asked.has(text(one)))) await withdraw(transaction, userId, gone);
  const given: Provided[] = [];
  for (const one of wanted) {
    // What somebody else gave stays theirs to take away.
    if (had.has(text(one)) || !(await hasProvided(transaction, userId, one))) given.push(one);
    await give(transaction, userId, one, nowUnixMs);
  }
  return given;
}

async function organisationsNamed(queries: Queries, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  return (await allOrganisations(queries)).filter(({ name }) => names.includes(name)).map(({ id }) => id);
}

/** Whether a user has it, whoever gave it. */
export async function hasProvided(
  queries: Queries,
  userId: string,
  { kind, organisationId, name }: Provided,
): Promise<boolean> {
  switch (kind) {
    case 'membership':
      return (await membershipsOf(queries, userId)).some((row) => row.organisation_id === organisationId);
    case 'role':
      return (await rolesOf(queries, organisationId, [userId])).get(userId)?.includes(name) ?? false;
    case 'group':
      return (await groupsOf(queries, organisationId, [userId])).get(userId)?.includes(name) ?? false;
  }
}

async function give(
  transaction: StoreTransaction,
  userId: string,
  { kind, organisationId, name }: Provided,
  nowUnixMs: number,
): Promise<void> {
  if (kind === 'membership')
    return putMembership(transaction, { organisation_id: organisationId, user_id: userId, created_unix_ms: nowUnixMs });
  const found = kind === 'role' ? rolesNamed : groupsNamed;
  const [row] = await found(transaction, organisationId, [name]);
  if (!row) return;
  if (kind === 'role') await addUserRole(transaction, userId, row.id);
  else await addGroupMember(transaction, row.id, userId);
}

async function withdraw(
  transaction: StoreTransaction,
  userId: string,
  { kind, organisationId, name }: Provided,
): Promise<void> {
  if (kind === 'membership') return void (await deleteMembership(transaction, organisationId, userId));
  const found = kind === 'role' ? rolesNamed : groupsNamed;
  const [row] = await found(transaction, organisationId, [name]);
  if (!row) return;
  if (kind === 'group') return void (await removeGroupMember(transaction, row.id, userId));
  await transaction.deleteFrom('user_roles').where('user_id', '=', userId).where('role_id', '=', row.id).execute();
}

/** Whether a member of the organisation. */
export async function isMember(queries: Queries, organisationId: string, userId: string): Promise<boolean> {
  return (await findMember(queries, organisationId, userId)) !== undefined;
}
