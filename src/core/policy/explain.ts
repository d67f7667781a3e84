import type { CompiledCondition, CompiledPolicy, CompiledRule } from './compile.ts';
import type { PolicyContext, Subject } from './context.ts';
import type { Decision } from './decision.ts';
import { evaluate, judgedAs, restrict } from './evaluate.ts';
import type { Policy, Rule } from './model.ts';
import { False, type Truth, type TruthName, truthName } from './truth.ts';

/** The value of one condition, and of those in it. Nothing is cut short: every part is shown. */
export interface ConditionTrace {
  /** `all`, `any`, `not` or the name of a criterion. */
  readonly kind: string;
  readonly value: TruthName;
  /** A leaf's config. */
  readonly config?: unknown;
  readonly children: readonly ConditionTrace[];
}

/**
 * What a rule did: `satisfied` is an organisation rule that applied and had nothing against it; `not-admitting` is a
 * rule that admits and whose condition is unknown; `not-reached` comes after the one that decided.
 */
export type RuleEffect = 'disabled' | 'not-matched' | 'satisfied' | 'not-admitting' | 'decided' | 'not-reached';

export interface RuleTrace {
  readonly scope: 'organisation' | 'resource';
  readonly ruleId: string;
  readonly ruleName: string;
  readonly effect: RuleEffect;
  /** None for a rule that is disabled. */
  readonly condition?: ConditionTrace;
}

export interface Explanation {
  /** The same as `evaluate` gives. */
  readonly decision: Decision;
  /** Judged as if nobody were signed in: a guest or holder that an account would help. */
  readonly asNobody: boolean;
  readonly rules: readonly RuleTrace[];
}

/** The decision with the trace that leads to it, for the simulator. Slower than `evaluate`, and of one mind with it. */
export function explain(policy: CompiledPolicy, context: PolicyContext, asker: Subject | undefined): Explanation {
  const decision = evaluate(policy, context, asker);
  const subject = judgedAs(policy, context, asker);
  const rules: RuleTrace[] = [];
  let over = decision === policy.policyMissing;
  for (const scope of ['organisation', 'resource'] as const) {
    const compiled = new Map(policy[scope].map((rule) => [rule.rule, rule]));
    const source = scope === 'resource' ? policy.sources.resource : policy.sources.organisation?.source;
    for (const rule of rulesOf(source)) {
      const found = compiled.get(rule);
      if (!found) {
        rules.push({ scope, ruleId: rule.id, ruleName: rule.name, effect: 'disabled' });
        continue;
      }
      const value = found.test(context, subject);
      const effect = over ? 'not-reached' : effectOf(scope, found, value, decision, context, subject);
      if (effect === 'decided') over = true;
      const condition = trace(found.condition, context, subject);
      rules.push({ scope, ruleId: rule.id, ruleName: rule.name, effect, condition });
    }
  }
  return { decision, asNobody: subject !== asker, rules };
}

function rulesOf(policy: Policy | undefined): readonly Rule[] {
  return policy?.rules ?? [];
}

function effectOf(
  scope: 'organisation' | 'resource',
  { action, rule }: CompiledRule,
  value: Truth,
  decision: Decision,
  context: PolicyContext,
  subject: Subject | undefined,
): RuleEffect {
  if (value === False) return 'not-matched';
  if (scope === 'organisation') return restrict(action, value, context, subject) ? 'decided' : 'satisfied';
  return decision.ruleId === rule.id ? 'decided' : 'not-admitting';
}

function trace(condition: CompiledCondition, context: PolicyContext, subject: Subject | undefined): ConditionTrace {
  const { kind, config } = condition;
  const value = truthName(condition.test(context, subject));
  const children = condition.children.map((child) => trace(child, context, subject));
  return config === undefined ? { kind, value, children } : { kind, value, config, children };
}
