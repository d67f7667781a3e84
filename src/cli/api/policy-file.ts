/** Policies in files. */
import { type Policy, type PolicyScope, parsePolicy } from '../../core/policy/index.ts';
import { requireText } from '../programs/enrolment.ts';
import { judgedText } from './judged-file.ts';

export type { PolicyScope };

/** In which words the policy of a resource is written. */
export function scopeOf({ kind }: { readonly kind?: unknown }): PolicyScope {
  return kind === undefined || kind === 'http' || kind === 'access' ? 'resource' : 'stream';
}

/** A policy, YAML or JSON. Failure `policy-invalid` that names file, line and what is expected there, for each mistake. */
export async function readPolicyFile(path: string, scope: PolicyScope = 'resource'): Promise<Policy> {
  return policyFrom(await requireText('policy', path), path, scope);
}

export function policyFrom(text: string, path: string, scope: PolicyScope): Policy {
  return judgedText(text, path, {
    code: 'policy-invalid',
    whole: 'the policy',
    parse(json) {
      const parsed = parsePolicy(json, scope);
      return parsed.ok ? parsed.policy : parsed.problems;
    },
  });
}
