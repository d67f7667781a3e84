import { type GuessableMethod, TRY_ALLOWANCES, type TryAllowance } from './allowance.ts';
import {
  BUDGETS_MAX,
  KNOWN_ADDRESS_MS,
  KNOWN_ADDRESSES_MAX,
  LEASE_REFUSED_MS,
  TRY_SOURCES_MAX,
  TRY_WINDOW_MS,
} from './constants.ts';
import { Sharing, type SharingPop, type SharingState } from './shares.ts';
import { TryWindow } from './try-window.ts';

/** One guess at a secret. */
export interface Try {
  readonly credentialId: string;
  /** Of the credential; a new secret begins anew. */
  readonly version: number;
  readonly method: GuessableMethod;
  /** When this version was made: before, nobody guessed at it. Left out: long ago. */
  readonly madeUnixMs?: number | undefined;
  /** Whom the guess comes from: an address, or a prefix that one household has. */
  readonly address: string;
  /** The browser, where it proved that it signed in before with this version. */
  readonly browserId?: string | undefined;
}

/** What a try was paid with. */
type Purse = 'standing' | 'leased' | 'browser' | 'address';

/** A try that may be judged, once what it cost is on the disk. */
export interface SpentTry extends Try {
  readonly kind: 'spent';
  readonly purse: Purse;
  readonly atUnixMs: number;
}

/**
 * `ask`: nothing is left here, control may have some. `exhausted`: nobody is let try any more; `source-exhausted`: not this
 * address or browser.
 */
export type TryAnswer =
  | SpentTry
  | { readonly kind: 'ask' }
  | { readonly kind: 'refused'; readonly reason: 'exhausted' | 'source-exhausted'; readonly waitMs: number };

/** What must survive a restart, plain JSON. */
export interface TryState {
  /** Before this nothing may be spent: what was spent is not known. */
  readonly closedUntilUnixMs: number;
  readonly budgets: readonly SavedBudget[];
  /** Left out by older versions. */
  readonly sharing?: SharingState;
}

interface SavedBudget {
  readonly id: string;
  readonly version: number;
  readonly standing: readonly number[];
  readonly browser: readonly number[];
  readonly address: readonly number[];
  /** When somebody at an address was last right. */
  readonly known: readonly (readonly [address: string, unixMs: number])[];
}

interface Budget {
  readonly version: number;
  readonly windows: Readonly<Record<Exclude<Purse, 'leased'>, TryWindow>>;
  readonly known: Map<string, number>;
  /** Not kept over a restart. */
  lease: { tries: number; readonly untilUnixMs: number };
  refusedByControlUnixMs: number;
}

/**
 * How often secrets may be guessed at this PoP. Every try is spent before it is judged, and given back when it was right.
 * All PoPs together never judge more wrong ones within an hour than `TRY_ALLOWANCES` says: each has its share, and control
 * hands out the pool. Whoever signed in before - a browser by its cookie, an address by what is remembered here - has a
 * reserve of its own, so that a flood from elsewhere does not keep them out.
 */
export class TryBudget {
  readonly #sharing: Sharing;
  #closedUntilUnixMs = 0;
  readonly #budgets = new Map<string, Budget>();
  /** Wrong tries by address or browser and credential. Small, and forgotten at a restart: the whole is what counts. */
  readonly #sources = new Map<string, TryWindow>();

  constructor(popId: string) {
    this.#sharing = new Sharing(popId);
  }

  /** Among whom shares are split, by the snapshot. */
  setPops(pops: readonly SharingPop[], nowUnixMs: number): void {
    this.#sharing.setPops(pops, nowUnixMs);
  }

