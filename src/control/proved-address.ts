/** Whether what an account is proved with was set by whoever has its address, and what happens where nobody knows. */
import type { Revocation } from '../core/session/index.ts';
import { hashSecret, newSecret } from '../io/secrets.ts';
import {
  deleteApiTokensOf,
  deleteFactors,
  deleteKnownDevicesOf,
  putPasswordReset,
  type StoreTransaction,
  type UsersTable,
  updateUser,
} from '../io/store/index.ts';
import { PASSWORD_RESET_LIFE_MS } from './constants.ts';
import type { Control } from './control.ts';
import { endAllSessions } from './end-sessions.ts';
import { portalOriginOf } from './providers/client-settings.ts';

/** Administrators of the installation are made by each other, never by a tenant. */
export function isProved({ address_proved, installation_admin }: UsersTable): boolean {
  return address_proved === 1 || installation_admin === 1;
}

/**
 * Ends everything that an account is proved with: its password, factors, known devices, API tokens and sessions. What an
 * identity provider calls it stays, for that opens the provider's own organisation alone (decision 0076). Gives the address at
 * the portal where a new password is chosen, for whoever is there now.
 */
export async function renewProofs(
  control: Control,
  transaction: StoreTransaction,
  { id: userId }: UsersTable,
): Promise<{ readonly revoke: Revocation[]; readonly renewUrl: string }> {
  const nowUnixMs = Math.round(control.clock.unixMs());
  await deleteFactors(transaction, userId);
  await deleteKnownDevicesOf(transaction, userId);
  await deleteApiTokensOf(transaction, userId);
  await updateUser(transaction, userId, { password_hash: null, address_proved: 1 });
  const revoke = await endAllSessions(transaction, userId, nowUnixMs);
  const token = newSecret('mnx', control.random);
  const expires_unix_ms = nowUnixMs + PASSWORD_RESET_LIFE_MS;
  await putPasswordReset(transaction, { token_hash: hashSecret(token), user_id: userId, expires_unix_ms });
  return { revoke, renewUrl: `${portalOriginOf(control)}/reset/${token}` };
}
