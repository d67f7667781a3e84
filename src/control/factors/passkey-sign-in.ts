import { methodsWith } from '../../core/session/index.ts';
import { findUser } from '../../io/store/index.ts';
import { audit } from '../change.ts';
import type { Control } from '../control.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { type DeviceProof, judgeDevice } from './device-proof.ts';
import { beginFactorTry } from './factor-limits.ts';
import { afterFirstStep } from './first-step.ts';
import { firstStepItem } from './first-step-item.ts';
import { judgePasskey } from './passkey.ts';

export interface PasskeySignIn {
  readonly passkey: string;
  readonly challenge: string;
  readonly browser: string;
  readonly remembered?: string | undefined;
  readonly device?: DeviceProof | undefined;
  readonly clientAddress: string;
  readonly userAgent: string;
}

/**
 * A passkey as first step: the answer says whose it is. One that verified its user is two factors at once; for one that did
 * not the second step follows, where the person has another factor. Failures `sign-in-refused`, `sign-in-rate-limited`.
 */
export async function signInByPasskey(
  control: Control,
  sessions: PortalSessions,
  popId: string | null,
  given: PasskeySignIn,
) {
  const limit = await beginFactorTry(control, '', given.clientAddress, false);
  if (limit)
    throw new ControlFailure('sign-in-rate-limited', 'too many tries to sign in; try again later', {
      retryAfterMs: Math.ceil(limit.waitMs),
    });
  const { browser } = given;
  const verdict = await judgePasskey(control, { ...given, within: '', purpose: 'sign-in' });
  const user = verdict.ok ? await findUser(control.store.database, verdict.userId) : undefined;
  if (!verdict.ok || !user || user.disabled === 1) {
    const actor = { name: popId ? `pop:${popId}` : 'system', clientAddress: given.clientAddress };
    const outcome = verdict.ok ? 'user-disabled' : verdict.reason;
    const note = { action: 'sign-in.refuse', subject: user?.id ?? null, outcome, detail: { method: 'passkey' } };
    await audit(control, control.store.database, actor, note);
    throw new ControlFailure('sign-in-refused', 'this passkey does not open an account here');
  }
  const deviceKeyId = await judgeDevice(control, user.id, given.device, { purpose: 'sign-in', browser, within: '' });
  const proof = {
    methods: methodsWith([], 'passkey', verdict.userVerified),
    ...(deviceKeyId !== undefined && { facts: { deviceKeyId } }),
  };
  const result = await afterFirstStep(control, sessions, user, proof, { ...given, popId });
  return firstStepItem(control, result, { popId, clientAddress: given.clientAddress });
}
