import type { Leaf } from './criteria/registry.ts';
import type { CredentialMethod, LoginMethod } from './login-method.ts';

/**
 * When a rule applies: a tree. `{ all: [] }` always holds. Leaves are one-key objects named after their criterion:
 * `{ ip: ['10.0.0.0/8', 'private'] }`, `{ path: { prefix: '/admin' } }`, `{ method: ['GET'] }`, `{ user: [id] }`,
 * `{ role: [name] }`.
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Leaf;

/** Who is admitted: every signed-in user, or whoever is in one of the lists. */
export type Audience = 'signed-in' | ListedAudience;

/** At least one key is there. Whoever holds a credential is admitted only by `credentials`, a guest only by `emails`. */
export interface ListedAudience {
  /** Every user, beside those that the other keys admit. */
  readonly signedIn?: true;
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  /** Verified addresses of users and guests: `ann@example.com`, or `*@example.com` for a whole domain. */
  readonly emails?: readonly string[];
  readonly credentials?: readonly CredentialMethod[];
}

/** Asks who it is. A method, a second factor or an age that is asked for is asked of everybody the rule admits. */
export interface AuthenticateAction {
  readonly kind: 'authenticate';
  readonly anyOf: Audience;
  /** At least one of these must have been used to sign in; left out: any. */
  readonly methods?: readonly LoginMethod[];
  readonly mfa?: boolean;
  /** Longest time since the second factor was given, in milliseconds; asks for one. */
  readonly maximumMfaAgeMs?: number;
  /** Longest time since the person last proved who they are, in milliseconds. */
  readonly maximumSessionAgeMs?: number;
}

/** `bypass` admits everyone without sign-in; it is spelled out because it is never meant by accident. */
export type Action = { readonly kind: 'deny' } | { readonly kind: 'bypass' } | AuthenticateAction;

export interface Rule {
  readonly id: string;
  readonly name: string;
  /** Where it is not written, a rule is. */
  readonly enabled: boolean;
  readonly when: Condition;
  readonly then: Action;
}

/** An ordered list; plain JSON. The first rule that matches decides; none means deny. */
export interface Policy {
  readonly rules: readonly Rule[];
}
