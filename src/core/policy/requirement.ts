import { compileAudience, holdsOne, reasonForOutsiders } from './audience.ts';
import type { Subject } from './context.ts';
import type { Decision, Outcome, Reason } from './decision.ts';
import type { AuthenticateAction } from './model.ts';

/** What an `authenticate` rule asks of somebody who is known: the decision on them. */
export type Requirement = (subject: Subject, nowUnixMs: number) => Decision;

/**
 * Checks in the order that tells least and helps most: first whether the person may come in at all, then what they
 * can still do about it (another method, a second factor, a fresh sign-in).
 */
export function compileRequirement(
  action: AuthenticateAction,
  decide: (outcome: Outcome, reason: Reason) => Decision,
): Requirement {
  const isAdmitted = compileAudience(action.anyOf);
  const methods = action.methods && new Set<string>(action.methods);
  const lacksMfa = compileMfa(action);
  const maximumAgeMs = action.maximumSessionAgeMs ?? Number.POSITIVE_INFINITY;
  const allow = decide('allow', 'authenticated');
  const notAdmitted = decide('deny', reasonForOutsiders(action.anyOf));
  const methodRequired = decide('challenge', 'method-required');
  const mfaRequired = decide('challenge', 'mfa-required');
  const tooOld = decide('challenge', 'session-too-old');
  return (subject, nowUnixMs) => {
    if (!isAdmitted(subject)) return notAdmitted;
    if (methods && !holdsOne(methods, subject.methods)) return methodRequired;
    if (lacksMfa(subject, nowUnixMs)) return mfaRequired;
    return nowUnixMs - subject.authenticatedAtUnixMs > maximumAgeMs ? tooOld : allow;
  };
}

function compileMfa({ mfa, maximumMfaAgeMs }: AuthenticateAction): (subject: Subject, nowUnixMs: number) => boolean {
  if (maximumMfaAgeMs !== undefined)
    return (subject, nowUnixMs) =>
      // A session that does not say when its factor was given had it when it began.
      !subject.mfa || nowUnixMs - (subject.mfaAtUnixMs ?? subject.authenticatedAtUnixMs) > maximumMfaAgeMs;
  return mfa === true ? (subject) => !subject.mfa : () => false;
}
