/**
 * identity-provider: speaks with identity providers - OpenID Connect (openid-client) and GitHub's OAuth 2 - over requests
 * that go nowhere but where they may, and maps claims with JMESPath in bounded time. What an answer is worth is judged in
 * `core/identity`. Read `identity-provider.ts` (what a provider can do), then `oidc-provider.ts`.
 */
export { claimsFault, compileMapping, mapNames } from './claim-mapping.ts';
export type {
  AttemptSecrets,
  IdentityProvider,
  ProviderAnswer,
  ProviderCheck,
  ProviderClientSettings,
  ProviderSignOut,
} from './identity-provider.ts';
export { IdentityProviders } from './identity-providers.ts';
export { ProviderFailure, type ProviderFailureCode } from './provider-failure.ts';
