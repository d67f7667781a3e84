/**
 * budget: how often secrets may be guessed and limited links used, counted once over all PoPs: each has its share and
 * spends it on the record before it acts, control hands out the rest.
 *
 * Read first: `allowance.ts` (how much), `try-budget.ts` (a PoP's side), `try-pool.ts` (control's), `use-budget.ts`.
 * Device cookies after "Slow Down Online Guessing Attacks with Device Cookies" (OWASP).
 */
export { type GuessableMethod, TRY_ALLOWANCES, type TryAllowance } from './allowance.ts';
export { TRY_WINDOW_MS } from './constants.ts';
export { Places } from './places.ts';
export { sharedUses, standingShare } from './shares.ts';
export { type SpentTry, type Try, type TryAnswer, TryBudget, type TryState } from './try-budget.ts';
export { type GrantedTries, type LeaseOfTries, leaseTries } from './try-pool.ts';
export { type LimitedLink, UseBudget, type UseState } from './use-budget.ts';
