import { MFA, REMEMBERED } from '../../core/session/index.ts';
import { passkeysOf, totpKeysOf, type UsersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { type CodeVisitor, EmailCodes } from '../mail/email-codes.ts';
import { ControlFailure } from '../problems.ts';
import type { Asker } from './asker.ts';
import type { FactorMethod, FactorVisit } from './factor-method.ts';
import { mfaRulesOf } from './settings.ts';

/** What is no proof of something other than the mailbox. */
const NO_OTHER_PROOF: ReadonlySet<string> = new Set(['email-otp', MFA, REMEMBERED]);

/**
 * A code by mail, for people without a factor of their own whose organisations all say so (decision 0060). It never stands
 * in for a stronger factor, and never follows a sign-in that was a mailed code itself.
 */
export const emailCodeMethod: FactorMethod = {
  name: 'email-otp',
  canBeGuessed: true,
  async offer(control, user, before) {
    return (await mayBeMailed(control, user, before)) ? {} : undefined;
  },
  async judge(visit, { code, challenge: attempt }) {
    const { control, user, methods } = visit;
    if (!(await mayBeMailed(control, user, methods))) return { ok: false, reason: 'method-not-offered' };
    const isRight = await new EmailCodes(control).checkAgain(visitorOf(visit), user.id, attempt, code);
    return isRight ? { ok: true, userVerified: false } : { ok: false, reason: 'code-wrong' };
  },
};

/** Mails a code to somebody in a second step, or whose session must be strengthened. Failures `factor-refused`, `sign-in-rate-limited`. */
export async function mailSecondStep({ visit }: Asker): Promise<{ readonly attempt: string }> {
  const { control, user, methods } = visit;
  if (!(await mayBeMailed(control, user, methods)))
    throw new ControlFailure('factor-refused', 'codes by mail are no factor of this person');
  return new EmailCodes(control).askAgain(visitorOf(visit), user);
}

async function mayBeMailed(control: Control, user: UsersTable, before: readonly string[]): Promise<boolean> {
  const { store, mailer, organisationId } = control;
  if (before.every((method) => NO_OTHER_PROOF.has(method))) return false;
  if (!(await mfaRulesOf(store.database, user, null)).emailCodes) return false;
  const authenticators = await totpKeysOf(store.database, user.id);
  if (authenticators.some((row) => row.confirmed_unix_ms !== null)) return false;
  if ((await passkeysOf(store.database, user.id)).length > 0) return false;
  return (await mailer.settingsOf(store.database, organisationId)) !== undefined;
}

function visitorOf({ browser, origin }: FactorVisit): CodeVisitor {
  return { popId: origin.popId ?? '', browser, clientAddress: origin.clientAddress };
}
