import { methodsWith } from '../../core/session/index.ts';
import { verifyNewPasskey } from '../../io/factors/passkeys.ts';
import { hashOfRecoveryCode, newRecoveryCodes } from '../../io/factors/recovery-codes.ts';
import { newTotpSecret, totpUri } from '../../io/factors/totp.ts';
import {
  confirmTotpKey,
  countRecoveryCodes,
  deletePendingTotpKeys,
  findOrganisation,
  insertPasskey,
  insertTotpKey,
  passkeysOf,
  putRecoveryCodes,
  type StoreTransaction,
  spendProof,
  takeTotpStep,
  totpKeysOf,
  updateUser,
} from '../../io/store/index.ts';
import { change, publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import { factorAdded } from '../mail/notices.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { requireWholeAccount } from '../session-reach.ts';
import type { Asker } from './asker.ts';
import { FACTOR_FRESH_MS, FACTORS_MAX, TOTP_PENDING_MS } from './constants.ts';
import { beginFactorTry, factorTrySucceeded, tooManyTries } from './factor-limits.ts';
import type { FactorVisit } from './factor-method.ts';
import { factorsOf, hasFactor } from './methods.ts';
import { passkeyPlace } from './passkey.ts';
import { actorOf, grant } from './second-step.ts';
import { openTotpSecret, sealTotpSecret, stepOfCode } from './totp-secret.ts';

/** What a new factor leads to: codes that are shown once, and a session where there was none or one without two factors. */
export interface Enrolled {
  readonly recoveryCodes: readonly string[];
  readonly session: Awaited<ReturnType<typeof grant>> | undefined;
}

/**
 * Whether somebody may change their factors: with a session in which they have just proved who they are, by a factor where
 * there is one; or, where there is none and they must add one, in the second step of signing in. Failures
 * `step-up-required`, `account-shared`.
 */
export async function assertMayEnrol(asker: Asker): Promise<void> {
  const { control, user, reach } = asker.visit;
  await requireWholeAccount(control, user, reach);
  const hasOne = hasFactor(await factorsOf(control, user));
  if (asker.kind === 'step') {
    if (hasOne || asker.claims.need !== 'enrol') throw stepUpRequired();
    return;
  }
  const { authenticatedAtUnixMs, mfaAtUnixMs } = asker.live.claims;
  const provedAt = hasOne ? (mfaAtUnixMs ?? 0) : authenticatedAtUnixMs;
  if (control.clock.unixMs() - provedAt > FACTOR_FRESH_MS) throw stepUpRequired();
}

/** A secret for an authenticator application; the one that was begun a moment ago, where there is one. */
export async function beginTotp(asker: Asker): Promise<{ readonly secret: string; readonly uri: string }> {
  await assertMayEnrol(asker);
  const { control, user } = asker.visit;
  const unixMs = Math.round(control.clock.unixMs());
  const organisation = await findOrganisation(control.store.database, control.organisationId);
  const secret = await control.store.transaction(async (transaction) => {
    const rows = await totpKeysOf(transaction, user.id);
    const begun = rows.find((row) => row.confirmed_unix_ms === null && unixMs - row.created_unix_ms < TOTP_PENDING_MS);
    const known = begun && openTotpSecret(control.keys.sealing, begun);
    if (known !== undefined) return known;
    if (rows.length >= FACTORS_MAX) throw tooMany();
    await deletePendingTotpKeys(transaction, user.id);
    const made = newTotpSecret(control.random);
    const id = newId('otp', control.clock, control.random);
    await insertTotpKey(transaction, {
      id,
      user_id: user.id,
      name: '',
      secret: sealTotpSecret(control.keys.sealing, id, made),
      last_step: 0,
      confirmed_unix_ms: null,
      created_unix_ms: unixMs,
      last_used_unix_ms: null,
    });
    return made;
  });
  return { secret, uri: totpUri(secret, organisation?.name ?? 'Manis', user.email) };
}

/** The application shows the right code, so it has the secret. Failure `factor-refused`. */
export async function confirmTotp(
  sessions: PortalSessions,
  asker: Asker,
  given: { readonly code: string; readonly name: string },
): Promise<Enrolled> {
  await assertMayEnrol(asker);
  const { visit } = asker;
  const { control, user, origin } = visit;
  const limit = await beginFactorTry(control, user.id, origin.clientAddress, true);
  if (limit) throw tooManyTries(limit);
  const unixMs = Math.round(control.clock.unixMs());
  const recoveryCodes = await publishChange(control, actorOf(visit), async (transaction) => {
    const row = (await totpKeysOf(transaction, user.id)).find((one) => one.confirmed_unix_ms === null);
    const step = row && stepOfCode(control.keys.sealing, row, given.code, unixMs);
    if (!row || step === undefined) throw new ControlFailure('factor-refused', 'the code is not right');
    await confirmTotpKey(transaction, row.id, unixMs, given.name || 'Authenticator');
    await noteWhoSetIt(transaction, visit);
    // The code that proved it is used up like any other.
    await takeTotpStep(transaction, row.id, step, unixMs);
    const value = await codesWhereNone(visit, transaction, unixMs);
    await factorAdded(control, transaction, user, 'authenticator', given.name);
    return { value, note: { action: 'factor.add', subject: row.id, detail: { method: 'totp' } } };
  });
  control.mailer.wake();
  await factorTrySucceeded(control, user.id, origin.clientAddress);
  return { recoveryCodes, session: await grantAfter(sessions, asker, 'totp', false) };
}

export interface NewPasskey {
  readonly passkey: string;
  readonly challenge: string;
  readonly name: string;
}

/** A passkey that the browser has just made. Failure `factor-refused`. */
export async function addPasskey(sessions: PortalSessions, asker: Asker, given: NewPasskey): Promise<Enrolled> {
  await assertMayEnrol(asker);
  const { recoveryCodes, userVerified } = await enrolPasskey(asker.visit, given);
  return { recoveryCodes, session: await grantAfter(sessions, asker, 'passkey', userVerified) };
}

/** Whoever calls has made sure that the person may; `atOnce` happens with it or not at all. */
export async function enrolPasskey(
  visit: FactorVisit,
  given: NewPasskey,
  atOnce?: (transaction: StoreTransaction) => Promise<void>,
): Promise<{ readonly recoveryCodes: readonly string[]; readonly userVerified: boolean }> {
  const { control, user, browser, within } = visit;
  const place = passkeyPlace(control, { challenge: given.challenge, browser, within, purpose: 'register' });
  const made = typeof place === 'string' ? undefined : await verifyNewPasskey(given.passkey, place);
  if (typeof place === 'string' || !made) throw new ControlFailure('factor-refused', 'the passkey could not be added');
  const unixMs = Math.round(control.clock.unixMs());
  const recoveryCodes = await publishChange(control, actorOf(visit), async (transaction) => {
    if (!(await spendProof(transaction, place.nonce, place.expiresAtUnixMs)))
      throw new ControlFailure('factor-refused', 'the passkey was added already');
    if ((await passkeysOf(transaction, user.id)).length >= FACTORS_MAX) throw tooMany();
    await atOnce?.(transaction);
    const row = {
      id: newId('pky', control.clock, control.random),
      user_id: user.id,
      name: given.name || 'Passkey',
      credential_id: made.credentialId,
      public_key: made.publicKey,
      counter: made.counter,
      transports: JSON.stringify(made.transports),
      backed_up: made.backedUp ? (1 as const) : (0 as const),
      created_unix_ms: unixMs,
      last_used_unix_ms: null,
    };
    await insertPasskey(transaction, row);
    await noteWhoSetIt(transaction, visit);
    const value = await codesWhereNone(visit, transaction, unixMs);
    await factorAdded(control, transaction, user, 'passkey', given.name);
    return { value, note: { action: 'factor.add', subject: row.id, detail: { method: 'passkey' } } };
  });
  control.mailer.wake();
  return { recoveryCodes, userVerified: made.userVerified };
}

/** A new set in place of the one before; shown this once. */
export async function renewRecoveryCodes(asker: Asker): Promise<readonly string[]> {
  await assertMayEnrol(asker);
  const { visit } = asker;
  const { control, user } = visit;
  if (!hasFactor(await factorsOf(control, user)))
    throw new ControlFailure('factor-missing', 'recovery codes stand in for a factor; add one first');
  return change(control, actorOf(visit), async (transaction) => ({
    value: await newCodes(visit, transaction, Math.round(control.clock.unixMs())),
    note: { action: 'recovery-codes.renew', subject: user.id },
  }));
}

/** A provider's word is no more than its organisation's: what is set by it is dropped where the account joins another one. */
async function noteWhoSetIt(transaction: StoreTransaction, { user, reach }: FactorVisit): Promise<void> {
  if (reach !== null) await updateUser(transaction, user.id, { address_proved: 0 });
}

async function codesWhereNone(
  visit: FactorVisit,
  transaction: StoreTransaction,
  unixMs: number,
): Promise<readonly string[]> {
  const { left } = await countRecoveryCodes(transaction, visit.user.id);
  return left > 0 ? [] : newCodes(visit, transaction, unixMs);
}

async function newCodes({ control, user }: FactorVisit, transaction: StoreTransaction, unixMs: number) {
  const codes = newRecoveryCodes(control.random);
  const hashes = codes.map((code) => hashOfRecoveryCode(user.id, code) as string);
  await putRecoveryCodes(transaction, user.id, hashes, unixMs);
  return codes;
}

/** Who has just shown that the new factor works has proved it; a session that had two keeps what it says. */
async function grantAfter(sessions: PortalSessions, asker: Asker, method: string, userVerified: boolean) {
  const before = asker.kind === 'step' ? asker.claims.methods : asker.live.claims.methods;
  const isMore = methodsWith(before, method, userVerified).length > before.length;
  return asker.kind === 'step' || isMore ? grant(sessions, asker, method, userVerified) : undefined;
}

export function stepUpRequired(): ControlFailure {
  return new ControlFailure('step-up-required', 'prove who you are once more to change this');
}

function tooMany(): ControlFailure {
  return new ControlFailure('factors-too-many', `there may be no more than ${FACTORS_MAX} of a kind; remove one first`);
}
