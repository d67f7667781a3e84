/** A time as people read it, in UTC, to the minute: `2026-11-26 14:05`. That it is UTC is for the sentence around it to say. */
export function utcMinute(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** Its day in UTC: `2026-11-26`. */
export function utcDay(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}
