import { browserOf, type SessionCrypto } from '../../core/session/index.ts';
import type { BrowserFacts } from '../control-calls.ts';
import type { SignInVisit } from './sign-in-method.ts';

/** What a first step is bound to, and what this browser brings along: a remembered secret, the key of a known device. */
export function browserFacts(
  crypto: SessionCrypto,
  { browser, cookies }: Pick<SignInVisit, 'browser' | 'cookies'>,
  form: ReadonlyMap<string, string>,
): BrowserFacts {
  const [id = '', signature = ''] = (form.get('device') ?? '').split('.', 2);
  const device = { id, signature, challenge: form.get('challenge') ?? '' };
  return {
    browser: browserOf(crypto, browser),
    ...(cookies.remembered !== undefined && { remembered: cookies.remembered }),
    ...(id !== '' && id.length <= 64 && signature.length <= 128 && { device }),
  };
}
