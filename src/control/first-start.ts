import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import { OWNER_ONLY, replaceFile } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import { type PasswordHasher, passwordAdvice, passwordProblem } from '../io/passwords.ts';
import { hashSecret, newSecret } from '../io/secrets.ts';
import {
  deleteSetupLinks,
  enabledInstallationAdmins,
  findUser,
  firstOrganisation,
  insertApiToken,
  insertOrganisation,
  insertRole,
  insertUser,
  pendingSetupLinks,
  putMembership,
  putSetupLink,
  type Store,
  type StoreTransaction,
  setUserRoles,
  updateUser,
} from '../io/store/index.ts';
import { FIRST_ADMIN_EMAIL, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, STALENESS_MS } from './constants.ts';
import { newId } from './ids.ts';
import { ControlFailure } from './problems.ts';

export interface FirstAdmin {
  readonly email: string;
  readonly password?: string;
}

export interface FirstStartOptions {
  readonly dataDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hasher: PasswordHasher;
  readonly firstAdmin: FirstAdmin | undefined;
  /** The zone that the PoPs answer for, where one is known from the start. */
  readonly dnsZone: string | undefined;
  /** Anything else that settings say of the beginning. */
  readonly atFirst?: (transaction: StoreTransaction) => Promise<void>;
  /** Whose set-up link it is, and that it is here for the first time. */
  readonly node: { readonly controlId: string; readonly isNew: boolean };
}

export interface Installed {
  readonly organisationId: string;
  /** Until the first admin has chosen a password: whose link, and its token (a new one at each start). */
  readonly setUp: { readonly email: string; readonly token: string } | null;
}

/**
 * Makes organisation, admin role, first admin and the API token for the command line, once; then the set-up token. A
 * node that joins others makes a token of its own, in its own directory.
 */
export async function installOrContinue(options: FirstStartOptions): Promise<Installed> {
  const { store, node } = options;
  const organisation = await firstOrganisation(store.database);
  if (organisation && node.isNew && store.isShared) await makeToken(options);
  if (organisation && options.dnsZone !== undefined && organisation.dns_zone !== options.dnsZone)
    options.log.warn(
      '--dns-zone counts at the first start alone; change it with `manis organisation update --dns-zone`',
      {
        given: options.dnsZone,
        zone: organisation.dns_zone,
      },
    );
  const organisationId = organisation?.id ?? (await install(options));
  return { organisationId, setUp: await renewSetUp(options) };
}

async function install(options: FirstStartOptions): Promise<string> {
  const { store, clock, random } = options;
  const created_unix_ms = Math.round(clock.unixMs());
  const apiToken = await writeToken(options);
  const { value } = await store.publish(async (transaction) => {
    // Of two nodes that start together one installs; the other joins.
    const known = await firstOrganisation(transaction);
    const id = known?.id ?? newId('org', clock, random);
    if (!known) {
      const lifetimes = { session_idle_ms: SESSION_IDLE_MS, session_absolute_ms: SESSION_ABSOLUTE_MS };
      await insertOrganisation(transaction, {
        ...{ id, name: 'Manis', ...lifetimes, staleness_ms: STALENESS_MS, created_unix_ms },
        ...{ dns_zone: options.dnsZone ?? null, certificate_issuers: '[]', domains: '[]' },
      });
      await insertBuiltInRoles(transaction, options, id);
      await insertFirstAdmin(transaction, options, id);
      await options.atFirst?.(transaction);
    }
    await insertToken(transaction, options, apiToken);
    return id;
  });
  return value;
}

/** Every organisation has them from its beginning. */
export async function insertBuiltInRoles(
  transaction: StoreTransaction,
  { clock, random }: Pick<FirstStartOptions, 'clock' | 'random'>,
  organisationId: string,
): Promise<void> {
  const created_unix_ms = Math.round(clock.unixMs());
  for (const built_in of ['owner', 'admin', 'member'] as const) {
    const role = { id: newId('rol', clock, random), organisation_id: organisationId, name: built_in };
    await insertRole(transaction, { ...role, created_unix_ms, built_in, permissions: '[]' });
  }
}

async function insertFirstAdmin(
  transaction: StoreTransaction,
  options: FirstStartOptions,
  organisationId: string,
): Promise<void> {
  const { clock, random, firstAdmin } = options;
  const id = newId('usr', clock, random);
  const created_unix_ms = Math.round(clock.unixMs());
  const email = firstAdmin?.email ?? FIRST_ADMIN_EMAIL;
  const user = { id, email, name: 'Administrator', password_hash: null, session_epoch: 1, created_unix_ms };
  await insertUser(transaction, { ...user, disabled: 0, installation_admin: 1 });
  await putMembership(transaction, { organisation_id: organisationId, user_id: id, created_unix_ms });
  await setUserRoles(transaction, organisationId, id, ['owner', 'admin']);
  // Nobody knows this one; it says that the password is still to be chosen.
  const token_hash = hashSecret(newSecret('mns', random));
  await putSetupLink(transaction, { token_hash, user_id: id, control_id: '', created_unix_ms });
}

async function makeToken(options: FirstStartOptions): Promise<void> {
  const apiToken = await writeToken(options);
  await options.store.transaction((transaction) => insertToken(transaction, options, apiToken));
}

/** The file first: a crash in between leaves a token that the store does not know, and the next start is the first. */
async function writeToken({ dataDir, random }: FirstStartOptions): Promise<string> {
  const apiToken = newSecret('mna', random);
  await replaceFile(join(dataDir, 'api-token'), `${apiToken}\n`, OWNER_ONLY);
  return apiToken;
}

/** With the rights of the first administrator there is. */
async function insertToken(
  transaction: StoreTransaction,
  { clock, random, node }: FirstStartOptions,
  apiToken: string,
): Promise<void> {
  const [owner] = await enabledInstallationAdmins(transaction);
  if (owner === undefined) return;
  await insertApiToken(transaction, {
    id: newId('tok', clock, random),
    token_hash: hashSecret(apiToken),
    user_id: owner,
    name: `command line of ${node.controlId}`,
    created_unix_ms: Math.round(clock.unixMs()),
    expires_unix_ms: null,
    last_used_unix_ms: null,
  });
}

/** Whoever has not chosen a password yet gets a new link, or the password that was given; this node's old link dies. */
async function renewSetUp(options: FirstStartOptions): Promise<Installed['setUp']> {
  const { store, clock, random, hasher, firstAdmin, node } = options;
  const [pending] = await pendingSetupLinks(store.database);
  const user = pending && (await findUser(store.database, pending.user_id));
  if (!user) return null;
  if (firstAdmin?.password !== undefined) {
    const problem = passwordProblem(firstAdmin.password, user.email);
    if (problem) throw new ControlFailure('password-weak', `the first admin's password: ${passwordAdvice(problem)}`);
    const password_hash = await hasher.hash(firstAdmin.password);
    await store.transaction(async (transaction) => {
      if ((await pendingSetupLinks(transaction)).length === 0) return;
      await updateUser(transaction, user.id, { password_hash });
      await deleteSetupLinks(transaction, user.id);
    });
    return null;
  }
  const token = newSecret('mns', random);
  const link = { token_hash: hashSecret(token), user_id: user.id, control_id: node.controlId };
  const isPending = await store.transaction(async (transaction) => {
    // The password may have been chosen through another node meanwhile.
    if ((await pendingSetupLinks(transaction)).length === 0) return false;
    await putSetupLink(transaction, { ...link, created_unix_ms: Math.round(clock.unixMs()) });
    return true;
  });
  return isPending ? { email: user.email, token } : null;
}
