import {
  issueSecondStep,
  MFA,
  newId as newSessionId,
  REMEMBERED,
  type SecondStepClaims,
  type SignInFacts,
} from '../../core/session/index.ts';
import { hashSecret } from '../../io/secrets.ts';
import { type UsersTable, useRememberedBrowser } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { PortalSessions, SessionOrigin } from '../portal-sessions.ts';
import { reachOf } from '../session-reach.ts';
import { canProve, factorsOf, hasFactor } from './methods.ts';
import { type MfaRules, mfaRulesOf } from './settings.ts';

/** What a first step proved, whatever it was. */
export interface FirstProof {
  /** With `mfa` where it stands for two. */
  readonly methods: readonly string[];
  readonly facts?: SignInFacts;
  /** When that was, where it was not just now: at an identity provider that had them signed in already. */
  readonly provedUnixMs?: number | undefined;
}

/** Where a first step was taken. */
export interface FirstStepOrigin extends SessionOrigin {
  /** `browserOf` the form cookie; empty: the PoP knows of no second step. */
  readonly browser: string;
  /** The secret of the cookie by which the browser is remembered. */
  readonly remembered?: string | undefined;
}

export type FirstStepResult =
  | {
      readonly kind: 'signed-in';
      readonly token: string;
      readonly claims: Awaited<ReturnType<PortalSessions['issue']>>['claims'];
      readonly user: UsersTable;
    }
  | { readonly kind: 'second-step'; readonly token: string; readonly claims: SecondStepClaims };

/**
 * What follows the first step of a sign-in, by whatever method: a session, or a second step. The one place that decides
 * whether a factor is asked for.
 */
export async function afterFirstStep(
  control: Control,
  sessions: PortalSessions,
  user: UsersTable,
  proof: FirstProof,
  origin: FirstStepOrigin,
): Promise<FirstStepResult> {
  const unixMs = Math.round(control.clock.unixMs());
  const rules = await mfaRulesOf(control.store.database, user, await reachOf(control, proof.facts?.via));
  const need = await needOf(control, user, proof, rules, unixMs);
  if (need === undefined) return signedIn(sessions, user, proof, origin, unixMs);
  if (need === 'prove' && (await isRemembered(control, user, rules, origin, unixMs))) {
    const methods = [...proof.methods, REMEMBERED, ...(rules.rememberedCounts ? [MFA] : [])];
    return signedIn(sessions, user, { ...proof, methods }, origin, unixMs);
  }
  const step = {
    id: newSessionId(control.crypto),
    userId: user.id,
    epoch: user.session_epoch,
    methods: proof.methods,
    need,
    browser: origin.browser || 'none',
    ...proof.facts,
  };
  return { kind: 'second-step', ...issueSecondStep(control.keys.sessionKey, step, unixMs) };
}

async function signedIn(
  sessions: PortalSessions,
  user: UsersTable,
  { methods, facts, provedUnixMs }: FirstProof,
  origin: SessionOrigin,
  unixMs: number,
): Promise<FirstStepResult> {
  // A browser that is remembered proves nothing anew, and a provider's word is as old as it says.
  const provedAt = methods.includes(REMEMBERED) ? 0 : Math.min(unixMs, provedUnixMs ?? unixMs);
  const mfa = methods.includes(MFA) && { mfaAtUnixMs: provedAt };
  return {
    kind: 'signed-in',
    ...(await sessions.issue(user, methods, origin, { ...facts, ...mfa }, provedUnixMs)),
    user,
  };
}

async function needOf(
  control: Control,
  user: UsersTable,
  proof: FirstProof,
  { dueUnixMs }: MfaRules,
  unixMs: number,
): Promise<SecondStepClaims['need'] | undefined> {
  if (proof.methods.includes(MFA)) return undefined;
  const offered = await factorsOf(control, user, proof.methods);
  if (hasFactor(offered)) return 'prove';
  if (dueUnixMs === undefined || unixMs < dueUnixMs) return undefined;
  return canProve(offered) ? 'prove' : 'enrol';
}

async function isRemembered(
  { store }: Control,
  user: UsersTable,
  { rememberMs }: MfaRules,
  { remembered }: FirstStepOrigin,
  unixMs: number,
): Promise<boolean> {
  if (rememberMs === 0 || remembered === undefined || remembered === '') return false;
  return useRememberedBrowser(store.database, user.id, hashSecret(remembered), unixMs);
}
