import { addressGroup } from '../../io/address-group.ts';
import { countTry, forgetTries, uncountTry } from '../../io/store/index.ts';
import { SIGN_IN_WINDOW_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import {
  FACTOR_DAY_MS,
  FACTOR_TRIES_PER_ACCOUNT,
  FACTOR_TRIES_PER_ACCOUNT_AND_DAY,
  FACTOR_TRIES_PER_ADDRESS,
} from './constants.ts';

interface Budget {
  readonly key: string;
  readonly most: number;
  readonly windowMs: number;
}

/**
 * Tries of second steps, in the store, so that the budget is one over all control nodes. They are counted apart from
 * passwords: who knows the password cannot go on guessing codes by starting over, and who does not know it cannot use up
 * the tries of the person who does. Keys and recovery codes cannot be guessed and are counted by address alone, so the
 * person has a way in even while somebody else guesses codes.
 */
export async function beginFactorTry(
  control: Control,
  userId: string,
  clientAddress: string,
  canBeGuessed: boolean,
): Promise<{ readonly waitMs: number; readonly isFirst: boolean } | undefined> {
  const unixMs = control.clock.unixMs();
  for (const { key, most, windowMs } of budgetsOf(userId, clientAddress, canBeGuessed)) {
    const { tries, untilUnixMs } = await countTry(control.store.database, key, unixMs, windowMs);
    if (tries > most) return { waitMs: Math.max(1, untilUnixMs - unixMs), isFirst: tries === most + 1 };
  }
  return undefined;
}

/** What is said of a try that is one too many. */
export function tooManyTries({ waitMs }: { readonly waitMs: number }): ControlFailure {
  return new ControlFailure('sign-in-rate-limited', 'too many tries; try again later', {
    retryAfterMs: Math.ceil(waitMs),
  });
}

/** The factor was right: the address gets its try back, the account's short window begins anew, that of the day does not. */
export async function factorTrySucceeded(control: Control, userId: string, clientAddress: string): Promise<void> {
  const [address, account] = budgetsOf(userId, clientAddress, true);
  if (address) await uncountTry(control.store.database, address.key);
  if (account) await forgetTries(control.store.database, account.key);
}

/** An administrator took the factors away: whoever tries now begins afresh. */
export async function forgetFactorTries(control: Control, userId: string): Promise<void> {
  for (const { key } of budgetsOf(userId, '', true).slice(1)) await forgetTries(control.store.database, key);
}

function budgetsOf(userId: string, clientAddress: string, canBeGuessed: boolean): readonly Budget[] {
  const address = {
    key: `factor-address:${addressGroup(clientAddress)}`,
    most: FACTOR_TRIES_PER_ADDRESS,
    windowMs: SIGN_IN_WINDOW_MS,
  };
  if (!canBeGuessed) return [address];
  return [
    address,
    { key: `factor:${userId}`, most: FACTOR_TRIES_PER_ACCOUNT, windowMs: SIGN_IN_WINDOW_MS },
    { key: `factor-day:${userId}`, most: FACTOR_TRIES_PER_ACCOUNT_AND_DAY, windowMs: FACTOR_DAY_MS },
  ];
}
