/** What the names of methods in a session mean for the number of factors. */

/** In claims: two factors were given, or one that stands for two. */
export const MFA = 'mfa';
/** In claims: the second step was left out, because the person chose so in this browser a while ago. */
export const REMEMBERED = 'remembered-browser';

const KNOWLEDGE: ReadonlySet<string> = new Set(['password']);
const POSSESSION: ReadonlySet<string> = new Set(['totp', 'recovery-code', 'passkey', 'email-otp']);

/**
 * The methods of a session after another proof, each once, with `mfa` where something known and something held were both
 * proved, or where a key verified its user (a passkey with a PIN or a finger is both at once).
 */
export function methodsWith(before: readonly string[], proved: string, userVerified = false): readonly string[] {
  const methods = [...new Set([...before, proved])];
  const isTwo = methods.some((name) => KNOWLEDGE.has(name)) && methods.some((name) => POSSESSION.has(name));
  return (isTwo || userVerified) && !methods.includes(MFA) ? [...methods, MFA] : methods;
}
