/**
 * The value of a condition. Three-valued (Kleene's strong logic) with "unknown" split in two, so that a decision can
 * say what would help: `MaybeAfterSignIn` is unknown only because nobody is signed in. The order makes the logic
 * arithmetic: `all` is the minimum, `any` the maximum.
 */
export type Truth = 0 | 1 | 2 | 3;

export const False = 0;
/** Cannot be known: no client address, no geography, an ambiguous path. Signing in would not help. */
export const Unknown = 1;
/** Cannot be known until the person signs in. */
export const MaybeAfterSignIn = 2;
export const True = 3;

const NEGATED: readonly [Truth, Truth, Truth, Truth] = [True, Unknown, MaybeAfterSignIn, False];

/** Not: true and false change places, the unknown stays unknown. */
export function negate(value: Truth): Truth {
  return NEGATED[value];
}

export function truthOf(value: boolean): Truth {
  return value ? True : False;
}

export type TruthName = 'false' | 'unknown' | 'unknown-until-signed-in' | 'true';
const NAMES: readonly [TruthName, TruthName, TruthName, TruthName] = [
  'false',
  'unknown',
  'unknown-until-signed-in',
  'true',
];

/** The word for people and traces. */
export function truthName(value: Truth): TruthName {
  return NAMES[value];
}
