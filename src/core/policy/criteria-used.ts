import type { CriterionName } from './criteria/registry.ts';
import type { Condition, Policy } from './model.ts';

/** The criteria that enabled rules of a policy ask, so that what these need can be made ready. */
export function criteriaUsed(policy: Policy | undefined): ReadonlySet<CriterionName> {
  const used = new Set<CriterionName>();
  for (const rule of policy?.rules ?? []) if (rule.enabled) collect(rule.when, used);
  return used;
}

function collect(condition: Condition, used: Set<CriterionName>): void {
  if ('all' in condition) for (const part of condition.all) collect(part, used);
  else if ('any' in condition) for (const part of condition.any) collect(part, used);
  else if ('not' in condition) collect(condition.not, used);
  else for (const name of Object.keys(condition)) used.add(name as CriterionName);
}
