import type { CompiledAction, CompiledPolicy } from './compile.ts';
import type { PolicyContext, Subject } from './context.ts';
import type { Decision } from './decision.ts';
import { False, MaybeAfterSignIn, True, type Truth, Unknown } from './truth.ts';
import { ANY_ACCOUNT, EVERY_WAY, NO_WAYS, type Ways, withWays } from './ways.ts';

/**
 * The decision on one request. `subject` is undefined where nobody is signed in. Allocates nothing that it did not before.
 *
 * 1. A resource without an enabled rule is denied.
 * 2. Organisation rules only restrict: each one that matches, or may match, must be satisfied.
 * 3. Of the resource's rules the first that matches decides. Unknown counts as a match for a rule that denies and as
 *    none for a rule that admits.
 * 4. Where signing in could change a refusal, the refusal is a challenge. A challenge admits nothing.
 * 5. A guest or holder who is denied what nobody in particular would be asked to sign in for is asked, too: they may
 *    have an account besides.
 */
export function evaluate(policy: CompiledPolicy, context: PolicyContext, subject: Subject | undefined): Decision {
  const own = judge(policy, context, subject);
  if (own.outcome === 'allow') return own;
  const who = judgedAs(policy, context, subject, own);
  const decision = who === subject ? own : judge(policy, context, undefined);
  return decision.outcome === 'challenge' ? withWays(decision, waysIn(policy, context, who)) : decision;
}

/** Who the decision is on in the end: the subject, or nobody (see 5 above). */
export function judgedAs(
  policy: CompiledPolicy,
  context: PolicyContext,
  subject: Subject | undefined,
  decision = judge(policy, context, subject),
): Subject | undefined {
  if (subject === undefined || subject.kind === 'user' || decision.outcome !== 'deny') return subject;
  return judge(policy, context, undefined).outcome === 'challenge' ? undefined : subject;
}

function judge(policy: CompiledPolicy, context: PolicyContext, subject: Subject | undefined): Decision {
  if (policy.resource.length === 0) return policy.policyMissing;
  for (const rule of policy.organisation) {
    const value = rule.test(context, subject);
    if (value === False) continue;
    const restriction = restrict(rule.action, value, context, subject);
    if (restriction !== undefined) return restriction;
  }
  return evaluateResource(policy, context, subject);
}

/** What an organisation rule that applies has to say, or undefined where it is satisfied. */
export function restrict(
  action: CompiledAction,
  value: Truth,
  context: PolicyContext,
  subject: Subject | undefined,
): Decision | undefined {
  switch (action.kind) {
    case 'deny':
      return denial(action, value);
    case 'authenticate': {
      if (subject === undefined) return action.signIn;
      const decision = action.requirement(subject, context.nowUnixMs);
      return decision.outcome === 'allow' ? undefined : decision;
    }
    case 'bypass':
      return undefined;
  }
}

function evaluateResource(policy: CompiledPolicy, context: PolicyContext, subject: Subject | undefined): Decision {
  let helpedBySignIn: Decision | undefined;
  for (const { action, test } of policy.resource) {
    const value = test(context, subject);
    if (value === False) continue;
    if (action.kind === 'deny') return helpedBySignIn ?? denial(action, value);
    if (value === True) return admission(action, context, subject);
    if (value === MaybeAfterSignIn) helpedBySignIn ??= action.signIn;
  }
  return helpedBySignIn ?? policy.noRuleMatched;
}

function denial(action: CompiledAction & { kind: 'deny' }, value: Truth): Decision {
  if (value === True) return action.denied;
  return value === MaybeAfterSignIn ? action.signIn : action.deniedUnknown;
}

function admission(
  action: CompiledAction & { kind: 'bypass' | 'authenticate' },
  context: PolicyContext,
  subject: Subject | undefined,
): Decision {
  if (action.kind === 'bypass') return action.allow;
  return subject === undefined ? action.signIn : action.requirement(subject, context.nowUnixMs);
}

/** All that the rules which could still admit would take, of what the organisation's rules leave. */
function waysIn(policy: CompiledPolicy, context: PolicyContext, subject: Subject | undefined): Ways {
  let left = EVERY_WAY;
  for (const { action, test } of policy.organisation)
    if (action.kind === 'authenticate' && test(context, subject) !== False) left &= action.ways;
  // Where anybody may come in and it is a rule that denies which asks who it is, an account is what answers it.
  const open = left === EVERY_WAY ? ANY_ACCOUNT : EVERY_WAY;
  let ways = NO_WAYS;
  for (const { action, test } of policy.resource) {
    const value = test(context, subject);
    if (action.kind === 'deny') {
      if (value === True || value === Unknown) break;
    } else if (value === True || value === MaybeAfterSignIn) {
      ways |= action.kind === 'bypass' ? open : action.ways;
      if (value === True) break;
    }
  }
  return ways & left;
}
