/** What the names of methods in a session mean for the number of factors. */

/** In claims: two factors were given, or one that stands for two. */
export const MFA = 'mfa';
/** In claims: the second step was left out, because the person chose so in this browser a while ago. */
export const REMEMBERED = 'remembered-browser';

/** What a sign-in may begin with. */
const FIRST: ReadonlySet<string> = new Set(['password', 'email-otp', 'oidc']);
/** What may come on top of it. */
const SECOND: ReadonlySet<string> = new Set(['totp', 'recovery-code', 'passkey', 'email-otp']);

/**
 * The methods of a session after another proof, each once, with `mfa` where two different things were proved, the second one
 * held and not known, or where a key verified its user (a passkey with a PIN or a finger is both at once).
 */
export function methodsWith(before: readonly string[], proved: string, userVerified = false): readonly string[] {
  const methods = [...new Set([...before, proved])];
  const isTwo = methods.some((one) => FIRST.has(one) && methods.some((other) => other !== one && SECOND.has(other)));
  return (isTwo || userVerified) && !methods.includes(MFA) ? [...methods, MFA] : methods;
}
