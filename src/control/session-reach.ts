/** How far a session reaches that an identity provider vouched for. */
import type { ProviderSettings } from '../core/identity/index.ts';
import type { SignInFacts } from '../core/session/index.ts';
import { findAnyIdentityProvider, isSoleMember, type UsersTable } from '../io/store/index.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

/**
 * The one organisation that a session reaches, where an identity provider vouched for it: an organisation's provider speaks for
 * that organisation's people, and must not become somebody in another. Null: all of them.
 */
export async function reachOf({ store }: Pick<Control, 'store'>, via: SignInFacts['via']): Promise<string | null> {
  if (via === undefined) return null;
  const row = await findAnyIdentityProvider(store.database, via.providerId);
  if (!row) return '';
  const { mapping } = JSON.parse(row.settings) as ProviderSettings;
  return mapping.organisation === undefined ? row.organisation_id : null;
}

/**
 * Refuses to give an account another way to be proved (a factor, an identity, a token) where a provider of one of its
 * organisations is all that says who it is: what is added opens the others as well. Failure `account-shared`.
 */
export async function requireWholeAccount(control: Control, user: UsersTable, reach: string | null): Promise<void> {
  if (await isWholeAccount(control, user, reach)) return;
  throw new ControlFailure(
    'account-shared',
    'this account is a member of another organisation, too; sign in without the identity provider to change it',
  );
}

/** Whether a session that reaches so far has all of an account. */
export async function isWholeAccount(control: Control, user: UsersTable, reach: string | null): Promise<boolean> {
  if (reach === null) return true;
  const isOwn = user.installation_admin === 0 || reach === control.organisationId;
  return isOwn && (await isSoleMember(control.store.database, reach, user.id));
}
