import { openKeyChallenge } from '../../core/session/index.ts';
import { deviceKeyIdOf, readDeviceKey, verifyDeviceSignature } from '../../io/factors/device-key.ts';
import {
  deleteKnownDevice,
  deletePasskey,
  deletePasswordResetsOf,
  deleteTotpKey,
  findKnownDevice,
  forgetBrowsers,
  insertKnownDevice,
  knownDevicesOf,
  passkeysOf,
  putRecoveryCodes,
  renamePasskey,
  revokePortalSession,
  revokeSessionsOfUser,
  type StoreTransaction,
  spendProof,
  totpKeysOf,
  updateUser,
} from '../../io/store/index.ts';
import { change, publishChange } from '../change.ts';
import { USER_AGENT_MAX_CHARS } from '../constants.ts';
import { passwordChanged } from '../mail/notices.ts';
import { hashNewPassword } from '../new-password.ts';
import { nodeKeys } from '../node-keys.ts';
import type { LiveSession, PortalSessions } from '../portal-sessions.ts';
import { revocationOf } from '../portal-sessions.ts';
import { ControlFailure, notFound } from '../problems.ts';
import type { OwnSession } from './asker.ts';
import { FACTORS_MAX } from './constants.ts';
import { assertMayEnrol } from './enrolment.ts';
import { tooManyTries } from './factor-limits.ts';
import { actorOf } from './second-step.ts';

/** Takes an authenticator or a passkey away. With the last one go recovery codes and remembered browsers. */
export async function removeFactor(asker: OwnSession, kind: 'totp' | 'passkey', id: string): Promise<void> {
  await assertMayEnrol(asker);
  const { control, user } = asker.visit;
  await publishChange(control, actorOf(asker.visit), async (transaction) => {
    const remove = kind === 'totp' ? deleteTotpKey : deletePasskey;
    if (!(await remove(transaction, user.id, id))) throw notFound(kind === 'totp' ? 'authenticator' : 'passkey', id);
    const rest = [...(await totpKeysOf(transaction, user.id)), ...(await passkeysOf(transaction, user.id))];
    if (rest.length === 0) await forgetAll(transaction, user.id);
    return { value: undefined, note: { action: 'factor.remove', subject: id, detail: { method: kind } } };
  });
}

async function forgetAll(transaction: StoreTransaction, userId: string): Promise<void> {
  await putRecoveryCodes(transaction, userId, [], 0);
  await forgetBrowsers(transaction, userId);
}

export async function renameOwnPasskey({ visit }: OwnSession, id: string, name: string): Promise<void> {
  const { control, user } = visit;
  await change(control, actorOf(visit), async (transaction) => {
    if (!(await renamePasskey(transaction, user.id, id, name))) throw notFound('passkey', id);
    return { value: undefined, note: { action: 'factor.rename', subject: id } };
  });
}

/** One browser, or all. */
export async function forgetOwnBrowsers({ visit }: OwnSession, id?: string): Promise<void> {
  const { control, user } = visit;
  await change(control, actorOf(visit), async (transaction) => {
    const forgotten = await forgetBrowsers(transaction, user.id, id);
    return { value: undefined, note: { action: 'browser.forget', subject: id ?? user.id, detail: { forgotten } } };
  });
}

export async function endOwnSession({ visit, live }: OwnSession, id: string): Promise<void> {
  const { control, user } = visit;
  await change(control, actorOf(visit), async (transaction) => {
    const atUnixMs = Math.round(control.clock.unixMs());
    const row = await revokePortalSession(transaction, id, atUnixMs);
    if (!row || row.user_id !== user.id) throw notFound('session', id);
    const note = { action: 'session.revoke', subject: id, detail: { by: live.claims.id } };
    return { value: undefined, note, revoke: [revocationOf(row, atUnixMs)] };
  });
}

/** Every session but this one, with resources too; this one goes on under a new token. */
export async function endOtherSessions(sessions: PortalSessions, asker: OwnSession) {
  const { control } = asker.visit;
  return change(control, actorOf(asker.visit), async (transaction) => {
    const ended = await endOthers(sessions, asker.live, transaction, Math.round(control.clock.unixMs()));
    return {
      ...ended,
      note: { action: 'user.end-sessions', subject: asker.visit.user.id, detail: { but: 'this one' } },
    };
  });
}

