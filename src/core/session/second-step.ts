import { toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import type { SignInFacts } from './claims.ts';
import { decodeFacts, encodeFacts, isCount, isId, isMethods, isName, parseObject } from './claims-codec.ts';
import { CLOCK_SKEW_MS, SECOND_STEP_LIFETIME_MS } from './constants.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import type { IssuerKeys } from './keys.ts';
import type { StepDropReason } from './reasons.ts';
import { openToken, sealToken } from './token.ts';

/**
 * Between the first and the second step of a sign-in: who has proved the first one, in which browser. Signed by control,
 * kept by the browser in a cookie, worth nothing but the right to try the second step.
 */
export interface SecondStepClaims extends SignInFacts {
  /** 22 characters; whoever finishes the step spends it. */
  readonly id: string;
  readonly userId: string;
  readonly epoch: number;
  /** What has been proved until now. */
  readonly methods: readonly string[];
  /** `prove`: a factor that the person has. `enrol`: they have none yet and must add one before they go on. */
  readonly need: 'prove' | 'enrol';
  /** Hash of the value of the browser's form cookie. */
  readonly browser: string;
  readonly expiresAtUnixMs: number;
}

/** How a browser is named in tokens: base64url of the SHA-256 of the cookie's value that only it has. */
export function browserOf(crypto: SessionCrypto, formCookie: string): string {
  return toBase64Url(crypto.sha256(utf8(`manis browser v1\n${formCookie}`)));
}

export function issueSecondStep(
  key: SigningKey,
  claims: Omit<SecondStepClaims, 'expiresAtUnixMs'>,
  nowUnixMs: number,
): { readonly token: string; readonly claims: SecondStepClaims } {
  const whole = { ...claims, expiresAtUnixMs: Math.round(nowUnixMs) + SECOND_STEP_LIFETIME_MS };
  return { token: sealToken('manis second step v1', encode(whole), key), claims: whole };
}

/** The claims, where control signed them for this browser and they are not over. */
export function openSecondStep(
  token: string,
  keys: IssuerKeys,
  browser: string,
  nowUnixMs: number,
): SecondStepClaims | StepDropReason {
  const opened = openToken('manis second step v1', token, keys);
  if (typeof opened === 'string') return opened;
  if (opened.key.issuer !== 'control') return 'issuer-may-not';
  const claims = decode(opened.payload);
  if (!claims) return 'token-not-canonical';
  if (claims.browser !== browser) return 'browser-differs';
  const restMs = claims.expiresAtUnixMs - nowUnixMs;
  return restMs <= 0 || restMs > SECOND_STEP_LIFETIME_MS + CLOCK_SKEW_MS ? 'expired' : claims;
}

function encode(claims: SecondStepClaims): string {
  const { id, userId, epoch, methods, need, browser, expiresAtUnixMs } = claims;
  return JSON.stringify({
    k: 's',
    id,
    sub: userId,
    ep: epoch,
    amr: methods,
    n: need,
    b: browser,
    exp: expiresAtUnixMs,
    ...encodeFacts(claims),
  });
}

function decode(payload: string): SecondStepClaims | undefined {
  const json = parseObject(payload);
  if (json?.['k'] !== 's') return undefined;
  const { id, sub, ep, amr, n, b, exp } = json;
  const facts = decodeFacts(json);
  if (!isId(id) || !isName(sub) || !isCount(ep) || !isMethods(amr) || !isName(b) || !isCount(exp)) return undefined;
  if (!facts || (n !== 'prove' && n !== 'enrol')) return undefined;
  const claims: SecondStepClaims = {
    id,
    userId: sub,
    epoch: ep,
    methods: amr,
    need: n,
    browser: b,
    expiresAtUnixMs: exp,
    ...facts,
  };
  return encode(claims) === payload ? claims : undefined;
}
