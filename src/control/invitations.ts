/** Invitations: a link that makes whoever has the invited address a member, once, with an account there was or a new one. */
import { hashSecret, newSecret } from '../io/secrets.ts';
import {
  addGroupMember,
  addUserRole,
  deleteApiTokensOf,
  findGroup,
  findInvitationByHash,
  findOrganisation,
  findRole,
  findUserByEmail,
  groupsNamed,
  type InvitationsTable,
  insertInvitation,
  insertUser,
  membershipsOf,
  type OrganisationsTable,
  putMembership,
  type Queries,
  rolesOfGroup,
  type StoreTransaction,
  spendInvitation,
  type UsersTable,
} from '../io/store/index.ts';
import { publishChange } from './change.ts';
import type { Actor, Control } from './control.ts';
import { newId } from './ids.ts';
import { renderLetter } from './mail/letter.ts';
import { invitationLetter } from './mail/texts.ts';
import { hashNewPassword } from './new-password.ts';
import type { Principal } from './principal.ts';
import { ControlFailure } from './problems.ts';
import { isProved, renewProofs } from './proved-address.ts';
import { portalOriginOf } from './providers/client-settings.ts';
import { requireRoom } from './quotas.ts';
import { requireOwnRoles, requireRoles } from './rights.ts';

export interface Invited {
  readonly email: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly lifetimeMs: number;
  readonly mail: boolean;
}

export interface MadeInvitation {
  readonly row: InvitationsTable;
  /** Shown this once; null where it was mailed: what the mailbox alone was told proves that somebody reads it. */
  readonly url: string | null;
  readonly mailed: boolean;
}

/** Invites somebody, with rights that the caller has. The link is told, and mailed where that is wished and mails leave. */
export async function invite(
  control: Control,
  principal: Principal,
  organisationId: string,
  { email, roles, groups, lifetimeMs, mail }: Invited,
): Promise<MadeInvitation> {
  const { clock, random } = control;
  const token = newSecret('mni', random);
  const url = invitationUrl(control, token);
  const nowUnixMs = Math.round(clock.unixMs());
  const made = await publishChange(control, principal, async (transaction) => {
    const given = await requireRoles(transaction, organisationId, roles);
    const joined = await requireGroups(transaction, organisationId, groups);
    for (const group of joined) requireOwnRoles(principal, await rolesOfGroup(transaction, group.id));
    requireOwnRoles(principal, given);
    const row: InvitationsTable = {
      ...{ id: newId('inv', clock, random), organisation_id: organisationId, token_hash: hashSecret(token) },
      ...{ email: email.toLowerCase(), role_ids: idsOf(given), group_ids: idsOf(joined) },
      ...{ invited_by: principal.user?.id ?? null, created_unix_ms: nowUnixMs },
      ...{ expires_unix_ms: nowUnixMs + lifetimeMs, accepted_unix_ms: null, accepted_by: null },
    };
    await requireRoom(control, transaction, organisationId, 'invitations');
    const mailed = mail && (await mailInvitation(control, transaction, row, url, principal.user?.name));
    await insertInvitation(transaction, { ...row, mailed: mailed ? 1 : 0 });
    const detail = { email: row.email, roles, groups, mailed };
    return {
      value: { row, url: mailed ? null : url, mailed },
      note: { action: 'invitation.add', subject: row.id, detail },
    };
  });
  if (made.mailed) control.mailer.wake();
  return made;
}

/** An invitation that may be accepted, for people. Failure `invitation-unknown`. */
export async function readInvitation(control: Control, token: string) {
  const { database } = control.store;
  const { row, organisation } = await liveInvitation(control, database, token);
  const account = await findUserByEmail(database, row.email);
  return { organisation: organisation.name, email: row.email, hasAccount: account !== undefined };
}

export interface Accepted {
  readonly organisation: OrganisationsTable;
  /** Where the account was not proved to be of whoever reads its mails: where to choose a new password, at the portal. */
  readonly renewUrl: string | null;
}

/**
 * A person who is signed in accepts. Where nobody knows who set what their account is proved with (another organisation may
 * have made it, with a password and factors of its own), all of that ends, and they choose a new password.
 * Failures `invitation-unknown`, `invitation-for-another`.
 */
export async function acceptInvitation(
  control: Control,
  actor: Actor,
  account: UsersTable,
  token: string,
): Promise<Accepted> {
  return publishChange<Accepted>(control, actor, async (transaction) => {
    const { row, organisation } = await liveInvitation(control, transaction, token);
    // The link may have been passed on; an address is what was invited.
    if (row.email !== account.email)
      throw new ControlFailure(
        'invitation-for-another',
        `this invitation is for ${row.email}; sign in with that account`,
      );
    await join(control, transaction, row, account.id);
    if (isProved(account)) return { value: { organisation, renewUrl: null }, note: acceptedNote(row, account.id) };
    const { revoke, renewUrl } = await renewProofs(control, transaction, account);
    return { value: { organisation, renewUrl }, note: acceptedNote(row, account.id, true), revoke };
  });
}