/** A new password, which ends the other sessions and forgets browsers. Failures `factor-refused`, `password-weak`. */
export async function changePassword(
  sessions: PortalSessions,
  asker: OwnSession,
  given: { readonly current: string; readonly next: string },
) {
  const { control, user, origin } = asker.visit;
  const attempt = { email: user.email, clientAddress: origin.clientAddress };
  const limit = await control.limits.begin(attempt);
  if (limit) throw tooManyTries(limit);
  if (!(await control.hasher.verify(user.password_hash, given.current)))
    throw new ControlFailure('factor-refused', 'the present password is not right');
  await control.limits.succeeded(attempt);
  const password_hash = await hashNewPassword(control, given.next, user.email, 'next');
  const changed = await change(control, actorOf(asker.visit), async (transaction) => {
    await updateUser(transaction, user.id, { password_hash });
    await deletePasswordResetsOf(transaction, user.id);
    await passwordChanged(control, transaction, user);
    await forgetBrowsers(transaction, user.id);
    const ended = await endOthers(sessions, asker.live, transaction, Math.round(control.clock.unixMs()));
    return { ...ended, note: { action: 'user.change-password', subject: user.id } };
  });
  control.mailer.wake();
  return changed;
}

async function endOthers(sessions: PortalSessions, live: LiveSession, transaction: StoreTransaction, atUnixMs: number) {
  const userId = live.user.id;
  const minimumEpoch = live.user.session_epoch + 1;
  await updateUser(transaction, userId, { session_epoch: minimumEpoch });
  await revokeSessionsOfUser(transaction, userId, atUnixMs, live.claims.id);
  return {
    value: sessions.renewEpoch(live, minimumEpoch),
    revoke: [{ kind: 'user' as const, userId, minimumEpoch, atUnixMs }],
  };
}

/** The key that this browser made for itself, proved by a signature. An administrator may approve it. */
export async function addDevice(
  asker: OwnSession,
  given: { readonly publicKey: string; readonly signature: string; readonly challenge: string; readonly name: string },
): Promise<string> {
  await assertMayEnrol(asker);
  const { control, user, browser, within, origin } = asker.visit;
  const binding = { purpose: 'register' as const, browser, within };
  const challenge = openKeyChallenge(given.challenge, nodeKeys(control), binding, control.clock.unixMs());
  const isProved =
    typeof challenge !== 'string' &&
    readDeviceKey(given.publicKey) !== undefined &&
    verifyDeviceSignature(given.publicKey, challenge.nonce, given.signature);
  if (!isProved) throw new ControlFailure('factor-refused', 'the key of this device could not be added');
  const id = deviceKeyIdOf(given.publicKey);
  await publishChange(control, actorOf(asker.visit), async (transaction) => {
    if (!(await spendProof(transaction, challenge.nonce, challenge.expiresAtUnixMs)))
      throw new ControlFailure('factor-refused', 'the key was added already');
    if ((await knownDevicesOf(transaction, user.id)).length >= FACTORS_MAX)
      throw new ControlFailure('factors-too-many', `there may be no more than ${FACTORS_MAX}; remove one first`);
    await insertKnownDevice(transaction, {
      id,
      user_id: user.id,
      name: given.name || 'Device',
      public_key: given.publicKey,
      user_agent: origin.userAgent.slice(0, USER_AGENT_MAX_CHARS),
      created_unix_ms: Math.round(control.clock.unixMs()),
      last_used_unix_ms: null,
      approved_unix_ms: null,
      approved_by: null,
    });
    return { value: id, note: { action: 'known-device.add', subject: id, detail: { name: given.name } } };
  });
  return id;
}

export async function removeOwnDevice({ visit }: OwnSession, id: string): Promise<void> {
  const { control, user } = visit;
  await publishChange(control, actorOf(visit), async (transaction) => {
    const row = await findKnownDevice(transaction, id);
    if (row?.user_id !== user.id) throw notFound('device', id);
    await deleteKnownDevice(transaction, id);
    return { value: undefined, note: { action: 'known-device.remove', subject: id } };
  });
}
