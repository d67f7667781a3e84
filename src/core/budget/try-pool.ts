import type { TryAllowance } from './allowance.ts';
import { TRIES_PER_LEASE, TRY_LEASE_MS, TRY_WINDOW_MS } from './constants.ts';

/** What control has handed out: when and how many. */
export type GrantedTries = readonly (readonly [unixMs: number, tries: number])[];

export interface LeaseOfTries {
  readonly granted: GrantedTries;
  /** 0: there is nothing at the moment. */
  readonly tries: number;
  readonly untilUnixMs: number;
}

/** Control's side: what a PoP gets of the pool, and what is remembered of it. */
export function leaseTries(granted: GrantedTries, allowance: TryAllowance, nowUnixMs: number): LeaseOfTries {
  const recent = granted.filter(([unixMs]) => unixMs > nowUnixMs - TRY_WINDOW_MS);
  const spent = recent.reduce((sum, [, tries]) => sum + tries, 0);
  const tries = Math.max(0, Math.min(TRIES_PER_LEASE, allowance.pooled - spent));
  const untilUnixMs = nowUnixMs + TRY_LEASE_MS;
  return { granted: tries === 0 ? recent : [...recent, [nowUnixMs, tries]], tries, untilUnixMs };
}
