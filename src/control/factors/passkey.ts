import { type KeyChallengePurpose, openKeyChallenge } from '../../core/session/index.ts';
import { type PasskeyPlace, readPasskeyAnswer, verifyPasskey } from '../../io/factors/passkeys.ts';
import { findPasskey, passkeysOf, spendProof, type UsersTable, usePasskey } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { nodeKeys } from '../node-keys.ts';
import type { FactorMethod } from './factor-method.ts';

export interface PasskeyGiven {
  readonly passkey: string;
  readonly challenge: string;
  readonly browser: string;
  readonly within: string;
  readonly purpose: KeyChallengePurpose;
}

export type PasskeyVerdict =
  | { readonly ok: true; readonly userId: string; readonly userVerified: boolean }
  | { readonly ok: false; readonly reason: string };

/** Where a challenge may be answered, where it holds. */
export function passkeyPlace(
  control: Control,
  { challenge, browser, within, purpose }: Omit<PasskeyGiven, 'passkey'>,
): (PasskeyPlace & { readonly expiresAtUnixMs: number }) | string {
  const opened = openKeyChallenge(challenge, nodeKeys(control), { purpose, browser, within }, control.clock.unixMs());
  if (typeof opened === 'string') return opened;
  const { portalHost: rpId, publicPort } = control;
  const origin = `https://${rpId}${publicPort === 443 ? '' : `:${publicPort}`}`;
  return { rpId, origin, nonce: opened.nonce, expiresAtUnixMs: opened.expiresAtUnixMs };
}

/** Judges the answer of a passkey, of a certain user or of whoever it says. The challenge is spent with it. */
export async function judgePasskey(control: Control, given: PasskeyGiven, user?: UsersTable): Promise<PasskeyVerdict> {
  const place = passkeyPlace(control, given);
  if (typeof place === 'string') return { ok: false, reason: `challenge-${place}` };
  const read = readPasskeyAnswer(given.passkey);
  if (!read) return { ok: false, reason: 'passkey-malformed' };
  const row = await findPasskey(control.store.database, read.credentialId);
  if (!row || (user && row.user_id !== user.id) || (!user && read.userHandle !== row.user_id))
    return { ok: false, reason: 'passkey-unknown' };
  // The counter is judged when it is written, where nobody comes in between.
  const known = { credentialId: row.credential_id, publicKey: row.public_key, counter: 0 };
  const proof = await verifyPasskey(read.answer, known, place);
  if (!proof.ok) return proof;
  const unixMs = Math.round(control.clock.unixMs());
  const fault = await control.store.transaction(async (transaction) => {
    if (!(await spendProof(transaction, place.nonce, place.expiresAtUnixMs))) return 'challenge-used';
    const isForward = await usePasskey(transaction, row.id, proof.counter, proof.backedUp, unixMs);
    return isForward ? undefined : 'passkey-counter-back';
  });
  return fault ? { ok: false, reason: fault } : { ok: true, userId: row.user_id, userVerified: proof.userVerified };
}

/** Passkeys as second factor. */
export const passkeyMethod: FactorMethod = {
  name: 'passkey',
  canBeGuessed: false,
  async offer({ store }, user) {
    const rows = await passkeysOf(store.database, user.id);
    return rows.length > 0 ? { passkeys: rows.map((row) => row.credential_id) } : undefined;
  },
  judge({ control, user, browser, within }, { passkey, challenge }) {
    return judgePasskey(control, { passkey, challenge, browser, within, purpose: 'second-step' }, user);
  },
};
