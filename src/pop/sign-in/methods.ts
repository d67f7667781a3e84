import type { ControlCalls } from '../control-calls.ts';
import type { Counters } from '../counters.ts';
import { passwordMethod } from './password.ts';
import type { SignInMethod } from './sign-in-method.ts';

export interface SignInMethodParts {
  readonly control: ControlCalls;
  readonly counters: Counters;
}

/** Every way of signing in, in the order in which the page offers them. */
export function signInMethods({ control, counters }: SignInMethodParts): readonly SignInMethod[] {
  return [passwordMethod(control, counters)];
}
