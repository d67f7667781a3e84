/** Which names stand for secrets. Too much hidden is a nuisance, too little a leak: names that merely look like it count. */

const SECRET =
  /token|secret|passw|passphrase|pwd|credential|authori[sz]ation|cookie|api[-_]?key|access[-_]?key|private[-_]?key|session[-_]?(?:id|key)|jwt|csrf|xsrf|signin|one[-_]?time/;
/** As a word within a name: `x-auth`, `auth_key`, but not `author`. */
const SECRET_WORD = /(?:^|[-_.])(?:auth|sid|otp|pin|pass)(?:$|[-_.])/;
/** In a URL or a form a signature opens something by itself; in a field of a webhook it proves who sent the body. */
const SECRET_IN_URL = /signature|^(?:.*[-_.])?(?:sig|key|code)$/;

/** Names that a resource adds, lower case. */
export type HiddenNames = ReadonlySet<string>;

/** Of a field of the head, or a member of JSON. */
export function isSecretName(name: string, more: HiddenNames): boolean {
  const lower = name.toLowerCase();
  return more.has(lower) || SECRET.test(lower) || SECRET_WORD.test(lower);
}

/** Of a parameter of a query or a form. */
export function isSecretParameter(name: string, more: HiddenNames): boolean {
  return isSecretName(name, more) || SECRET_IN_URL.test(name.toLowerCase());
}
