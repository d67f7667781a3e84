import type { Revocation } from '../../core/session/index.ts';
import { findAnyIdentityProvider, findIdentity, revokeProviderSessions } from '../../io/store/index.ts';
import { change } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { revocationOf } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { clientSettingsOf } from './client-settings.ts';

/**
 * The provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0). What came of it ends on every
 * PoP: the portal sessions that control knows by their ids, and those that PoPs judged by the provider's word.
 * Failure `provider-token-wrong`.
 */
export async function signOutFrom(
  control: Control,
  providerId: string,
  token: string,
  clientAddress: string,
): Promise<void> {
  const { store, keys, identityProviders, clock } = control;
  const row = await findAnyIdentityProvider(store.database, providerId);
  if (!row || row.enabled === 0) throw new ControlFailure('provider-unknown', 'there is no such identity provider');
  const { sid, subject } = await identityProviders.of(clientSettingsOf(row, keys.sealing)).readSignOut(token);
  const actor = { name: `provider:${row.id}`, clientAddress };
  await endSignedOut(control, actor, row.id, { sid, subject }, Math.round(clock.unixMs()));
}

/** Ends what came of a session at a provider, or of all that it knows of somebody, up to a time. */
export async function endSignedOut(
  control: Control,
  actor: Actor,
  providerId: string,
  { sid, subject }: { readonly sid?: string | undefined; readonly subject?: string | undefined },
  atUnixMs: number,
): Promise<void> {
  await change(control, actor, async (transaction) => {
    const identity = subject === undefined ? undefined : await findIdentity(transaction, providerId, subject);
    const userId = identity?.user_id;
    const note = { action: 'provider.sign-out', subject: userId ?? null, detail: { providerId, sid: sid ?? null } };
    // A subject that nobody here has ended nothing; without this, "no user" would mean everybody.
    if (sid === undefined && userId === undefined) return { value: undefined, note, revoke: [] };
    const ended = await revokeProviderSessions(transaction, providerId, { sid, userId }, atUnixMs);
    const owner = userId ?? ended[0]?.user_id;
    const revocation: Revocation = {
      kind: 'provider',
      providerId,
      ...(sid !== undefined && { sid }),
      ...(owner !== undefined && { userId: owner }),
      atUnixMs,
    };
    return { value: undefined, note, revoke: [...ended.map((session) => revocationOf(session, atUnixMs)), revocation] };
  });
}
