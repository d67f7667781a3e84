// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Who gets into a quick tunnel, as a policy. */
import { assertNever } from '../../base/index.ts';
import type { SecretMethod } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';

export type GuardKind = 'pin' | 'password' | 'signed-in' | 'public';

const ALWAYS = { all: [] };

export function guardPolicy(kind: GuardKind): Policy {
  const rule = (id: string, name: string, then: Policy['rules'][number]['then']): Policy => ({
    rules: [{ id, name, enabled: true, when: ALWAYS, then }],
  });
  switch (kind) {
    case 'pin':
      return rule('pin', 'Whoever has the PIN', { kind: 'authenticate', anyOf: { credentials: ['pin'] } });
    case 'password':
      return rule('password', 'Whoever has the password', {
        ...{ kind: 'authenticate', anyOf: { credentials: ['resource-password'] } },
      });
    case 'signed-in':
      return rule('signed-in', 'Everybody who has signed in', { kind: 'authenticate', anyOf: 'signed-in' });
    case 'public':
      return rule('public', 'Everybody', { kind: 'bypass' });
    default:
      return assertNever(kind);
  }
}

/** The kind of credential that such a guard needs. */
export function methodOfGuard(kind: GuardKind | 'policy'): SecretMethod | undefined {
  if (kind === 'pin') return 'pin';
  return kind === 'password' ? 'resource-password' : undefined;
}
