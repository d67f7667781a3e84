import type { ProviderSettings } from '../../core/identity/index.ts';
import type { ProviderClientSettings } from '../../io/identity-provider/index.ts';
import type { IdentityProvidersTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';

/** A row as the client of a provider wants it. A secret that cannot be read any more is as good as a wrong one. */
export function clientSettingsOf(row: IdentityProvidersTable, sealing: StoreSealing): ProviderClientSettings {
  const secret = row.client_secret === null ? '' : sealing.unseal(row.client_secret, secretPlace(row.id));
  return {
    ...(JSON.parse(row.settings) as ProviderSettings),
    id: row.id,
    clientId: row.client_id,
    clientSecret: secret ?? 'unreadable',
  };
}

/** What a sealed client secret belongs to. */
export function secretPlace(providerId: string): string {
  return `identity provider ${providerId}`;
}

/** Where the provider sends browsers, and what it calls itself: each provider has addresses of its own. */
export function providerAddresses(portalOrigin: string, name: string) {
  return {
    redirectUri: `${portalOrigin}/sign-in/provider/${name}/callback`,
    backChannelLogoutUri: `${portalOrigin}/providers/${name}/back-channel-logout`,
    signedOutUri: `${portalOrigin}/signed-out`,
  };
}

/** `https://host`, with the port where browsers need to say it. */
export function portalOriginOf({
  portalHost,
  publicPort,
}: {
  readonly portalHost: string;
  readonly publicPort: number;
}) {
  return `https://${portalHost}${publicPort === 443 ? '' : `:${publicPort}`}`;
}
