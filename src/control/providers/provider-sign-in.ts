/** Signing in through an identity provider: control exchanges the code, decides whose account it is, and begins a session. */
import {
  type IdentityVerdict,
  judgeIdentity,
  type PersonSaid,
  personOf,
  provedTwoFactors,
  type RefusalReason,
} from '../../core/identity/index.ts';
import type { ProviderAnswer } from '../../io/identity-provider/index.ts';
import { claimsFault, mapNames, type ProviderClientSettings } from '../../io/identity-provider/index.ts';
import {
  effectiveRoles,
  findAnyIdentityProvider,
  findIdentity,
  findUser,
  findUserByEmail,
  type IdentitiesTable,
  type IdentityProvidersTable,
  insertIdentity,
  insertUser,
  isSoleMember,
  putMembership,
  type Queries,
  type StoreTransaction,
  type UsersTable,
  updateIdentity,
} from '../../io/store/index.ts';
import { audit, publishChange } from '../change.ts';
import type { Actor, AuditNote, Control } from '../control.ts';
import { newId } from '../ids.ts';
import type { SessionOrigin } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { clientSettingsOf, portalOriginOf, providerAddresses } from './client-settings.ts';
import { hasProvided, isMember, type Mapped, type Provided, provide, wantedOf } from './provided.ts';

/** An answer of a provider in the browser, with what the attempt needs to exchange it. */
export interface ProviderReturn {
  readonly providerId: string;
  readonly attempt: { readonly id: string; readonly nonce: string; readonly verifier: string; readonly fresh: boolean };
  /** The query of the redirect URI. */
  readonly query: string;
}

/** What a provider said, understood. */
export interface Understood {
  readonly row: IdentityProvidersTable;
  readonly settings: ProviderClientSettings;
  readonly answer: ProviderAnswer;
  /** Undefined where the provider names nobody. */
  readonly said: PersonSaid | undefined;
  readonly mapped: Mapped;
}

export type ProviderSignIn =
  | {
      readonly kind: 'signed-in';
      readonly user: UsersTable;
      readonly methods: readonly string[];
      readonly answer: ProviderAnswer;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason | 'claims-too-large' | 'claims-too-deep' };

/** Exchanges the answer. Failures of the provider, and `provider-unknown`. */
export async function understand(
  control: Control,
  { providerId, attempt, query }: ProviderReturn,
): Promise<Understood> {
  const row = await findAnyIdentityProvider(control.store.database, providerId);
  if (!row || row.enabled === 0)
    throw new ControlFailure('provider-unknown', 'this identity provider is not in use any more');
  const settings = clientSettingsOf(row, control.keys.sealing);
  const { redirectUri } = providerAddresses(portalOriginOf(control), row.name);
  const provider = control.identityProviders.of(settings);
  const answer = await provider.exchange(attempt, new URLSearchParams(query), redirectUri);
  const { mapping } = settings;
  return {
    row,
    settings,
    answer,
    said: personOf(settings, answer.claims),
    mapped: {
      roles: mapNames(mapping.roles, answer.claims),
      groups: mapNames(mapping.groups, answer.claims),
      organisations: mapNames(mapping.organisation, answer.claims),
    },
  };
}

/** Whose account it is as things are now; nothing is changed. */
export async function judge(queries: Queries, { row, settings, said }: Understood): Promise<IdentityVerdict> {
  if (!said) return { kind: 'refused', reason: 'subject-missing' };
  const identity = await findIdentity(queries, row.id, said.subject);
  const byIdentity = identity && (await findUser(queries, identity.user_id));
  // Who left the organisation does not come back by having an account at its provider.
  if (byIdentity && !(await isMember(queries, row.organisation_id, byIdentity.id)))
    return { kind: 'refused', reason: 'account-missing' };
  const byEmail = said.email === undefined ? undefined : await findUserByEmail(queries, said.email);
  const account = (user: UsersTable | undefined) => user && { userId: user.id, disabled: user.disabled === 1 };
  const verdict = judgeIdentity(settings, said, { byIdentity: account(byIdentity), byEmail: account(byEmail) });
  if (verdict.kind === 'link' && byEmail && !(await mayLink(queries, row, byEmail)))
    return { kind: 'refused', reason: 'account-exists' };
  return verdict;
}

