import { SECOND_STEP_COOKIE, serialiseCookie } from '../../core/session/index.ts';
import type { SecondStepNeeded } from '../control-calls.ts';
import type { SignInOutcome, SignInVisit } from './sign-in-method.ts';

/** On to the second step, whose token the browser keeps. What every method does when control asks for one. */
export function secondStepOutcome({ at, returnTo }: SignInVisit, step: SecondStepNeeded): SignInOutcome {
  return {
    kind: 'redirect',
    location: `/second-step?${new URLSearchParams({ return: returnTo })}`,
    setCookies: [serialiseCookie(SECOND_STEP_COOKIE, step.token, step.expiresUnixMs - at.context.nowUnixMs)],
  };
}
