import type { SessionCrypto } from '../../core/session/index.ts';
import type { ControlCalls } from '../control-calls.ts';
import type { Counters } from '../counters.ts';
import { passwordSection } from '../pages/sign-in-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { clientFacts } from '../portal-visit.ts';
import { browserFacts } from './browser-facts.ts';
import { secondStepOutcome } from './second-step-outcome.ts';
import { formAction, type SignInMethod, type SignInOutcome, type SignInVisit } from './sign-in-method.ts';

/** An account's password. It goes to control, which judges it, and is kept nowhere. */
export function passwordMethod(
  control: Pick<ControlCalls, 'signIn'>,
  counters: Counters,
  crypto: SessionCrypto,
): SignInMethod {
  return {
    name: 'password',
    show({ at, ways, hiddenInputs, focus, again }) {
      if (!ways.accounts) return undefined;
      const email = again?.method === 'password' ? again.keep['email'] : undefined;
      const canReset = at.view.state.ofKind('mail').next().done === false;
      return passwordSection({ action: formAction('password'), hiddenInputs, email, focus, canReset });
    },
    async take(visit: SignInVisit, form): Promise<SignInOutcome> {
      const email = (form.get('email') ?? '').trim();
      const password = form.get('password') ?? '';
      const texts = TEXTS.signInProblems;
      const again = (problem: string, status: number) => ({ kind: 'again', problem, status, keep: { email } }) as const;
      if (email === '' || password === '') return again(texts.incomplete, 400);
      const result = await control.signIn(email, password, clientFacts(visit), browserFacts(crypto, visit, form));
      counters.add('sessions', `sign-in-${result.outcome}`);
      switch (result.outcome) {
        case 'signed-in':
          return { kind: 'signed-in', token: result.token, expiresUnixMs: result.expiresUnixMs };
        case 'second-step':
          return secondStepOutcome(visit, result);
        case 'refused':
          return again(texts.wrong, 401);
        case 'limited':
          return again(texts.limited(TEXTS.seconds(result.retryAfterSeconds)), 429);
        case 'unreachable':
          return again(texts.unreachable, 503);
      }
    },
  };
}
