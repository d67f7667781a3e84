import { audit } from '../change.ts';
import type { Control } from '../control.ts';
import type { FirstStepResult } from './first-step.ts';

/** What a PoP is told of a first step, and the audit. */
export async function firstStepItem(
  control: Control,
  result: FirstStepResult,
  { popId, clientAddress }: { readonly popId: string | null; readonly clientAddress: string },
): Promise<Readonly<Record<string, unknown>>> {
  if (result.kind === 'second-step')
    return { secondStep: { token: result.token, expiresUnixMs: result.claims.expiresAtUnixMs } };
  const { claims, user, token } = result;
  const actor = { name: `user:${user.id}`, clientAddress };
  const { methods } = claims;
  await audit(control, control.store.database, actor, {
    ...{ action: 'sign-in', subject: claims.id, detail: { popId, methods } },
  });
  return { token, expiresUnixMs: claims.expiresAtUnixMs, sessionId: claims.id };
}
