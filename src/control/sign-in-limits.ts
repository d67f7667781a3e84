import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { addressGroup } from '../io/address-group.ts';
import { SIGN_IN_TRIES_PER_ACCOUNT, SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS } from './constants.ts';

/** Who tries to sign in: the account that is named, whether it exists or not, and where from. */
export interface SignInTry {
  readonly email: string;
  readonly clientAddress: string;
}

/** A try that is too much. */
export interface SignInLimit {
  readonly waitMs: number;
  /** The first one over the limit in its window: the one that is worth a note. */
  readonly isFirst: boolean;
}

/** Counts tries by account and by client address. Every try counts until the password turns out right. */
export class SignInLimits {
  readonly #accounts = new RateLimiterMemory({
    points: SIGN_IN_TRIES_PER_ACCOUNT,
    duration: SIGN_IN_WINDOW_MS / 1000,
    keyPrefix: 'account',
  });
  readonly #addresses = new RateLimiterMemory({
    points: SIGN_IN_TRIES_PER_ADDRESS,
    duration: SIGN_IN_WINDOW_MS / 1000,
    keyPrefix: 'address',
  });

  /**
   * Undefined: go ahead. A try from an address that has used up its own is not counted for the account: one address
   * could otherwise lock every account, and fill the memory with names.
   */
  async begin(attempt: SignInTry): Promise<SignInLimit | undefined> {
    const addressLimit = await consume(this.#addresses, addressGroup(attempt.clientAddress));
    return addressLimit ?? consume(this.#accounts, attempt.email.toLowerCase());
  }

  /** The password was right: the account starts afresh, and the address gets its try back. */
  async succeeded(attempt: SignInTry): Promise<void> {
    await this.#accounts.delete(attempt.email.toLowerCase());
    await this.#addresses.reward(addressGroup(attempt.clientAddress));
  }

  /** Counts a try that was refused before a restart. */
  async restore(attempt: SignInTry): Promise<void> {
    await this.begin(attempt);
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<SignInLimit | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { waitMs: Math.max(1, refusal.msBeforeNext), isFirst: refusal.consumedPoints === limiter.points + 1 };
  }
}
