import type { Criterion } from '../criterion.ts';
import { oneOf, type ProblemList, readObject, readText, readTextList } from '../problem.ts';
import { truthOf } from '../truth.ts';
import { faultInZone, ZoneClock } from '../zone-clock.ts';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
type Day = (typeof DAYS)[number];

/** `22:00` to `06:00` goes over midnight and belongs to the day on which it begins. */
export interface TimeConfig {
  /** Left out: every day. */
  readonly days?: readonly Day[];
  /** Local time, `08:00`; left out with `to`: the whole day. */
  readonly from?: string;
  /** The first minute that is outside; `24:00` is the end of the day. */
  readonly to?: string;
  /** IANA name. */
  readonly zone: string;
}

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = DAYS.indexOf('thursday');

/**
 * Whether clocks on the walls of a zone show a time within. When clocks are put forward the time that is left out is
 * within no window; when they are put back the hour that comes twice is within twice.
 */
export const time: Criterion<TimeConfig> = {
  expects: 'an object with zone, and days or from and to',
  parse: parseTime,
  compile({ days = DAYS, from = '00:00', to = '24:00', zone }) {
    const clock = new ZoneClock(zone);
    const listed = DAYS.map((day) => days.includes(day));
    const [fromMs, toMs] = [msOf(from), msOf(to)];
    const overMidnight = toMs <= fromMs;
    return ({ nowUnixMs }) => {
      const local = clock.localMs(nowUnixMs);
      const dayNumber = Math.floor(local / DAY_MS);
      const inDayMs = local - dayNumber * DAY_MS;
      const today = (((dayNumber + FIRST_DAY) % 7) + 7) % 7;
      if (!overMidnight) return truthOf(listed[today] === true && inDayMs >= fromMs && inDayMs < toMs);
      if (inDayMs >= fromMs) return truthOf(listed[today] === true);
      return truthOf(inDayMs < toMs && listed[(today + 6) % 7] === true);
    };
  },
};

function parseTime(json: unknown, path: string, list: ProblemList): TimeConfig | undefined {
  const object = readObject(json, path, ['days', 'from', 'to', 'zone'], list);
  if (!object) return undefined;
  const zone = readText(object['zone'], `${path}.zone`, list);
  if (zone === undefined) return undefined;
  const fault = faultInZone(zone);
  if (fault !== undefined) return list.note(`${path}.zone`, fault, zone);
  const days = object['days'] === undefined ? DAYS : readTextList(object['days'], `${path}.days`, list, oneOf(DAYS));
  if (!days) return undefined;
  const isWholeDay = object['from'] === undefined && object['to'] === undefined;
  if (isWholeDay && object['days'] === undefined) return list.note(path, 'days, or from and to', json);
  const said = object['days'] === undefined ? {} : { days: days as readonly Day[] };
  if (isWholeDay) return { ...said, zone };
  const from = readTime(object['from'], `${path}.from`, list);
  const to = readTime(object['to'], `${path}.to`, list);
  if (from === undefined || to === undefined) return undefined;
  if (from === to || from === '24:00') return list.note(`${path}.from`, 'a time other than the end', from);
  return { ...said, from, to, zone };
}

function readTime(json: unknown, path: string, list: ProblemList): string | undefined {
  if (typeof json === 'string' && TIME.test(json)) return json;
  return list.note(path, 'a time such as 08:00', json);
}

function msOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}
