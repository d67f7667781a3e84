import type { SessionCrypto } from '../../core/session/index.ts';
import { browserOf } from '../../core/session/index.ts';
import type { Counters } from '../counters.ts';
import type { FactorCalls } from '../factors/factor-calls.ts';
import type { PasskeysHere } from '../factors/passkey-here.ts';
import { passkeySection } from '../pages/sign-in-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { clientFacts } from '../portal-visit.ts';
import { browserFacts } from './browser-facts.ts';
import { secondStepOutcome } from './second-step-outcome.ts';
import { formAction, type SignInMethod, type SignInOutcome, type SignInVisit } from './sign-in-method.ts';

export interface PasskeyMethodParts {
  readonly crypto: SessionCrypto;
  readonly calls: FactorCalls;
  readonly here: PasskeysHere;
  readonly counters: Counters;
}

/** A passkey as first step. Control judges it; while control is away this PoP does. */
export function passkeyMethod({ crypto, calls, here, counters }: PasskeyMethodParts): SignInMethod {
  return {
    name: 'passkey',
    show({ ways, hiddenInputs, at, challenge }) {
      if (!ways.accounts) return undefined;
      const { portalHost: rpId } = at.view.installation;
      const question = { challenge: challenge.nonce, rpId, allow: [], verify: 'required' as const };
      return passkeySection({ action: formAction('passkey'), hiddenInputs, question });
    },
    async take(visit: SignInVisit, form): Promise<SignInOutcome> {
      const browser = browserOf(crypto, visit.browser);
      const passkey = form.get('passkey') ?? '';
      const challenge = form.get('challenge') ?? '';
      const { remembered, device } = browserFacts(crypto, visit, form);
      const texts = TEXTS.signInProblems;
      const again = (problem: string, status: number) => ({ kind: 'again', problem, status }) as const;
      const facts = { browser, ...clientFacts(visit) };
      const result = await calls.signInByPasskey({ ...facts, passkey, challenge, remembered, device });
      counters.add('sessions', `passkey-${result.outcome}`);
      switch (result.outcome) {
        case 'signed-in':
          return { kind: 'signed-in', token: result.token, expiresUnixMs: result.expiresUnixMs };
        case 'second-step':
          return secondStepOutcome(visit, result);
        case 'limited':
          return again(texts.limited(TEXTS.seconds(result.retryAfterSeconds)), 429);
        case 'refused':
          return again(texts.passkey, 401);
        case 'unreachable': {
          const judged = await here.signIn(visit.at, { passkey, challenge, browser, device });
          counters.add('sessions', typeof judged === 'string' ? judged : 'passkey-judged-here');
          return typeof judged === 'string' ? again(texts.passkey, 401) : { kind: 'signed-in', ...judged };
        }
      }
    },
  };
}
