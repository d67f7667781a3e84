/** Times as people read them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Up to where it is counted in a unit, and how long one is. */
const UNITS: readonly (readonly [belowMs: number, unitMs: number, name: string])[] = [
  [100 * SECOND_MS, SECOND_MS, 's'],
  [100 * MINUTE_MS, MINUTE_MS, 'min'],
  [36 * HOUR_MS, HOUR_MS, 'h'],
  [100 * DAY_MS, DAY_MS, 'days'],
];
const DURATIONS: readonly (readonly [unitMs: number, name: string])[] = [
  [DAY_MS, 'days'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
  [SECOND_MS, 's'],
];
const SOON_MS = 5 * SECOND_MS;

/** UTC, to the second. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('T', ' ').slice(0, 19);
}

/** `12 min ago`, `in 3 days`; the day where that is far away. */
export function agoText(unixMs: number, nowUnixMs: number): string {
  const distanceMs = Math.abs(unixMs - nowUnixMs);
  if (distanceMs < SOON_MS) return 'just now';
  const unit = UNITS.find(([belowMs]) => distanceMs < belowMs);
  if (!unit) return timeText(unixMs).slice(0, 10);
  const text = `${Math.round(distanceMs / unit[1])} ${unit[2]}`;
  return unixMs < nowUnixMs ? `${text} ago` : `in ${text}`;
}

/** `3 days`, `90 s`: in the largest unit that it is whole in. */
export function durationText(ms: number): string {
  const unit = DURATIONS.find(([unitMs]) => ms >= unitMs && ms % unitMs === 0);
  if (!unit) return `${ms} ms`;
  const [unitMs, name] = unit;
  return ms === DAY_MS ? '1 day' : `${ms / unitMs} ${name}`;
}

/** For a log: the time of the day, with the day where that is another one. UTC. */
export function clockText(unixMs: number, nowUnixMs: number): string {
  const text = timeText(unixMs);
  const [day, clock] = [text.slice(0, 10), text.slice(11)];
  if (day === timeText(nowUnixMs).slice(0, 10)) return clock;
  return `${day.slice(0, 4) === timeText(nowUnixMs).slice(0, 4) ? day.slice(5) : day} ${clock}`;
}
