// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Has a rule of a policy admit a kind of credential, too. */
import { UsageFailure } from '../config/usage-failure.ts';

export interface EditablePolicy {
  readonly rules: readonly EditableRule[];
}

export interface EditableRule {
  readonly id: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly then?: { readonly kind?: string; readonly anyOf?: unknown };
}

/**
 * The policy in which a rule admits `method` besides whom it admits already: the rule that is named, or the only one that
 * asks people to sign in. A rule of its own would not do, because the first rule that matches decides.
 */
export function admitting(policy: EditablePolicy, method: string, ruleId?: string): EditablePolicy {
  const asking = policy.rules.filter(({ enabled, then }) => enabled !== false && then?.kind === 'authenticate');
  const named = ruleId === undefined ? asking : asking.filter(({ id }) => id === ruleId);
  const [rule] = named;
  if (policy.rules.length === 0) return { rules: [onlyRule(method)] };
  if (!rule || named.length > 1) {
    const ids = asking.map(({ id }) => id).join(', ') || 'none';
    throw new UsageFailure(
      'setting-invalid',
      `say with --rule which rule admits it; those that ask for a sign-in: ${ids}`,
    );
  }
  const anyOf = rule.then?.anyOf;
  const listed = typeof anyOf === 'object' && anyOf !== null ? (anyOf as Record<string, unknown>) : { signedIn: true };
  const credentials = [...new Set([...((listed['credentials'] as string[] | undefined) ?? []), method])];
  const changed = { ...rule, then: { ...rule.then, anyOf: { ...listed, credentials } } };
  return { ...policy, rules: policy.rules.map((each) => (each === rule ? changed : each)) };
}

function onlyRule(method: string): EditableRule {
  const then = { kind: 'authenticate', anyOf: { credentials: [method] } };
  return { id: method, name: `Holders of a ${method}`, enabled: true, ...{ when: { all: [] } }, then };
}
