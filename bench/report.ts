/** What a benchmark tells: figures, as a table for people and as one line of JSON for machines. */

/** One measured number, beside the same number of somebody else where there is one. */
export interface Figure {
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly unit: string;
  /** ours / peer. */
  readonly ratio: number | null;
  /** What was asked: of the ratio where there is a peer, else of our number. */
  readonly target: number | null;
  readonly holds: boolean | null;
}

export type Figures = Readonly<Record<string, Figure>>;

/** A benchmark cannot run on this machine; the message says why. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export interface FigureOptions {
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly target?: number;
  /** Whether more is better (rates) or less (times, memory). */
  readonly better: 'more' | 'less';
}

export function figure(ours: number, options: FigureOptions): Figure {
  const { unit, peer, target, better } = options;
  const ratio = peer ? ours / peer.value : null;
  const judged = ratio ?? ours;
  const holds = target === undefined ? null : better === 'more' ? judged >= target : judged <= target;
  return {
    ours: rounded(ours),
    peer: peer ? rounded(peer.value) : null,
    peerName: peer?.name ?? null,
    unit,
    ratio: ratio === null ? null : rounded(ratio),
    target: target ?? null,
    holds,
  };
}

/** The middle value, or the mean of the two middle ones. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Of pairs measured right after one another: the medians, and the median of the ratios, which a noisy machine moves less. */
export function pairedFigure(
  pairs: readonly { readonly ours: number; readonly peer: number }[],
  peerName: string,
  options: Omit<FigureOptions, 'peer'>,
): Figure {
  const peer = { name: peerName, value: median(pairs.map((pair) => pair.peer)) };
  const whole = figure(median(pairs.map((pair) => pair.ours)), { ...options, peer });
  const ratio = median(pairs.map((pair) => pair.ours / pair.peer));
  const { target, better } = options;
  const holds = target === undefined ? null : better === 'more' ? ratio >= target : ratio <= target;
  return { ...whole, ratio: rounded(ratio), holds };
}

/** Measures ours and a peer by turns, `count` times; each pair is told of. */
export async function measuredPairs<Run>(
  count: number,
  measure: { readonly ours: () => Promise<Run>; readonly peer: () => Promise<Run> },
  said: (pair: { readonly ours: Run; readonly peer: Run }, which: string) => void,
): Promise<{ readonly ours: Run; readonly peer: Run }[]> {
  const pairs: { ours: Run; peer: Run }[] = [];
  for (let i = 1; i <= count; i++) {
    const pair = { ours: await measure.ours(), peer: await measure.peer() };
    pairs.push(pair);
    said(pair, `${i}/${count}`);
  }
  return pairs;
}

/** Columns for people. */
export function table(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, one]) => [
    name,
    `${one.ours} ${one.unit}`,
    one.peer === null ? '' : `${one.peer} ${one.unit} (${one.peerName})`,
    one.ratio === null ? '' : `x ${one.ratio}`,
    one.target === null ? '' : String(one.target),
    one.holds === null ? '' : one.holds ? 'holds' : 'FALLS SHORT',
  ]);
  const all = [['figure', 'ours', 'compared with', 'ratio', 'target', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The last line of a run with `--json`. */
export function jsonLine(bench: string, figures: Figures): string {
  return JSON.stringify({ bench, figures });
}

/** Four significant digits: no benchmark here knows more. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
