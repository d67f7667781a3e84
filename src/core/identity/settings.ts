/** Providers whose habits are known. */
export const PRESETS = ['google', 'entra', 'okta', 'auth0', 'github', 'keycloak', 'authentik', 'generic'] as const;
export type Preset = (typeof PRESETS)[number];

/**
 * Whether an address counts as verified. `claim`: where the provider says so, in the way its preset knows; `assume`: always, for a
 * provider whose directory the organisation itself keeps, within `domains`; `never`.
 */
export type EmailTrust = 'claim' | 'assume' | 'never';

/** Who gets an account without being asked for: nobody, whoever comes with a verified address, whoever the provider vouches for. */
export type Provisioning = 'never' | 'verified-email' | 'subject';

/** JMESPath expressions over the claims; each gives a text or a list of texts. Left out: nothing is taken from the claims. */
export interface ProviderMapping {
  readonly roles?: string;
  readonly groups?: string;
  /** Name of the organisation that the person belongs to; the provider's own where it is left out. */
  readonly organisation?: string;
  readonly name?: string;
}

/** What an administrator says of an identity provider, beside its name and the client's credentials. */
export interface ProviderSettings {
  readonly preset: Preset;
  /** On the button: `Continue with <label>`. */
  readonly label: string;
  /** Exactly as the provider writes it in its tokens, trailing slash included. For GitHub its web address. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** It may be at an address that is not public: a provider at home. Never at link-local and metadata addresses. */
  readonly allowPrivate: boolean;
  /** PEM of the authority of its certificate, where that is not a public one. */
  readonly caPem?: string;
  /** Whether claims are asked for at the userinfo endpoint as well. */
  readonly userInfo: boolean;
  /** Microsoft Graph, which knows the groups of whoever has too many for a token. */
  readonly graphUrl?: string;
  readonly emailTrust: EmailTrust;
  /** Domains of addresses that may come through it; empty: any. */
  readonly domains: readonly string[];
  /** Domains for which its word links an address to an account that exists. */
  readonly linkDomains: readonly string[];
  readonly provisioning: Provisioning;
  /** Given to new accounts. */
  readonly defaultRoles: readonly string[];
  readonly mapping: ProviderMapping;
  /** Values of `amr` and `acr` that stand for two factors; empty: its word is never taken for that. */
  readonly mfaValues: readonly string[];
  /** Signing out here leads to signing out there. */
  readonly signOut: boolean;
  /** The sign-in page leads to it at once, without a click. */
  readonly automatic: boolean;
  /** Offered where no application was asked for: at the portal's own root. Left out: the installation's own organisation's are. */
  readonly listed?: boolean;
}
