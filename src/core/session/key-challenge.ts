import { toBase64Url } from '../../base/bytes.ts';
import { isCount, isName, parseObject } from './claims-codec.ts';
import { CLOCK_SKEW_MS, KEY_CHALLENGE_LIFETIME_MS } from './constants.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import type { IssuerKeys } from './keys.ts';
import type { StepDropReason } from './reasons.ts';
import { openToken, sealToken } from './token.ts';

/** What a signature over a challenge is good for; one of one purpose does nothing for another. */
export type KeyChallengePurpose = 'sign-in' | 'second-step' | 'register' | 'device';

/** What a challenge is bound to. */
export interface KeyChallengeBinding {
  readonly purpose: KeyChallengePurpose;
  /** `browserOf` the form cookie. */
  readonly browser: string;
  /** Id of the second step or of the session that it belongs to; empty before either. */
  readonly within: string;
}

/** A question to a passkey or to the key of a known device. */
export interface KeyChallenge extends KeyChallengeBinding {
  /** 32 random bytes, base64url: what the key signs, and the name under which it is spent. */
  readonly nonce: string;
  readonly expiresAtUnixMs: number;
}

/** Any node signs one, and any other can read it: nothing is kept until it is spent. */
export function issueKeyChallenge(
  crypto: SessionCrypto,
  key: SigningKey,
  binding: KeyChallengeBinding,
  nowUnixMs: number,
): { readonly token: string; readonly nonce: string } {
  const nonce = toBase64Url(crypto.bytes(32));
  const expiresAtUnixMs = Math.round(nowUnixMs) + KEY_CHALLENGE_LIFETIME_MS;
  return { token: sealToken('manis key challenge v1', encode({ ...binding, nonce, expiresAtUnixMs }), key), nonce };
}

/** The challenge, where a node signed it for just this and it is not over. */
export function openKeyChallenge(
  token: string,
  keys: IssuerKeys,
  binding: KeyChallengeBinding,
  nowUnixMs: number,
): KeyChallenge | StepDropReason {
  const opened = openToken('manis key challenge v1', token, keys);
  if (typeof opened === 'string') return opened;
  const challenge = decode(opened.payload);
  if (!challenge) return 'token-not-canonical';
  if (challenge.browser !== binding.browser) return 'browser-differs';
  if (challenge.purpose !== binding.purpose || challenge.within !== binding.within) return 'purpose-differs';
  const restMs = challenge.expiresAtUnixMs - nowUnixMs;
  return restMs <= 0 || restMs > KEY_CHALLENGE_LIFETIME_MS + CLOCK_SKEW_MS ? 'expired' : challenge;
}

function encode({ purpose, browser, within, nonce, expiresAtUnixMs }: KeyChallenge): string {
  return JSON.stringify({ k: 'q', p: purpose, b: browser, w: within, n: nonce, exp: expiresAtUnixMs });
}

const PURPOSES: readonly KeyChallengePurpose[] = ['sign-in', 'second-step', 'register', 'device'];

function decode(payload: string): KeyChallenge | undefined {
  const json = parseObject(payload);
  if (json?.['k'] !== 'q') return undefined;
  const { p, b, w, n, exp } = json;
  const purpose = PURPOSES.find((one) => one === p);
  if (!purpose || !isName(b) || typeof w !== 'string' || w.length > 256 || !isName(n) || !isCount(exp))
    return undefined;
  const challenge: KeyChallenge = { purpose, browser: b, within: w, nonce: n, expiresAtUnixMs: exp };
  return encode(challenge) === payload ? challenge : undefined;
}
