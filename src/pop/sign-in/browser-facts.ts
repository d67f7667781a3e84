import { browserOf, type SessionCrypto } from '../../core/session/index.ts';
import type { BrowserFacts } from '../control-calls.ts';
import type { SignInVisit } from './sign-in-method.ts';

/** What a first step is bound to, and what this browser brings along: a remembered secret, the key of a known device. */
export function browserFacts(
  crypto: SessionCrypto,
  { browser, cookies }: Pick<SignInVisit, 'browser' | 'cookies'>,
  form: ReadonlyMap<string, string>,
): BrowserFacts {
  const device = ofForm(form) ?? ofCookie(cookies.device);
  return {
    browser: browserOf(crypto, browser),
    ...(cookies.remembered !== undefined && { remembered: cookies.remembered }),
    ...(device && device.id.length <= 64 && device.signature.length <= 128 && { device }),
  };
}

function ofForm(form: ReadonlyMap<string, string>): BrowserFacts['device'] {
  const [id = '', signature = ''] = (form.get('device') ?? '').split('.', 2);
  return id === '' ? undefined : { id, signature, challenge: form.get('challenge') ?? '' };
}

/** Whoever was at an identity provider comes back without a form; the page left this before. */
function ofCookie(cookie: string | undefined): BrowserFacts['device'] {
  const [, id, signature = '', challenge = ''] = /^([\w-]+)\.([\w-]+)\.(.+)$/.exec(cookie ?? '') ?? [];
  return id === undefined ? undefined : { id, signature, challenge };
}
