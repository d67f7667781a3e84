/** Lengths of time and sizes as people say them: an amount of a unit. */
export type Units = readonly (readonly [name: string, size: number])[];

export const TIMES: Units = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1_000],
  ['milliseconds', 1],
];

export const SIZES: Units = [
  ['GiB', 1_073_741_824],
  ['MiB', 1_048_576],
  ['KiB', 1_024],
  ['bytes', 1],
];

/** In the largest unit that it is a whole number of. */
export function amountOf(value: number, units: Units): readonly [amount: number, unit: string] {
  const [unit, size] = units.find(([, one]) => value !== 0 && value % one === 0) ?? units.at(-1) ?? ['', 1];
  return [value / size, unit];
}

export function ofUnit(amount: number, unit: string, units: Units): number {
  return Math.round(amount * (units.find(([name]) => name === unit)?.[1] ?? 1));
}

export function durationText(ms: number): string {
  const [amount, unit] = amountOf(ms, TIMES);
  return amount === 1 ? unit.slice(0, -1) : `${amount} ${unit}`;
}
