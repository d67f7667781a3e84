/** Lengths of time as people say them. */
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;
export type Unit = (typeof UNITS)[number][0];
export const UNIT_NAMES: readonly Unit[] = UNITS.map(([name]) => name);

/** In the largest unit that it is a whole number of. */
export function amountOf(ms: number): readonly [amount: number, unit: Unit] {
  const [unit, lengthMs] = UNITS.find(([, length]) => ms % length === 0) ?? UNITS[3];
  return [ms / lengthMs, unit];
}

export function msOf(amount: number, unit: Unit): number {
  const [, lengthMs] = UNITS.find(([name]) => name === unit) ?? UNITS[3];
  return Math.round(amount * lengthMs);
}

export function durationText(ms: number): string {
  const [amount, unit] = amountOf(ms);
  return amount === 1 ? unit : `${amount} ${unit}s`;
}
