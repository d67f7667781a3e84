import type { CodeClaims, SessionClaims } from './claims.ts';
import type { Verifier } from './crypto.ts';

/** A public key of the snapshot, and what its owner may issue. */
export interface IssuerKey {
  readonly verifier: Verifier;
  readonly issuer: 'control' | 'pop';
  /** Whether the owner may issue this: a PoP only for resources it serves. Asked on every request, so it is quick. */
  mayIssue(claims: SessionClaims | CodeClaims): boolean;
}

/** The keys that the snapshot names, by id. Undefined for a key that is unknown or has been removed. */
export interface IssuerKeys {
  keyOf(keyId: string): IssuerKey | undefined;
}
