import type { PolicyContext, Subject } from './context.ts';
import { compileRecentSignIn, type RecentSignInConfig } from './criteria/recent-sign-in.ts';
import type { Condition, Policy } from './model.ts';

/** Whose sign-in it was that a rule admitted a connection for; undefined where the rule does not ask. */
export function recentSignInOf(
  policy: Policy,
  ruleId: string | undefined,
  context: PolicyContext,
): Subject | undefined {
  const rule = policy.rules.find(({ id }) => id === ruleId);
  if (!rule) return undefined;
  for (const config of asked(rule.when)) {
    const counts = compileRecentSignIn(config);
    const found = context.recentSignIns?.find((subject) => counts(subject, context.nowUnixMs));
    if (found) return found;
  }
  return undefined;
}

/** What a condition asks of sign-ins that must have been. */
function asked(condition: Condition): RecentSignInConfig[] {
  if ('all' in condition) return condition.all.flatMap(asked);
  if ('any' in condition) return condition.any.flatMap(asked);
  return 'recentSignIn' in condition ? [condition.recentSignIn] : [];
}
