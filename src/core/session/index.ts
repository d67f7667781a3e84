/**
 * session: signed sessions and what surrounds them - tokens, one-time codes across domains, cookies, revocation,
 * CSRF tokens, identity assertions. Everything is verified where it arrives, with no call to anybody.
 *
 * Read first: `claims.ts` (what a session says), `keys.ts` (who may issue what), `reasons.ts` (why not).
 * Sources: RFC 6265bis (cookies), RFC 7636 (the idea of the verifier), RFC 7519 and 8037 (assertions).
 */
export type {
  CodeClaims,
  PortalClaims,
  ResourceClaims,
  SessionClaims,
  SessionLifetimes,
  SessionSubject,
} from './claims.ts';
export type { SessionCrypto, Signer, SigningKey, Verifier } from './crypto.ts';
export type { IssuerKey, IssuerKeys } from './keys.ts';
export type {
  AuthorizeDropReason,
  CodeDropReason,
  CookieDropReason,
  RevocationReason,
  SessionDropReason,
  TokenDropReason,
} from './reasons.ts';
