import { type Measurements, megabits, waysOf } from '../../core/doctor/index.ts';
import type { DiagnosisFinding, ExaminedWay } from '../../core/link/index.ts';
import type { Style } from '../terminal/style.ts';
import { formatTable } from '../terminal/table.ts';

/** For a person: what was measured, then what is wrong and what to do. */
export function reportText(measurements: Measurements, findings: readonly DiagnosisFinding[], style: Style): string {
  const { source, proxy, pops } = measurements;
  const head = `Looked at the way from this machine to ${count(pops.length, 'PoP')} (${source}${proxy === undefined ? '' : `, proxy ${proxy}`}).`;
  const ways = waysOf(measurements);
  return [head, ...(ways.length > 0 ? [waysText(ways)] : []), findingsText(findings, style)].join('\n\n');
}

export function waysText(ways: readonly ExaminedWay[]): string {
  return formatTable(['pop', 'by', 'place', 'works', 'round trip', 'loss', 'largest', 'speed'], ways.map(cellsOf));
}

export function findingsText(findings: readonly DiagnosisFinding[], style: Style): string {
  if (findings.length === 0) return style.good('✓ Nothing stands in the way.');
  return findings.map((finding) => findingText(finding, style)).join('\n\n');
}

function findingText({ weight, what, advice }: DiagnosisFinding, style: Style): string {
  const mark = weight === 'bad' ? style.bad('✗') : style.dim('·');
  return `${mark} ${style.strong(what)}\n  ${advice}`;
}

function cellsOf({ pop, by, place, outcome, rttMs, loss, largestBytes, bytesPerSecond }: ExaminedWay): string[] {
  return [
    ...[pop, by.toUpperCase(), place, outcome === 'ok' ? 'yes' : outcome.replaceAll('-', ' ')],
    rttMs === undefined ? '-' : `${rttMs.toFixed(1)} ms`,
    loss === undefined ? '-' : `${Math.round(loss * 100)} %`,
    largestBytes === undefined ? '-' : `${largestBytes} B`,
    bytesPerSecond === undefined ? '-' : megabits(bytesPerSecond),
  ];
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