/** Somebody without an account accepts: makes one. Failures `invitation-unknown`, `email-taken`, `password-weak`. */
export async function acceptWithNewAccount(
  control: Control,
  given: { readonly token: string; readonly name: string; readonly password: string; readonly clientAddress: string },
): Promise<UsersTable> {
  const { clock, random } = control;
  const { email } = (await liveInvitation(control, control.store.database, given.token)).row;
  const password_hash = await hashNewPassword(control, given.password, email);
  const account: UsersTable = {
    ...{ id: newId('usr', clock, random), email, name: given.name, password_hash },
    ...{ disabled: 0, session_epoch: 1, created_unix_ms: Math.round(clock.unixMs()), installation_admin: 0 },
  };
  const actor: Actor = { name: `user:${account.id}`, clientAddress: given.clientAddress };
  return publishChange(control, actor, async (transaction) => {
    const { row } = await liveInvitation(control, transaction, given.token);
    // An account that there is by now must not get another password by an invitation.
    await insertUser(transaction, { ...account, address_proved: row.mailed ?? 0 });
    await join(control, transaction, row, account.id);
    return { value: account, note: acceptedNote(row, account.id) };
  });
}

async function join(
  control: Control,
  transaction: StoreTransaction,
  row: InvitationsTable,
  userId: string,
): Promise<void> {
  const unixMs = Math.round(control.clock.unixMs());
  if (!(await spendInvitation(transaction, row.id, userId, unixMs))) throw unknown();
  const organisation_id = row.organisation_id;
  // Whoever looked after the account until now may have made tokens of it, which would open this organisation, too.
  const others = await membershipsOf(transaction, userId);
  if (others.some((membership) => membership.organisation_id !== organisation_id))
    await deleteApiTokensOf(transaction, userId);
  await requireRoom(control, transaction, organisation_id, 'users');
  await putMembership(transaction, { organisation_id, user_id: userId, created_unix_ms: unixMs });
  // What was removed meanwhile is not given.
  for (const roleId of JSON.parse(row.role_ids) as string[])
    if (await findRole(transaction, organisation_id, roleId)) await addUserRole(transaction, userId, roleId);
  for (const groupId of JSON.parse(row.group_ids) as string[])
    if (await findGroup(transaction, organisation_id, groupId)) await addGroupMember(transaction, groupId, userId);
}

/** Of two that race one finds it spent. Every refusal is the same: nobody learns which links there were. */
async function liveInvitation({ clock }: Control, queries: Queries, token: string) {
  const row = await findInvitationByHash(queries, hashSecret(token));
  if (!row || row.accepted_unix_ms !== null || row.expires_unix_ms <= clock.unixMs()) throw unknown();
  const organisation = await findOrganisation(queries, row.organisation_id);
  if (!organisation) throw unknown();
  return { row, organisation };
}

/** The groups of an organisation that names stand for. Failure `group-unknown`. */
export async function requireGroups(queries: Queries, organisationId: string, names: readonly string[]) {
  const wanted = [...new Set(names)];
  const groups = await groupsNamed(queries, organisationId, wanted);
  const unknownNames = wanted.filter((name) => !groups.some((group) => group.name === name));
  if (unknownNames.length === 0) return groups;
  throw new ControlFailure('group-unknown', `groups: there is no group ${unknownNames.join(', ')}`);
}

async function mailInvitation(
  { mailer, clock }: Control,
  transaction: StoreTransaction,
  row: InvitationsTable,
  url: string,
  inviter: string | undefined,
): Promise<boolean> {
  const { organisation_id: organisationId, email: to } = row;
  if (!(await mailer.settingsOf(transaction, organisationId))) return false;
  const organisation = await findOrganisation(transaction, organisationId);
  const letter = renderLetter(invitationLetter(organisation?.name ?? 'Manis', inviter, url));
  const livesMs = Math.max(0, row.expires_unix_ms - Math.round(clock.unixMs()));
  await mailer.add(transaction, { organisationId, purpose: 'invitation', to, letter, livesMs });
  return true;
}

function invitationUrl(control: Control, token: string): string {
  return `${portalOriginOf(control)}/invitation/${token}`;
}

function acceptedNote(row: InvitationsTable, userId: string, renewed = false) {
  const { id: subject, organisation_id: organisationId, email } = row;
  return {
    action: 'invitation.accept',
    subject,
    organisationId,
    detail: { email, userId, ...(renewed && { renewed }) },
  };
}

function idsOf(rows: readonly { readonly id: string }[]): string {
  return JSON.stringify(rows.map(({ id }) => id));
}

function unknown(): ControlFailure {
  return new ControlFailure(
    'invitation-unknown',
    'this invitation is not valid: it was accepted, withdrawn, or is too old',
  );
}
