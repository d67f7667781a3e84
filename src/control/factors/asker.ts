import { openSecondStep, type SecondStepClaims } from '../../core/session/index.ts';
import { findUser } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { nodeKeys } from '../node-keys.ts';
import type { LiveSession, PortalSessions, SessionOrigin } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { reachOf } from '../session-reach.ts';
import type { FactorVisit } from './factor-method.ts';

/** What shows who is asking: a second step that was begun, or a portal session. */
export interface AskerProof {
  readonly step?: string | undefined;
  readonly session?: string | undefined;
  readonly browser: string;
}

/** Somebody who may prove a factor. */
export type Asker =
  | { readonly kind: 'step'; readonly visit: FactorVisit; readonly claims: SecondStepClaims }
  | { readonly kind: 'session'; readonly visit: FactorVisit; readonly live: LiveSession };

/** Somebody with a session. */
export type OwnSession = Asker & { readonly kind: 'session' };

/** Failures `second-step-ended`, `session-ended`. */
export async function readAsker(
  control: Control,
  sessions: PortalSessions,
  proof: AskerProof,
  origin: SessionOrigin,
): Promise<Asker> {
  const { browser } = proof;
  if (proof.step !== undefined) {
    const claims = openSecondStep(proof.step, nodeKeys(control), browser, control.clock.unixMs());
    if (typeof claims === 'string') throw stepEnded();
    const user = await findUser(control.store.database, claims.userId);
    if (!user || user.disabled === 1 || user.session_epoch > claims.epoch) throw stepEnded();
    const reach = await reachOf(control, claims.via);
    return {
      kind: 'step',
      claims,
      visit: { control, user, within: claims.id, browser, origin, reach, methods: claims.methods },
    };
  }
  const live = proof.session === undefined ? undefined : await sessions.verify(proof.session);
  if (!live) throw new ControlFailure('session-ended', 'the session has ended; sign in again');
  const { id: within, methods, via } = live.claims;
  const reach = await reachOf(control, via);
  return { kind: 'session', live, visit: { control, user: live.user, within, browser, origin, reach, methods } };
}

export function stepEnded(): ControlFailure {
  return new ControlFailure('second-step-ended', 'this sign-in took too long or is finished; sign in again');
}
