/**
 * What would help somebody who is challenged, as bits, so that what several rules would take is joined by `|` and what
 * an organisation's rule leaves of it is cut by `&`.
 */
import { admitsAccounts } from './audience.ts';
import type { Decision, WaysIn } from './decision.ts';
import { CREDENTIAL_METHODS, LOGIN_METHODS } from './login-method.ts';
import type { AuthenticateAction } from './model.ts';

export type Ways = number;

const ACCOUNTS = 1;
const GUESTS = 2;
const FIRST_CREDENTIAL = 2;
const FIRST_METHOD = FIRST_CREDENTIAL + CREDENTIAL_METHODS.length;
const ANY_METHOD = LOGIN_METHODS.reduce((bits, _, i) => bits | (1 << (FIRST_METHOD + i)), 0);

export const NO_WAYS: Ways = 0;
/** All that there is. */
export const EVERY_WAY: Ways = (1 << (FIRST_METHOD + LOGIN_METHODS.length)) - 1;
/** An account, in whichever way it signs in: what could make a condition hold that asks who it is. */
export const ANY_ACCOUNT: Ways = ACCOUNTS | ANY_METHOD;

/** What a rule that asks who it is would take. */
export function waysOf(action: AuthenticateAction): Ways {
  const { anyOf: audience, methods } = action;
  const takes = (method: string): boolean => methods === undefined || (methods as readonly string[]).includes(method);
  const methodBits = LOGIN_METHODS.reduce(
    (bits, name, i) => (takes(name) ? bits | (1 << (FIRST_METHOD + i)) : bits),
    0,
  );
  let ways = admitsAccounts(audience) ? ACCOUNTS | methodBits : NO_WAYS;
  if (audience === 'signed-in') return ways;
  if (audience.emails && takes('email-otp')) ways |= GUESTS;
  CREDENTIAL_METHODS.forEach((name, i) => {
    if (audience.credentials?.includes(name) && takes(name)) ways |= 1 << (FIRST_CREDENTIAL + i);
  });
  return ways;
}

const OF_DECISIONS = new WeakMap<Decision, Map<Ways, Decision>>();

/** The decision with its ways; the same object for the same two. */
export function withWays(decision: Decision, ways: Ways): Decision {
  const known = OF_DECISIONS.get(decision) ?? new Map<Ways, Decision>();
  const made = known.get(ways);
  if (made) return made;
  const decided = Object.freeze({ ...decision, ways: readWays(ways) });
  OF_DECISIONS.set(decision, known.set(ways, decided));
  return decided;
}

function readWays(ways: Ways): WaysIn {
  const accounts = (ways & ACCOUNTS) !== 0;
  const isAnyMethod = (ways & ANY_METHOD) === ANY_METHOD;
  const methods = LOGIN_METHODS.filter((_, i) => ways & (1 << (FIRST_METHOD + i)));
  return Object.freeze({
    accounts,
    ...(accounts && !isAnyMethod && { methods }),
    credentials: CREDENTIAL_METHODS.filter((_, i) => ways & (1 << (FIRST_CREDENTIAL + i))),
    guests: (ways & GUESTS) !== 0,
  });
}