  /** Spends a try, or says why not. */
  begin(guess: Try, nowUnixMs: number): TryAnswer {
    if (nowUnixMs < this.#closedUntilUnixMs) return refused('exhausted', this.#closedUntilUnixMs - nowUnixMs);
    const budget = this.#budgetOf(guess, nowUnixMs);
    if (!budget) return refused('exhausted', TRY_WINDOW_MS);
    const allowance = TRY_ALLOWANCES[guess.method];
    const source = this.#sourceOf(guess);
    const most = guess.browserId === undefined ? allowance.perAddress : allowance.perBrowser;
    if (source.countAt(nowUnixMs) >= most)
      return refused('source-exhausted', (source.freeAgainAt(most) ?? nowUnixMs) - nowUnixMs);
    const purse = this.#purseFor(guess, budget, allowance, nowUnixMs);
    if (purse === undefined) return this.#nothingLeft(guess, budget, allowance, nowUnixMs);
    if (purse === 'leased') budget.lease.tries--;
    else budget.windows[purse].spend(nowUnixMs);
    source.spend(nowUnixMs);
    return { ...guess, kind: 'spent', purse, atUnixMs: nowUnixMs };
  }

  /** Control's answer to `ask`. */
  leased(credentialId: string, tries: number, untilUnixMs: number, nowUnixMs: number): void {
    const budget = this.#budgets.get(credentialId);
    if (!budget) return;
    if (tries === 0) budget.refusedByControlUnixMs = nowUnixMs;
    else budget.lease = { tries, untilUnixMs };
  }

  /** The guess was right: it cost nothing, and the address is known from now on. */
  succeeded(spent: SpentTry, nowUnixMs: number): void {
    this.#sourceOf(spent).giveBack(spent.atUnixMs);
    const budget = this.#budgets.get(spent.credentialId);
    if (budget?.version !== spent.version) return;
    if (spent.purse === 'leased') budget.lease.tries++;
    else budget.windows[spent.purse].giveBack(spent.atUnixMs);
    budget.known.delete(spent.address);
    budget.known.set(spent.address, nowUnixMs);
    const oldest = budget.known.keys().next().value;
    if (budget.known.size > KNOWN_ADDRESSES_MAX && oldest !== undefined) budget.known.delete(oldest);
  }

  /** What must be on the disk before a try is judged. */
  state(): TryState {
    const budgets = [...this.#budgets].map(
      ([id, { version, windows, known }]): SavedBudget => ({
        id,
        version,
        standing: windows.standing.times,
        browser: windows.browser.times,
        address: windows.address.times,
        known: [...known],
      }),
    );
    return { closedUntilUnixMs: this.#closedUntilUnixMs, budgets, sharing: this.#sharing.state() };
  }

  restore(state: TryState, nowUnixMs: number): void {
    this.#closedUntilUnixMs = state.closedUntilUnixMs;
    if (state.sharing) this.#sharing.restore(state.sharing, nowUnixMs);
    for (const { id, version, standing, browser, address, known } of state.budgets) {
      const windows = {
        standing: new TryWindow(standing),
        browser: new TryWindow(browser),
        address: new TryWindow(address),
      };
      this.#budgets.set(id, newBudget(version, windows, new Map(known)));
    }
  }

  /** What was spent cannot be read: nothing is left for as long as it could count. */
  close(nowUnixMs: number): void {
    this.#closedUntilUnixMs = nowUnixMs + TRY_WINDOW_MS;
  }

  /** Forgets what can no longer matter; call now and then. */
  purge(nowUnixMs: number): void {
    for (const [id, { windows, known }] of this.#budgets) {
      for (const [address, unixMs] of known) if (nowUnixMs - unixMs > KNOWN_ADDRESS_MS) known.delete(address);
      const spent = Object.values(windows).some((window) => window.countAt(nowUnixMs) > 0);
      if (!spent && known.size === 0) this.#budgets.delete(id);
    }
    for (const [key, window] of this.#sources) if (window.countAt(nowUnixMs) === 0) this.#sources.delete(key);
  }

  #purseFor(guess: Try, budget: Budget, allowance: TryAllowance, nowUnixMs: number): Purse | undefined {
    const { windows, lease, known } = budget;
    const isLeft = (purse: Exclude<Purse, 'leased'>, whole: number): boolean =>
      windows[purse].countAt(nowUnixMs) < this.#shareOf(whole, guess, nowUnixMs);
    if (isLeft('standing', allowance.standing)) return 'standing';
    if (lease.tries > 0 && nowUnixMs < lease.untilUnixMs) return 'leased';
    if (guess.browserId !== undefined && isLeft('browser', allowance.knownBrowsers)) return 'browser';
    return known.has(guess.address) && isLeft('address', allowance.knownAddresses) ? 'address' : undefined;
  }

  #nothingLeft(guess: Try, budget: Budget, allowance: TryAllowance, nowUnixMs: number): TryAnswer {
    if (nowUnixMs - budget.refusedByControlUnixMs >= LEASE_REFUSED_MS) return { kind: 'ask' };
    const share = this.#shareOf(allowance.standing, guess, nowUnixMs);
    const freeAgain = share > 0 ? budget.windows.standing.freeAgainAt(share) : undefined;
    return refused('exhausted', Math.max(1000, (freeAgain ?? nowUnixMs + TRY_WINDOW_MS) - nowUnixMs));
  }

  /** Tries count for an hour, and none came before the secret was made. */
  #shareOf(whole: number, { credentialId, madeUnixMs = 0 }: Try, nowUnixMs: number): number {
    return this.#sharing.shareOf(whole, credentialId, Math.max(madeUnixMs, nowUnixMs - TRY_WINDOW_MS));
  }

  #budgetOf({ credentialId, version }: Try, nowUnixMs: number): Budget | undefined {
    const held = this.#budgets.get(credentialId);
    if (held && held.version >= version) return held.version === version ? held : undefined;
    if (!held && this.#budgets.size >= BUDGETS_MAX) this.purge(nowUnixMs);
    if (!held && this.#budgets.size >= BUDGETS_MAX) return undefined;
    const windows = { standing: new TryWindow(), browser: new TryWindow(), address: new TryWindow() };
    const budget = newBudget(version, windows, new Map());
    this.#budgets.set(credentialId, budget);
    return budget;
  }

  #sourceOf({ credentialId, address, browserId }: Try): TryWindow {
    const key = browserId === undefined ? `${credentialId} ${address}` : `${credentialId} browser ${browserId}`;
    let window = this.#sources.get(key);
    if (!window) {
      const oldest = this.#sources.keys().next().value;
      if (this.#sources.size >= TRY_SOURCES_MAX && oldest !== undefined) this.#sources.delete(oldest);
      window = new TryWindow();
      this.#sources.set(key, window);
    }
    return window;
  }
}

function newBudget(version: number, windows: Budget['windows'], known: Map<string, number>): Budget {
  const lease = { tries: 0, untilUnixMs: 0 };
  return { version, windows, known, lease, refusedByControlUnixMs: Number.NEGATIVE_INFINITY };
}

function refused(reason: 'exhausted' | 'source-exhausted', waitMs: number): TryAnswer {
  return { kind: 'refused', reason, waitMs: Math.max(1000, waitMs) };
}
