import type { CredentialMethod, LoginMethod } from './login-method.ts';

/**
 * Why a decision was made; the same names appear in logs, metrics, tests and the dashboard.
 *
 * | reason | outcome | meaning |
 * |---|---|---|
 * | bypass | allow | a rule makes this public |
 * | authenticated | allow | signed in, and all that the rule asks for is given |
 * | not-signed-in | challenge | nobody is signed in, and signing in could help |
 * | method-required | challenge | signed in by a method that the rule does not accept |
 * | mfa-required | challenge | a second factor is asked for |
 * | session-too-old | challenge | the proof of identity is older than the rule accepts |
 * | user-not-listed, role-missing, group-missing, email-not-listed, not-in-audience | deny | known, but not among those admitted |
 * | rule-denied | deny | a rule denies this |
 * | rule-denied-unknown | deny | a rule denies this and whether it applies cannot be known |
 * | no-rule-matched | deny | the end of the list |
 * | policy-missing | deny | the resource has no policy, or none of its rules is enabled |
 */
export type Reason =
  | 'bypass'
  | 'authenticated'
  | 'not-signed-in'
  | 'method-required'
  | 'mfa-required'
  | 'session-too-old'
  | 'user-not-listed'
  | 'role-missing'
  | 'group-missing'
  | 'email-not-listed'
  | 'not-in-audience'
  | 'rule-denied'
  | 'rule-denied-unknown'
  | 'no-rule-matched'
  | 'policy-missing';

export type Outcome = 'allow' | 'deny' | 'challenge';

/** What would help somebody who is challenged: all that the rules which could still admit would take. */
export interface WaysIn {
  /** Signing in with an account. */
  readonly accounts: boolean;
  /** How an account may sign in; left out: in any way. */
  readonly methods?: readonly LoginMethod[];
  readonly credentials: readonly CredentialMethod[];
  /** Proving an e-mail address. */
  readonly guests: boolean;
}

/** What becomes of a request. Decisions are shared frozen values: compare and read them, never change them. */
export interface Decision {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** The rule that decided; none for `no-rule-matched` and `policy-missing`. */
  readonly ruleId?: string;
  /** For a challenge: what the person may sign in with; left out: any method of the organisation. */
  readonly methods?: readonly LoginMethod[];
  /** For a challenge: everything that could help here. */
  readonly ways?: WaysIn;
  /** The version of the snapshot that the policy was compiled from. */
  readonly policyVersion: string;
}
