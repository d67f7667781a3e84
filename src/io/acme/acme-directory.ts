/** What an ACME directory (RFC 8555) is asked and answers, in our words. */
import type { ProofKind } from '../../core/certificates/index.ts';
import type { AcmeProblem } from './acme-failure.ts';
import type { RenewalInfo } from './renewal-info.ts';

export interface AcmeOrder {
  readonly url: string;
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly error: AcmeProblem | undefined;
  /** When to ask again, in the directory's words. */
  readonly retryAfterMs: number | undefined;
}

export interface AcmeAuthorization {
  readonly url: string;
  /** Without `*.`. */
  readonly name: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly challenges: readonly AcmeChallenge[];
}

/** Of the kinds that are known here. */
export interface AcmeChallenge {
  readonly kind: ProofKind;
  readonly url: string;
  readonly token: string;
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid';
  readonly error: AcmeProblem | undefined;
}

export interface DirectoryFacts {
  /** Terms that an account has to agree to. */
  readonly termsUrl: string | undefined;
  /** Accounts are for those alone who have one elsewhere. */
  readonly needsBinding: boolean;
  /** Kinds of certificates, by name. */
  readonly profiles: readonly string[];
}

export interface AccountWish {
  readonly contacts: readonly string[];
  readonly termsAgreed: boolean;
}

/** Every method rejects with AcmeFailure. */
export interface AcmeDirectory {
  facts(): Promise<DirectoryFacts>;
  /** Makes the account, or finds the one that has this key; gives its URL. */
  openAccount(wish: AccountWish): Promise<string>;
  /** @param replaces the chain of the certificate that the new one is for in place of. */
  order(names: readonly string[], more: { readonly profile?: string; readonly replaces?: string }): Promise<AcmeOrder>;
  orderAt(url: string): Promise<AcmeOrder>;
  authorizations(orderUrl: string): Promise<AcmeAuthorization[]>;
  /** What is to be served: the key authorisation, or of `dns-01` the text of the record. */
  proof(challenge: Pick<AcmeChallenge, 'kind' | 'token' | 'url'>): Promise<string>;
  /** The certificate of RFC 8737 for a key authorisation. */
  proofCertificate(name: string, keyAuthorization: string): Promise<{ certificatePem: string; keyPem: string }>;
  /** Tells the directory that the answer is there. */
  ready(challengeUrl: string): Promise<void>;
  newKey(): Promise<string>;
  finalise(orderUrl: string, names: readonly string[], keyPem: string): Promise<AcmeOrder>;
  /** The chain of an order that is valid, PEM, leaf first. */
  certificate(orderUrl: string): Promise<string>;
  /** When the directory wants a certificate to be renewed; undefined where it does not say. */
  renewalInfo(chainPem: string): Promise<RenewalInfo | undefined>;
  close(): void;
}
