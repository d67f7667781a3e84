import type { IdentityProviderRecord, PublishedIdentity } from '../../core/link/index.ts';
import type { PublishedRows } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { clientSettingsOf } from '../providers/client-settings.ts';

/** Providers that are in use, with their clients' secrets: a PoP speaks with them itself while control is away. */
export function providerRecords(rows: PublishedRows, sealing: StoreSealing): IdentityProviderRecord[] {
  return rows.identityProviders
    .filter((row) => row.enabled === 1)
    .map((row) => {
      const { id, clientId, clientSecret, ...settings } = clientSettingsOf(row, sealing);
      const names = { organisationId: row.organisation_id, name: row.name };
      return { kind: 'identityProvider', id, ...names, clientId, clientSecret, settings };
    });
}

/** What providers call users, by user. Those of providers that are off stay, so that turning one on again is one change. */
export function publishedIdentities(rows: PublishedRows): ReadonlyMap<string, readonly PublishedIdentity[]> {
  const found = new Map<string, PublishedIdentity[]>();
  for (const { user_id, provider_id: providerId, subject } of rows.identities) {
    const own = found.get(user_id);
    if (own) own.push({ providerId, subject });
    else found.set(user_id, [{ providerId, subject }]);
  }
  return found;
}