/**
 * Whether an address alone may link an account: one that is this organisation's to look after, and has no more power than
 * whoever sets up providers. Others connect the two themselves, from their account page.
 */
async function mayLink(queries: Queries, row: IdentityProvidersTable, user: UsersTable): Promise<boolean> {
  if (user.installation_admin === 1) return false;
  if (!(await isSoleMember(queries, row.organisation_id, user.id))) return false;
  const roles = await effectiveRoles(queries, row.organisation_id, user.id);
  return !roles.some(({ built_in }) => built_in === 'owner');
}

/** Signs in: finds, links or makes the account, and keeps what the provider says of its roles and groups. */
export async function signInThrough(
  control: Control,
  understood: Understood,
  origin: SessionOrigin,
): Promise<ProviderSignIn> {
  const { settings, answer, row } = understood;
  const fault = claimsFault(answer.claims);
  const verdict: IdentityVerdict | { kind: 'refused'; reason: 'claims-too-large' | 'claims-too-deep' } = fault
    ? { kind: 'refused', reason: fault }
    : await judge(control.store.database, understood);
  if (verdict.kind === 'refused') {
    await noteRefusal(control, understood, origin, verdict.reason);
    return verdict;
  }
  const userId = await keep(control, understood, origin);
  const user = userId === undefined ? undefined : await findUser(control.store.database, userId);
  if (!user || user.disabled === 1) {
    await noteRefusal(control, understood, origin, 'account-exists');
    return { kind: 'refused', reason: 'account-exists' };
  }
  const methods = ['oidc', ...(provedTwoFactors(settings, answer.claims) ? ['mfa'] : [])];
  control.log.info('signed in through a provider', { providerId: row.id, userId: user.id });
  return { kind: 'signed-in', user, methods, answer };
}

/** Connects what the provider calls the person with their account. False: it belongs to another account. */
export async function connectIdentity(
  control: Control,
  understood: Understood,
  user: UsersTable,
  origin: SessionOrigin,
): Promise<boolean> {
  const { row, said } = understood;
  if (!said || !(await isMember(control.store.database, row.organisation_id, user.id))) return false;
  const actor = { name: `user:${user.id}`, clientAddress: origin.clientAddress };
  const known = await findIdentity(control.store.database, row.id, said.subject);
  if (known) return known.user_id === user.id;
  await publishChange(control, actor, async (transaction) => {
    await insertIdentity(transaction, identityRow(control, understood, said, user.id));
    return { value: undefined, note: linkNote(row, user.id, 'account-page') };
  });
  return true;
}

/**
 * The user's id, once what the provider said is kept; undefined where the verdict is another one by now, because somebody was
 * quicker. PoPs are told only where something that they know has changed.
 */
async function keep(control: Control, understood: Understood, origin: SessionOrigin): Promise<string | undefined> {
  const { row, said, mapped } = understood;
  if (!said) return undefined;
  const { database } = control.store;
  const nowUnixMs = Math.round(control.clock.unixMs());
  const before = await findIdentity(database, row.id, said.subject);
  const wanted = await wantedOf(database, row.organisation_id, mapped);
  if (before && (await isProvided(database, before, wanted))) {
    const seen = { ...before, email: said.email ?? null, seen_unix_ms: nowUnixMs };
    await control.store.transaction((transaction) => updateIdentity(transaction, seen));
    return before.user_id;
  }
  const actor: Actor = { name: `provider:${row.id}`, clientAddress: origin.clientAddress };
  return publishChange(control, actor, async (transaction) => {
    const verdict = await judge(transaction, understood);
    if (verdict.kind === 'refused') return { value: undefined, note: refusalNote(understood, verdict.reason) };
    const userId =
      verdict.kind === 'provision'
        ? await provision(control, transaction, understood, said, verdict.email)
        : verdict.userId;
    if (verdict.kind !== 'known') await insertIdentity(transaction, identityRow(control, understood, said, userId));
    const kept = await findIdentity(transaction, row.id, said.subject);
    const held = JSON.parse(kept?.provided ?? '[]') as Provided[];
    const provided = await provide(transaction, userId, held, wanted, nowUnixMs);
    if (kept)
      await updateIdentity(transaction, {
        ...kept,
        email: said.email ?? null,
        provided: JSON.stringify(provided),
        seen_unix_ms: nowUnixMs,
      });
    return { value: userId, note: noteOf(row, verdict, userId, mapped) };
  });
}

