/**
 * session: signed sessions and what surrounds them - tokens, one-time codes across domains, cookies, revocation,
 * CSRF tokens, identity assertions. Everything is verified where it arrives, with no call to anybody.
 *
 * Read first: `claims.ts` (what a session says), `keys.ts` (who may issue what), `reasons.ts` (why not); then
 * `sign-in.ts` and `code.ts` (the way across domains) and `verify.ts` (every request).
 * Sources: RFC 6265bis (cookies), RFC 7636 (the idea of the verifier), RFC 7519 and 8037 (assertions).
 */
export {
  type AssertedIdentity,
  type AssertionInput,
  AssertionIssuer,
  buildAssertion,
  jwksDocument,
} from './assertion.ts';
export {
  type CodeClaims,
  type PortalClaims,
  type ResourceClaims,
  type SessionClaims,
  type SessionLifetimes,
  type SessionSubject,
  type SignInFacts,
  subjectId,
  type UserSubject,
} from './claims.ts';
export {
  type CodeAudience,
  type CodeGrant,
  callbackLocation,
  issueCode,
  issueCodeFor,
  newId,
  type RedeemedCode,
  redeemCode,
  sessionIdOfCode,
} from './code.ts';
export { KNOWN_BROWSER_MS, MAXIMUM_SESSION_LIFETIME_MS } from './constants.ts';
export {
  attemptCookie,
  FORM_COOKIE,
  HINT_COOKIE,
  isManisSetCookie,
  KNOWN_COOKIE,
  type ManisCookies,
  PORTAL_COOKIE,
  REMEMBERED_COOKIE,
  readManisCookies,
  removeCookie,
  SECOND_STEP_COOKIE,
  SESSION_COOKIE,
  SHARE_COOKIE,
  serialiseCookie,
  stripManisCookies,
  TARGET_COOKIE,
} from './cookies.ts';
export type { SessionCrypto, Signer, SigningKey, Verifier } from './crypto.ts';
export { type CsrfDropReason, csrfToken, type FormBinding, faultInCsrfToken } from './csrf.ts';
export { MFA, methodsWith, REMEMBERED } from './factors.ts';
export {
  issueKeyChallenge,
  type KeyChallenge,
  type KeyChallengeBinding,
  type KeyChallengePurpose,
  openKeyChallenge,
} from './key-challenge.ts';
export type { IssuerKey, IssuerKeys } from './keys.ts';
export {
  issueKnownBrowser,
  type KnownBrowser,
  knows,
  readKnownBrowser,
  withCredential,
} from './known-browser.ts';
export { issuePopPortalSession, type JudgedSignIn, mayOpen } from './pop-portal.ts';
export {
  type AttemptDropReason,
  beginProviderAttempt,
  type ProviderAttempt,
  type ProviderPurpose,
  pkceChallenge,
  readProviderAttempt,
  removeProviderAttempt,
} from './provider-attempt.ts';
export type {
  AuthorizeDropReason,
  CodeDropReason,
  CookieDropReason,
  RevocationReason,
  SessionDropReason,
  StepDropReason,
  TokenDropReason,
} from './reasons.ts';
export { RecentMap } from './recent-map.ts';
export { renewedClaims, signOut } from './renewal.ts';
export { ACCESS_PATH, isReturnTarget, MANIS_PATH_PREFIX, returnTargetOrRoot } from './return-target.ts';
export {
  type Applied,
  type Revocation,
  type RevocationState,
  RevocationTable,
  type StreamPosition,
} from './revocation-table.ts';
export { browserOf, issueSecondStep, openSecondStep, type SecondStepClaims } from './second-step.ts';
export {
  type AuthorizeRequest,
  attemptIdOf,
  beginSignIn,
  challengeOf,
  PROMPTS,
  type Prompt,
  readAuthorizeRequest,
  type SignInAttempt,
  type SignInRequest,
} from './sign-in.ts';
export { beginStandAlone } from './stand-alone.ts';
export { type Audience, type Circumstances, issueSessionToken, SessionVerifier, verifySessionToken } from './verify.ts';
