import { allOf, anyOf } from './combine.ts';
import { criterionNamed } from './criteria/registry.ts';
import { newIndexes, type SharedIndexes, type Test } from './criterion.ts';
import type { Decision, Outcome, Reason } from './decision.ts';
import { type CompiledLists, NO_LISTS } from './lists.ts';
import type { LoginMethod } from './login-method.ts';
import type { Action, AuthenticateAction, Condition, Policy, Rule } from './model.ts';
import { compileRequirement, type Requirement } from './requirement.ts';
import { negate, Unknown } from './truth.ts';
import { type Ways, waysOf } from './ways.ts';

/** The policies that hold for one resource, and the version they are known by. */
export interface PolicySources {
  /** What the organisation says of all its resources. */
  readonly organisation?: OrganisationPolicy | undefined;
  /** Rules of the resource, as `parsePolicy` gave them: the first match decides. */
  readonly resource?: Policy | undefined;
  readonly version: string;
}

/** What all resources of an organisation share, compiled once for all of them. */
export interface OrganisationPolicy {
  /** Its rules only restrict, so every one that applies must be satisfied. */
  readonly rules: readonly CompiledRule[];
  readonly lists: CompiledLists;
  readonly source: Policy | undefined;
}

/** A condition with its work done; the tree is kept for `explain`. */
export interface CompiledCondition {
  /** `all`, `any`, `not` or the name of a criterion. */
  readonly kind: string;
  readonly test: Test;
  readonly children: readonly CompiledCondition[];
  /** A leaf's config, for the trace. */
  readonly config: unknown;
}

/** What a rule asks for, with every decision that it can come to made beforehand. */
export type CompiledAction =
  | { readonly kind: 'deny'; readonly denied: Decision; readonly deniedUnknown: Decision; readonly signIn: Decision }
  | { readonly kind: 'bypass'; readonly allow: Decision; readonly signIn: Decision }
  | {
      readonly kind: 'authenticate';
      readonly requirement: Requirement;
      readonly ways: Ways;
      readonly signIn: Decision;
    };

export interface CompiledRule {
  readonly rule: Rule;
  readonly test: Test;
  readonly condition: CompiledCondition;
  readonly action: CompiledAction;
}

/** Ready for `evaluate`. Made once per snapshot and resource. */
export interface CompiledPolicy {
  readonly version: string;
  readonly organisation: readonly CompiledRule[];
  readonly resource: readonly CompiledRule[];
  readonly noRuleMatched: Decision;
  readonly policyMissing: Decision;
  readonly sources: PolicySources;
}

/** Compiles policies that `parsePolicy` accepted; throws for a condition of no known kind, a programming error. */
export function compile(sources: PolicySources): CompiledPolicy {
  const { version, organisation } = sources;
  return {
    version,
    organisation: organisation?.rules ?? [],
    resource: compileRules(sources.resource, version, newIndexes(organisation?.lists)),
    noRuleMatched: decision(version, 'deny', 'no-rule-matched'),
    policyMissing: decision(version, 'deny', 'policy-missing'),
    sources,
  };
}

/** Compiles what `parsePolicy` and `readNamedList` accepted of an organisation. */
export function compileOrganisation(
  source: Policy | undefined,
  version: string,
  lists: CompiledLists = NO_LISTS,
): OrganisationPolicy {
  // A bypass admits, so it has no place among rules that only restrict; `parsePolicy` refuses it there.
  const rules = compileRules(source, version, newIndexes(lists)).filter((rule) => rule.action.kind !== 'bypass');
  return { rules, lists, source };
}

function compileRules(policy: Policy | undefined, version: string, shared: SharedIndexes): CompiledRule[] {
  return (policy?.rules ?? []).filter((rule) => rule.enabled).map((rule) => compileRule(rule, version, shared));
}

/** A frozen decision; absent fields are left out rather than undefined, so decisions print and compare cleanly. */
export function decision(
  policyVersion: string,
  outcome: Outcome,
  reason: Reason,
  ruleId?: string,
  methods?: readonly LoginMethod[],
): Decision {
  return Object.freeze({
    outcome,
    reason,
    policyVersion,
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(methods === undefined ? {} : { methods }),
  });
}

function compileRule(rule: Rule, version: string, shared: SharedIndexes): CompiledRule {
  const condition = compileCondition(rule.when, shared);
  return { rule, test: condition.test, condition, action: compileAction(rule.then, rule.id, version) };
}

function compileAction(action: Action, ruleId: string, version: string): CompiledAction {
  const methods = action.kind === 'authenticate' ? action.methods : undefined;
  const signIn = decision(version, 'challenge', 'not-signed-in', ruleId, methods);
  switch (action.kind) {
    case 'deny': {
      const denied = decision(version, 'deny', 'rule-denied', ruleId);
      return { kind: 'deny', denied, deniedUnknown: decision(version, 'deny', 'rule-denied-unknown', ruleId), signIn };
    }
    case 'bypass':
      return { kind: 'bypass', allow: decision(version, 'allow', 'bypass', ruleId), signIn };
    case 'authenticate':
      return {
        kind: 'authenticate',
        requirement: requirementOf(action, ruleId, version),
        ways: waysOf(action),
        signIn,
      };
  }
}

function requirementOf(action: AuthenticateAction, ruleId: string, version: string): Requirement {
  return compileRequirement(action, (outcome, reason) =>
    decision(version, outcome, reason, ruleId, outcome === 'challenge' ? action.methods : undefined),
  );
}

/** The condition with its tests composed, children first. */
function compileCondition(condition: Condition, shared: SharedIndexes): CompiledCondition {
  if ('all' in condition) {
    const children = condition.all.map((child) => compileCondition(child, shared));
    return { kind: 'all', test: allOf(children.map((child) => child.test)), children, config: undefined };
  }
  if ('any' in condition) {
    const children = condition.any.map((child) => compileCondition(child, shared));
    return { kind: 'any', test: anyOf(children.map((child) => child.test)), children, config: undefined };
  }
  if ('not' in condition) {
    const child = compileCondition(condition.not, shared);
    const test: Test = (context, subject) => negate(child.test(context, subject));
    return { kind: 'not', test, children: [child], config: undefined };
  }
  const [kind, config] = Object.entries(condition)[0] ?? ['', undefined];
  const criterion = criterionNamed(kind);
  if (!criterion) throw new Error(`no criterion is named "${kind}"`);
  const own = criterion.compile(config, shared);
  // A connection has no path, so what is said of paths is neither true nor false of it.
  const test: Test = criterion.asksRequest ? (context, who) => (context.isStream ? Unknown : own(context, who)) : own;
  return { kind, test, children: [], config };
}
