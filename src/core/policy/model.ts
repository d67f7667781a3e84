import type { Leaf } from './criteria/registry.ts';

/** How a person or a machine can prove who they are. The names go into sessions, policies and logs. */
export const LOGIN_METHODS = [
  'password',
  'totp',
  'recovery-code',
  'passkey',
  'email-otp',
  'oidc',
  'pin',
  'resource-password',
  'share-link',
  'service-token',
  'header',
] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

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

/** Who is admitted once signed in: anyone, or whoever is in one of the lists. */
export type Audience =
  | 'signed-in'
  | { readonly users?: readonly string[]; readonly roles?: readonly string[]; readonly groups?: readonly string[] };

/** Asks for a signed-in person. */
export interface AuthenticateAction {
  readonly kind: 'authenticate';
  readonly anyOf: Audience;
  /** At least one of these must have been used to sign in; left out: any. */
  readonly methods?: readonly LoginMethod[];
  readonly mfa?: boolean;
  /** Longest time since the person last proved who they are, in milliseconds. */
  readonly maximumSessionAgeMs?: number;
}

/** `bypass` admits everyone without sign-in; it is spelled out because it is never meant by accident. */
export type Action = { readonly kind: 'deny' } | { readonly kind: 'bypass' } | AuthenticateAction;

export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly when: Condition;
  readonly then: Action;
}

/** An ordered list; plain JSON. The first rule that matches decides; none means deny. */
export interface Policy {
  readonly rules: readonly Rule[];
}
