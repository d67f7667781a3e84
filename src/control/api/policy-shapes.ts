/** The language of policies is core/policy's; here it is any object, and `parsePolicy` says what is wrong with it. */
import { z } from 'zod';
import { type Policy, type PolicyScope, type Problem, parsePolicy } from '../../core/policy/index.ts';
import type { ResourcesTable } from '../../io/store/index.ts';
import { ControlFailure } from '../problems.ts';
import { isSignInKind } from '../stream-resources.ts';

export const policy = z
  .looseObject({ rules: z.array(z.looseObject({})) })
  .describe('ordered rules; the first match decides, none means deny');

/** In which words a resource's policy may be written; where there is none it does not matter. */
export function scopeOf(kind: ResourcesTable['kind'] | undefined): PolicyScope {
  return kind === undefined || isSignInKind(kind) ? 'resource' : 'stream';
}

/** A policy, or a failure that names every key that is wrong and what is expected there. */
export function readPolicy(json: unknown, path: string, scope: PolicyScope = 'resource'): Policy {
  const parsed = parsePolicy(json, scope);
  if (parsed.ok) return parsed.policy;
  throw policyInvalid(parsed.problems, path);
}

export function policyInvalid(found: readonly Problem[], path: string): ControlFailure {
  const problems = found.map((problem) => ({
    ...problem,
    path: [path, problem.path].filter((part) => part !== '').join('.'),
  }));
  const [first] = problems;
  const detail = first ? `${first.path || 'policy'}: expected ${first.expected}, found ${first.found}` : 'not a policy';
  return new ControlFailure('policy-invalid', detail, { problems });
}
