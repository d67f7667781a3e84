/** Records of what PoPs prove to clients that they are. */

export interface CertificateRecord {
  readonly kind: 'certificate';
  readonly id: string;
  /** Names it is for, wildcards included. */
  readonly hosts: readonly string[];
  /** Leaf first, PEM. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly notAfterUnixMs: number;
}

/**
 * What any PoP answers when an ACME directory asks whether a name is ours, whichever control node ordered. It is there
 * while the order is under way.
 */
export interface AcmeChallengeRecord {
  readonly kind: 'acmeChallenge';
  readonly id: string;
  readonly challenge: AcmeAnswer;
  /** What is proved, in lower case, without `*.`. */
  readonly name: string;
}

export type AcmeAnswer =
  /** The key authorisation, at `/.well-known/acme-challenge/` and the token (RFC 8555 section 8.3). */
  | { readonly kind: 'http-01'; readonly token: string; readonly keyAuthorization: string }
  /** A certificate that is shown to whoever asks for the name by the protocol `acme-tls/1` (RFC 8737). */
  | { readonly kind: 'tls-alpn-01'; readonly certificatePem: string; readonly keyPem: string }
  /** A TXT record: at `_acme-challenge.` and the name (RFC 8555 section 8.4), or where an alias leads from there. */
  | { readonly kind: 'dns-01'; readonly recordName: string; readonly text: string };

/** A host that browsers cannot come to at a PoP. */
export interface CertificateProblem {
  readonly host: string;
  readonly problem: 'missing' | 'expired';
}
