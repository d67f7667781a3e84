/** Why a text is not a token that this key set signed. */
export type TokenDropReason =
  | 'token-too-long'
  | 'token-malformed'
  | 'token-version-unknown'
  | 'token-not-canonical'
  | 'key-unknown'
  | 'signature-wrong';

/** Why a session token does not stand for a session here and now. */
export type SessionDropReason =
  | TokenDropReason
  | 'kind-wrong'
  | 'host-wrong'
  | 'resource-wrong'
  | 'issuer-may-not'
  | 'issued-in-the-future'
  | 'lifetime-too-long'
  | 'expired'
  | 'idle-expired'
  | RevocationReason;

/** What was revoked. */
export type RevocationReason =
  | 'key-revoked'
  | 'session-revoked'
  | 'parent-revoked'
  | 'user-revoked'
  | 'credential-revoked'
  | 'provider-signed-out'
  | 'resource-revoked';

/** Why a one-time code is not redeemed. */
export type CodeDropReason = SessionDropReason | 'attempt-missing' | 'verifier-malformed' | 'verifier-wrong';

/** Why an authorisation request to the portal is refused. */
export type AuthorizeDropReason =
  | 'resource-missing'
  | 'host-missing'
  | 'challenge-malformed'
  | 'parameter-duplicated'
  | 'query-malformed'
  | 'return-target-refused';

/** Why a Cookie header is refused. */
export type CookieDropReason = 'cookie-duplicated' | 'cookie-malformed';

/** Why a second step or a challenge to a key does not hold here and now. */
export type StepDropReason = TokenDropReason | 'issuer-may-not' | 'browser-differs' | 'purpose-differs' | 'expired';
