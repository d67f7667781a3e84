import type { Subject } from './context.ts';
import type { Decision, Outcome, Reason } from './decision.ts';
import type { Audience, AuthenticateAction } from './model.ts';

/** What an `authenticate` rule asks of somebody who is signed in: the decision on them. */
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
  const needsMfa = action.mfa === true;
  const maximumAgeMs = action.maximumSessionAgeMs ?? Number.POSITIVE_INFINITY;
  const allow = decide('allow', 'authenticated');
  const notAdmitted = decide('deny', reasonForOutsiders(action.anyOf));
  const methodRequired = decide('challenge', 'method-required');
  const mfaRequired = decide('challenge', 'mfa-required');
  const tooOld = decide('challenge', 'session-too-old');
  return (subject, nowUnixMs) => {
    if (!isAdmitted(subject)) return notAdmitted;
    if (methods && !holdsOne(methods, subject.methods)) return methodRequired;
    if (needsMfa && !subject.mfa) return mfaRequired;
    return nowUnixMs - subject.authenticatedAtUnixMs > maximumAgeMs ? tooOld : allow;
  };
}

function compileAudience(audience: Audience): (subject: Subject) => boolean {
  if (audience === 'signed-in') return () => true;
  const users = new Set(audience.users);
  const roles = new Set(audience.roles);
  const groups = new Set(audience.groups);
  return (subject) => users.has(subject.userId) || holdsOne(roles, subject.roles) || holdsOne(groups, subject.groups);
}

function holdsOne(listed: ReadonlySet<string>, names: readonly string[]): boolean {
  for (const name of names) if (listed.has(name)) return true;
  return false;
}

function reasonForOutsiders(audience: Audience): Reason {
  if (audience === 'signed-in') return 'not-in-audience';
  const { users, roles, groups } = audience;
  if (roles && !users && !groups) return 'role-missing';
  if (groups && !users && !roles) return 'group-missing';
  if (users && !roles && !groups) return 'user-not-listed';
  return 'not-in-audience';
}
