import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import { OWNER_ONLY, replaceFile } from '../io/files.ts';
import { type PasswordHasher, passwordAdvice, passwordProblem } from '../io/passwords.ts';
import { hashSecret, newSecret } from '../io/secrets.ts';
import {
  findOrganisation,
  findUser,
  insertApiToken,
  insertOrganisation,
  insertRole,
  insertUser,
  pendingSetups,
  putSetup,
  type Store,
  setUserRoles,
  updateUser,
} from '../io/store/index.ts';
import { ADMIN_ROLE, FIRST_ADMIN_EMAIL, SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, STALENESS_MS } from './constants.ts';
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
  readonly hasher: PasswordHasher;
  readonly firstAdmin: FirstAdmin | undefined;
}

export interface Installed {
  readonly organisationId: string;
  /** Until the first admin has chosen a password: whose link, and its token (a new one at each start). */
  readonly setUp: { readonly email: string; readonly token: string } | null;
}

/** Makes organisation, admin role, first admin and the API token for the command line, once; then the set-up token. */
export async function installOrContinue(options: FirstStartOptions): Promise<Installed> {
  const organisation = await findOrganisation(options.store.database);
  const organisationId = organisation?.id ?? (await install(options));
  return { organisationId, setUp: await renewSetUp(options) };
}

async function install(options: FirstStartOptions): Promise<string> {
  const { store, clock, random, dataDir } = options;
  const created_unix_ms = Math.round(clock.unixMs());
  const id = newId('org', clock, random);
  const userId = newId('usr', clock, random);
  const email = options.firstAdmin?.email ?? FIRST_ADMIN_EMAIL;
  const apiToken = newSecret('mna', random);
  // The file first: a crash in between leaves a token that the store does not know, and the next start is the first.
  await replaceFile(join(dataDir, 'api-token'), `${apiToken}\n`, OWNER_ONLY);
  await store.publish(async (transaction) => {
    await insertOrganisation(transaction, {
      id,
      name: 'Manis',
      session_idle_ms: SESSION_IDLE_MS,
      session_absolute_ms: SESSION_ABSOLUTE_MS,
      staleness_ms: STALENESS_MS,
      created_unix_ms,
    });
    await insertRole(transaction, { id: newId('rol', clock, random), name: ADMIN_ROLE, created_unix_ms });
    const user = { id: userId, email, name: 'Administrator', password_hash: null, session_epoch: 1, created_unix_ms };
    await insertUser(transaction, { ...user, disabled: 0 });
    await setUserRoles(transaction, userId, [ADMIN_ROLE]);
    await insertApiToken(transaction, {
      id: newId('tok', clock, random),
      token_hash: hashSecret(apiToken),
      user_id: userId,
      name: 'command line',
      created_unix_ms,
      expires_unix_ms: null,
      last_used_unix_ms: null,
    });
    await putSetup(transaction, { user_id: userId, token_hash: hashSecret(newSecret('mns', random)), created_unix_ms });
  });
  return id;
}

/** Whoever has not chosen a password yet gets a new link, or the password that was given; the old link dies. */
async function renewSetUp(options: FirstStartOptions): Promise<Installed['setUp']> {
  const { store, clock, random, hasher, firstAdmin } = options;
  const [pending] = await pendingSetups(store.database);
  const user = pending && (await findUser(store.database, pending.user_id));
  if (!user) return null;
  if (firstAdmin?.password !== undefined) {
    const problem = passwordProblem(firstAdmin.password, user.email);
    if (problem) throw new ControlFailure('password-weak', `the first admin's password: ${passwordAdvice(problem)}`);
    const password_hash = await hasher.hash(firstAdmin.password);
    await store.transaction(async (transaction) => {
      await updateUser(transaction, user.id, { password_hash });
      await transaction.deleteFrom('setup').where('user_id', '=', user.id).execute();
    });
    return null;
  }
  const token = newSecret('mns', random);
  const created_unix_ms = Math.round(clock.unixMs());
  await store.transaction((transaction) =>
    putSetup(transaction, { user_id: user.id, token_hash: hashSecret(token), created_unix_ms }),
  );
  return { email: user.email, token };
}
