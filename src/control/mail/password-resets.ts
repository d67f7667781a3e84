import { hashSecret, newSecret } from '../../io/secrets.ts';
import {
  findPasswordReset,
  findUser,
  findUserByEmail,
  firstOrganisation,
  forgetBrowsers,
  putPasswordReset,
  spendPasswordReset,
  type UsersTable,
  updateUser,
} from '../../io/store/index.ts';
import { change, publishChange } from '../change.ts';
import { MAILS_PER_WINDOW, PASSWORD_RESET_LIFE_MS } from '../constants.ts';
import type { Actor, Control } from '../control.ts';
import { endSessions } from '../end-sessions.ts';
import { hashNewPassword } from '../new-password.ts';
import { ControlFailure } from '../problems.ts';
import { type CodeVisitor, refuseTooMany } from './email-codes.ts';
import { renderLetter } from './letter.ts';
import { passwordChanged } from './notices.ts';
import { resetLetter } from './texts.ts';

/**
 * Links by which people who have forgotten their password choose a new one. As with codes, whoever asks is told the same
 * whatever the address. A link is used once, within half an hour; it is no second factor and takes none away.
 */
export class PasswordResets {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Failure `sign-in-rate-limited`. */
  async ask(visitor: Omit<CodeVisitor, 'browser'>, email: string): Promise<void> {
    await refuseTooMany(this.#control, visitor.clientAddress, email);
    this.#control.afterwards.do(() => this.#send(visitor, email.toLowerCase()));
  }

  async #send(visitor: Omit<CodeVisitor, 'browser'>, email: string): Promise<void> {
    const { clock, random, limits, mailer, store, organisationId, portalHost, publicPort } = this.#control;
    const user = await findUserByEmail(store.database, email);
    // Whoever has no password (an account of an identity provider) gets none by this way.
    if (!user || user.disabled === 1 || user.password_hash === null) return;
    if (!(await mailer.settingsOf(store.database, organisationId))) return;
    if (await limits.count('mail:all', MAILS_PER_WINDOW)) return;
    const token = newSecret('mnx', random);
    const port = publicPort === 443 ? '' : `:${publicPort}`;
    const url = `https://${portalHost}${port}/reset/${token}`;
    const expires_unix_ms = Math.round(clock.unixMs()) + PASSWORD_RESET_LIFE_MS;
    const actor = { name: `pop:${visitor.popId}`, clientAddress: visitor.clientAddress };
    await change(this.#control, actor, async (transaction) => {
      const organisation = await firstOrganisation(transaction);
      const letter = renderLetter(resetLetter(organisation?.name ?? 'Manis', url));
      await putPasswordReset(transaction, { token_hash: hashSecret(token), user_id: user.id, expires_unix_ms });
      const outgoing = { organisationId, purpose: 'reset' as const, to: user.email, letter };
      await mailer.add(transaction, { ...outgoing, livesMs: PASSWORD_RESET_LIFE_MS });
      return { value: undefined, note: { action: 'password-reset.send', subject: user.id } };
    });
    mailer.wake();
  }
}

/** Whose link it is. Failure `password-reset-unknown`. */
export async function readPasswordReset({ store, clock }: Control, token: string): Promise<UsersTable> {
  const reset = await findPasswordReset(store.database, hashSecret(token), Math.round(clock.unixMs()));
  const user = reset && (await findUser(store.database, reset.user_id));
  if (!user || user.disabled === 1) throw unknownReset();
  return user;
}

/** Spends a link: sets the password, ends every session and forgets browsers. Nobody is signed in by it: that asks for all their factors. */
export async function finishPasswordReset(
  control: Control,
  given: { readonly token: string; readonly password: string; readonly clientAddress: string },
): Promise<void> {
  const user = await readPasswordReset(control, given.token);
  const password_hash = await hashNewPassword(control, given.password, user.email);
  const actor: Actor = { name: `user:${user.id}`, clientAddress: given.clientAddress };
  await publishChange(control, actor, async (transaction) => {
    // Taken out here, not when it was read: of two that race one finds it gone.
    if (!(await spendPasswordReset(transaction, hashSecret(given.token)))) throw unknownReset();
    const row = await findUser(transaction, user.id);
    if (!row || row.disabled === 1) throw unknownReset();
    await updateUser(transaction, user.id, { password_hash });
    const revoke = await endSessions(transaction, row, Math.round(control.clock.unixMs()));
    await forgetBrowsers(transaction, user.id);
    await passwordChanged(control, transaction, row);
    return { value: undefined, note: { action: 'password-reset.finish', subject: user.id }, revoke };
  });
  control.mailer.wake();
}

function unknownReset(): ControlFailure {
  return new ControlFailure(
    'password-reset-unknown',
    'this link is not valid: it was used, it is too old, or a newer one was sent',
  );
}
