/** Has the policy of an application take a kind of credential besides those whom it lets in already. */
import { changeAsRead } from '../../../api/changes.ts';
import { placeAt } from '../../frame/save.ts';
import type { Method } from './credential-shape.ts';

interface Rule {
  readonly id?: string;
  readonly enabled?: boolean;
  readonly then?: { readonly kind?: string; readonly anyOf?: unknown };
}

/** False where it is not clear which rule is meant: the first one that fits decides, so a rule of its own would not do. */
export async function admit(resourceId: string, method: Method): Promise<boolean> {
  const { read, write } = placeAt('put', '/resources/{id}/policy', { id: resourceId });
  return changeAsRead(read, async (policy, condition) => {
    const rules = admitting(policy.rules as readonly Rule[], method);
    if (!rules) return false;
    await write({ ...policy, rules }, condition);
    return true;
  });
}

function admitting(rules: readonly Rule[], method: Method): readonly Rule[] | undefined {
  const asking = rules.filter(({ enabled, then }) => enabled !== false && then?.kind === 'authenticate');
  if (rules.length === 0) return [onlyRule(method)];
  const [rule] = asking;
  if (!rule || asking.length > 1) return undefined;
  const anyOf = rule.then?.anyOf;
  const listed = typeof anyOf === 'object' && anyOf !== null ? (anyOf as Record<string, unknown>) : { signedIn: true };
  const credentials = [...new Set([...((listed['credentials'] as string[] | undefined) ?? []), method])];
  // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
  const next = { ...rule, then: { ...rule.then, anyOf: { ...listed, credentials } } };
  return rules.map((each) => (each === rule ? next : each));
}

function onlyRule(method: Method): Rule {
  const rule = { id: method, name: `Holders of a ${method}`, enabled: true, when: { all: [] } };
  // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
  return { ...rule, then: { kind: 'authenticate', anyOf: { credentials: [method] } } };
}