function noteOf(row: IdentityProvidersTable, verdict: IdentityVerdict, userId: string, mapped: Mapped): AuditNote {
  const from = { providerId: row.id, provider: row.name };
  if (verdict.kind === 'link') return linkNote(row, userId, 'verified-email');
  if (verdict.kind === 'provision')
    return { action: 'user.provision', subject: userId, detail: { ...from, email: verdict.email, ...mapped } };
  return { action: 'identity.change', subject: userId, detail: { ...from, ...mapped } };
}

/** Whether the user has all of it and nothing that the provider gave is to go. */
async function isProvided(queries: Queries, identity: IdentitiesTable, wanted: readonly Provided[]): Promise<boolean> {
  const text = (one: Provided): string => JSON.stringify([one.kind, one.organisationId, one.name]);
  const asked = new Set(wanted.map(text));
  const given = JSON.parse(identity.provided) as Provided[];
  if (given.some((one) => !asked.has(text(one)))) return false;
  for (const one of wanted) if (!(await hasProvided(queries, identity.user_id, one))) return false;
  return true;
}

async function provision(
  control: Control,
  transaction: StoreTransaction,
  { row, settings, answer }: Understood,
  said: PersonSaid,
  email: string,
): Promise<string> {
  const { clock, random } = control;
  const id = newId('usr', clock, random);
  const created_unix_ms = Math.round(clock.unixMs());
  const [mapped] = mapNames(settings.mapping.name, answer.claims);
  const name = mapped ?? said.name ?? email.split('@')[0] ?? email;
  await requireRoom(control, transaction, row.organisation_id, 'users');
  await insertUser(transaction, {
    ...{ id, email, name, password_hash: null, disabled: 0, session_epoch: 1 },
    ...{ created_unix_ms, installation_admin: 0 },
  });
  const organisationId = row.organisation_id;
  await putMembership(transaction, { organisation_id: organisationId, user_id: id, created_unix_ms });
  const defaults = { roles: settings.defaultRoles, groups: [], organisations: [] };
  // Nobody takes these away but an administrator: they are not what the provider says.
  await provide(transaction, id, [], await wantedOf(transaction, organisationId, defaults), created_unix_ms);
  return id;
}

function identityRow(control: Control, { row }: Understood, said: PersonSaid, userId: string): IdentitiesTable {
  const nowUnixMs = Math.round(control.clock.unixMs());
  return {
    provider_id: row.id,
    subject: said.subject,
    user_id: userId,
    email: said.email ?? null,
    provided: '[]',
    created_unix_ms: nowUnixMs,
    seen_unix_ms: nowUnixMs,
  };
}

function linkNote(row: IdentityProvidersTable, userId: string, by: 'verified-email' | 'account-page'): AuditNote {
  return { action: 'identity.link', subject: userId, detail: { providerId: row.id, provider: row.name, by } };
}

function refusalNote({ row, said }: Understood, reason: string): AuditNote {
  const detail = { providerId: row.id, provider: row.name, subject: said?.subject ?? null };
  return { action: 'sign-in.refuse', subject: null, outcome: reason, detail };
}

async function noteRefusal(
  control: Control,
  understood: Understood,
  origin: SessionOrigin,
  reason: string,
): Promise<void> {
  const actor = { name: `pop:${origin.popId}`, clientAddress: origin.clientAddress };
  await audit(control, control.store.database, actor, refusalNote(understood, reason));
}
