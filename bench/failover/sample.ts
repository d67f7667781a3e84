/** What one repetition of a fault cost, and what many of them say. */
import type { Outcome } from '../../test/traffic/outcome.ts';

export interface Sample {
  /** The longest waits of people: gaps within streams, and times of whole small requests. */
  readonly stallsMs: readonly number[];
  /** Requests that failed though none of their two ends had died. */
  readonly failed: number;
  /** From the fault to the first line of a log about it. */
  readonly detectedMs: number | undefined;
  /** What failed, in words. */
  readonly complaints: readonly string[];
}

export interface Summary {
  readonly stallP50Ms: number;
  readonly stallP99Ms: number;
  readonly detectedP50Ms: number;
  readonly detectedP99Ms: number;
  readonly failed: number;
  readonly complaints: readonly string[];
}

export function summaryOf(samples: readonly Sample[]): Summary {
  const stalls = samples.flatMap((one) => one.stallsMs);
  const detected = samples.flatMap((one) => (one.detectedMs === undefined ? [] : [one.detectedMs]));
  return {
    stallP50Ms: quantile(stalls, 0.5),
    stallP99Ms: quantile(stalls, 0.99),
    detectedP50Ms: quantile(detected, 0.5),
    detectedP99Ms: quantile(detected, 0.99),
    failed: samples.reduce((sum, one) => sum + one.failed, 0),
    complaints: samples.flatMap((one) => one.complaints),
  };
}

/** The smallest value that so large a share of all is not above (nearest rank). NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Whether a request went well although somebody died: at most, a dead PoP's address had to be left. */
export type Excuse = (outcome: Outcome) => boolean;

export const NO_EXCUSE: Excuse = ({ isDone, incidents }) => isDone && incidents.length === 0;
/** A PoP that is gone refuses and resets its own connections; the person has what was asked for by another address. */
export const OTHER_ADDRESS: Excuse = ({ isDone, incidents }) =>
  isDone && incidents.every(({ trouble }) => trouble !== 'status');

export function sampleOf(
  outcomes: readonly Outcome[],
  isFine: Excuse,
  detectedMs: number | undefined = undefined,
): Sample {
  const bad = outcomes.filter((one) => !isFine(one) || one.wrongBytes > 0);
  return {
    stallsMs: outcomes.map(waitOf),
    failed: bad.length,
    detectedMs,
    complaints: bad.map((one) => JSON.stringify(one)),
  };
}

/** A small request is all wait. */
function waitOf({ kind, stallMs, fromUnixMs, toUnixMs }: Outcome): number {
  return kind === 'item' || kind === 'write' ? toUnixMs - fromUnixMs : stallMs;
}

/** Of many small requests, the one that waited longest: the others did not see the fault. */
export function slowest(outcomes: readonly Outcome[]): Outcome[] {
  const [first, ...others] = [...outcomes].sort((a, b) => waitOf(b) - waitOf(a));
  return first ? [first, ...others.filter(({ incidents, isDone }) => incidents.length > 0 || !isDone)] : [];
}

/** Milliseconds from a moment to the first line about a tunnel in a log of JSON lines. */
export function detectionMs(log: string, fromUnixMs: number): number | undefined {
  for (const line of log.split('\n')) {
    if (!line.includes('"event":"tunnel')) continue;
    const atMs = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
    if (atMs >= fromUnixMs) return atMs - fromUnixMs;
  }
  return undefined;
}
