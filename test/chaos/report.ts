/** The table at the end of a run. */
import type { ChaosResult } from './run.ts';

/** Violations shown; their number is told in any case. */
const SHOWN_AT_MOST = 12;
const SHOWN_CHARS = 220;

export function chaosTable(result: ChaosResult): string {
  const { requests, allowed, violations, stallsMs } = result;
  const total = Object.values(requests).reduce((sum, one) => sum + one, 0);
  const rows: readonly (readonly [string, string | number])[] = [
    ['seed', result.seed],
    ['seconds', result.seconds],
    ...Object.entries(result.strikes).map(([fault, times]) => [`struck: ${fault}`, times] as const),
    ...Object.entries(result.leftOut).map(([fault, why]) => [`left out: ${fault}`, why] as const),
    ['requests', total],
    ...Object.entries(requests).map(([kind, times]) => [`  ${kind}`, times] as const),
    ['downloads that were resumed by range', result.resumedDownloads],
    ['requests without a happy end', result.unfinished],
    ...Object.entries(allowed).map(([what, times]) => [`allowed: ${what}`, times] as const),
    ['stall p50 / p99 / most', `${stallsMs.p50} / ${stallsMs.p99} / ${stallsMs.most} ms`],
    ['bytes corrupted', result.corruptedBytes],
    ['acknowledged writes lost', result.lostWrites],
    ['effects doubled', result.doubledEffects],
    ['violations', violations.length],
    ...Object.entries(result.forbidden).map(([what, times]) => [`  ${what}`, times] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const shown = violations.slice(0, SHOWN_AT_MOST).map((one) => `  VIOLATION ${one.slice(0, SHOWN_CHARS)}`);
  return [...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...shown].join('\n');
}
