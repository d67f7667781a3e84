import type { Clock } from '../base/index.ts';
import { addressGroup } from '../io/address-group.ts';
import { countTry, forgetTries, type Store, uncountTry } from '../io/store/index.ts';
import {
  SIGN_IN_EXHAUSTED_MAX,
  SIGN_IN_EXHAUSTED_MS,
  SIGN_IN_TRIES_PER_ACCOUNT,
  SIGN_IN_TRIES_PER_ADDRESS,
  SIGN_IN_WINDOW_MS,
} from './constants.ts';

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

/**
 * Counts tries by account and by client address, in the store: the budget is one, however many control nodes there are
 * and however often they start. Every try counts until the password turns out right.
 */
export class SignInLimits {
  readonly #store: Store;
  readonly #clock: Clock;
  /** Keys that had no tries left a moment ago. A flood of refused tries hardly writes. */
  readonly #exhausted = new Map<string, { readonly untilUnixMs: number; readonly askedUnixMs: number }>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Undefined: go ahead. A try from an address that has used up its own is not counted for the account: one address
   * could otherwise lock every account, and fill the store with names.
   */
  async begin(attempt: SignInTry): Promise<SignInLimit | undefined> {
    const { address, account } = keysOf(attempt);
    return (await this.count(address, SIGN_IN_TRIES_PER_ADDRESS)) ?? this.count(account, SIGN_IN_TRIES_PER_ACCOUNT);
  }

  /** The password was right: the account starts afresh, and the address gets its try back. */
  async succeeded(attempt: SignInTry): Promise<void> {
    const { address, account } = keysOf(attempt);
    this.#exhausted.delete(account);
    await forgetTries(this.#store.database, account);
    await uncountTry(this.#store.database, address);
  }

  /** Takes one back that turned out to be right. */
  async giveBack(key: string): Promise<void> {
    await uncountTry(this.#store.database, key);
  }

  /** Counts one of at most `most` within a window, under a key of its own. Undefined: go ahead. */
  async count(key: string, most: number, windowMs = SIGN_IN_WINDOW_MS): Promise<SignInLimit | undefined> {
    const unixMs = this.#clock.unixMs();
    const known = this.#exhausted.get(key);
    if (known && known.untilUnixMs > unixMs && unixMs - known.askedUnixMs < SIGN_IN_EXHAUSTED_MS)
      return { waitMs: known.untilUnixMs - unixMs, isFirst: false };
    this.#exhausted.delete(key);
    const { tries, untilUnixMs } = await countTry(this.#store.database, key, unixMs, windowMs);
    if (tries <= most) return undefined;
    this.#remember(key, untilUnixMs, unixMs);
    return { waitMs: Math.max(1, untilUnixMs - unixMs), isFirst: tries === most + 1 };
  }

  #remember(key: string, untilUnixMs: number, askedUnixMs: number): void {
    if (this.#exhausted.size >= SIGN_IN_EXHAUSTED_MAX) {
      const oldest = this.#exhausted.keys().next().value;
      if (oldest !== undefined) this.#exhausted.delete(oldest);
    }
    this.#exhausted.set(key, { untilUnixMs, askedUnixMs });
  }
}

function keysOf({ email, clientAddress }: SignInTry): { address: string; account: string } {
  return { address: `address:${addressGroup(clientAddress)}`, account: `account:${email.toLowerCase()}` };
}
