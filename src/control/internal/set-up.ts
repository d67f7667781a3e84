/** The first administrator, by the link that the first start printed: with a password, or with a passkey and none. */
import { methodsWith } from '../../core/session/index.ts';
import { hashSecret } from '../../io/secrets.ts';
import {
  findSetupLink,
  findUser,
  type StoreTransaction,
  spendSetupLink,
  type UsersTable,
  updateUser,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { enrolPasskey } from '../factors/enrolment.ts';
import { afterFirstStep } from '../factors/first-step.ts';
import { hashNewPassword } from '../new-password.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';

interface AtSetUp {
  readonly token: string;
  readonly clientAddress: string;
  readonly userAgent: string;
  readonly browser: string;
}

/** Whose set-up link this is. Failure `set-up-unknown`. */
export async function readSetUp(control: Control, token: string): Promise<UsersTable> {
  const setup = await findSetupLink(control.store.database, hashSecret(token));
  const user = setup && (await findUser(control.store.database, setup.user_id));
  if (!user) throw unknownSetUp();
  return user;
}

/** Spends a set-up link: sets the password and signs the person in. */
export async function finishSetUp(
  control: Control,
  sessions: PortalSessions,
  popId: string,
  given: AtSetUp & { readonly password: string },
) {
  const user = await readSetUp(control, given.token);
  const password_hash = await hashNewPassword(control, given.password, user.email);
  const actor: Actor = { name: `user:${user.id}`, clientAddress: given.clientAddress };
  await change(control, actor, async (transaction) => {
    await spend(transaction, given.token);
    await updateUser(transaction, user.id, { password_hash });
    return { value: undefined, note: { action: 'set-up', subject: user.id } };
  });
  return afterFirstStep(control, sessions, user, { methods: ['password'] }, { ...given, popId });
}

/** The same with a passkey that was made for it, and the codes that stand in for it. Failure `factor-refused`. */
export async function finishSetUpByPasskey(
  control: Control,
  sessions: PortalSessions,
  popId: string,
  given: AtSetUp & { readonly passkey: string; readonly challenge: string },
) {
  const user = await readSetUp(control, given.token);
  const origin = { ...given, popId };
  // What the challenge is bound to where there is no session yet.
  const visit = { control, user, within: user.id, browser: given.browser, origin, reach: null, methods: [] };
  const enrolled = await enrolPasskey(visit, { ...given, name: '' }, (transaction) => spend(transaction, given.token));
  const methods = methodsWith([], 'passkey', enrolled.userVerified);
  const result = await afterFirstStep(control, sessions, user, { methods }, origin);
  return { result, recoveryCodes: enrolled.recoveryCodes };
}

/** Of two that race one finds it gone, as it is taken out where it is used and not when it was read. */
async function spend(transaction: StoreTransaction, token: string): Promise<void> {
  if (!(await spendSetupLink(transaction, hashSecret(token)))) throw unknownSetUp();
}

function unknownSetUp(): ControlFailure {
  return new ControlFailure('set-up-unknown', 'this set-up link is not valid: it was used, or a newer one was made');
}
