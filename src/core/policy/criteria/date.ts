import type { Criterion } from '../criterion.ts';
import { type ProblemList, readObject, readText } from '../problem.ts';
import { truthOf } from '../truth.ts';
import { faultInZone, ZoneClock } from '../zone-clock.ts';

/** At least one end. `2026-03-01` is a whole day, so `to` is the last day; `2026-03-01T08:00` is a minute. */
export interface DateConfig {
  readonly from?: string;
  readonly to?: string;
  /** IANA name. */
  readonly zone: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d)?$/;

/** Whether it is between two dates, both included. */
export const date: Criterion<DateConfig> = {
  expects: 'an object with zone, and from or to or both',
  parse: parseDate,
  compile(config) {
    const [first, end] = boundsOf(config);
    return ({ nowUnixMs }) => truthOf(nowUnixMs >= first && nowUnixMs < end);
  },
};

/** The first instant within and the first one after. */
function boundsOf({ from, to, zone }: DateConfig): readonly [first: number, end: number] {
  const clock = new ZoneClock(zone);
  const first = from === undefined ? Number.NEGATIVE_INFINITY : clock.instantOf(from);
  if (to === undefined) return [first, Number.POSITIVE_INFINITY];
  if (to.includes('T')) return [first, clock.instantOf(to) + 60_000];
  return [first, clock.instantOf(Temporal.PlainDate.from(to).add({ days: 1 }).toString())];
}

function parseDate(json: unknown, path: string, list: ProblemList): DateConfig | undefined {
  const object = readObject(json, path, ['from', 'to', 'zone'], list);
  if (!object) return undefined;
  const zone = readText(object['zone'], `${path}.zone`, list);
  if (zone === undefined) return undefined;
  const fault = faultInZone(zone);
  if (fault !== undefined) return list.note(`${path}.zone`, fault, zone);
  const config: { zone: string; from?: string; to?: string } = { zone };
  for (const key of ['from', 'to'] as const) {
    const text = object[key];
    if (text === undefined) continue;
    if (typeof text !== 'string' || !isDate(text))
      return list.note(`${path}.${key}`, 'a date such as 2026-03-01, or a minute such as 2026-03-01T08:00', text);
    config[key] = text;
  }
  if (config.from === undefined && config.to === undefined) return list.note(path, 'from or to', json);
  const [first, end] = boundsOf(config);
  return first < end ? config : list.note(`${path}.to`, 'an end after the beginning', config.to);
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  try {
    Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}
