import type { Claims, ProviderSettings } from '../../core/identity/index.ts';
import type { ProviderAttempt } from '../../core/session/index.ts';

/** A provider as it is set, with what its client needs. */
export interface ProviderClientSettings extends ProviderSettings {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What an attempt needs when the provider's answer is exchanged. */
export type AttemptSecrets = Pick<ProviderAttempt, 'id' | 'nonce' | 'verifier' | 'fresh'>;

/** What a provider has said, verified. */
export interface ProviderAnswer {
  /** Of the ID token, completed by userinfo and directory. */
  readonly claims: Claims;
  /** The provider's own session. */
  readonly sid?: string;
  /** When the person proved who they are, where the provider says so. */
  readonly authenticatedAtUnixMs?: number;
  /** To be shown to the provider at sign-out; GitHub has none. */
  readonly idToken?: string;
}

/** A sign-out that the provider tells of (OpenID Connect Back-Channel Logout 1.0). At least one of the two is there. */
export interface ProviderSignOut {
  readonly sid?: string;
  readonly subject?: string;
}

/** What "test this provider" finds before anybody signs in. */
export interface ProviderCheck {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly keys: number;
  readonly canSignOut: boolean;
}

/** One identity provider, whatever it speaks. Every method fails with a ProviderFailure. */
export interface IdentityProvider {
  /** Where the browser is sent. */
  authorizationUrl(attempt: AttemptSecrets, challenge: string, redirectUri: string): Promise<URL>;
  /** Exchanges what came back in the browser (the query of the redirect URI) for what the provider says. */
  exchange(attempt: AttemptSecrets, query: URLSearchParams, redirectUri: string): Promise<ProviderAnswer>;
  /** Where the browser is sent to sign out; undefined where the provider has no such place. */
  endSessionUrl(hint: string | undefined, returnTo: string): Promise<URL | undefined>;
  readSignOut(token: string): Promise<ProviderSignOut>;
  check(): Promise<ProviderCheck>;
}
