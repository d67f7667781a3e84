import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asked, problemOf, requestWith } from '../../../testing/policy-asking.ts';
import { ZoneClock } from '../zone-clock.ts';

const at = (instant: string) => requestWith({ nowUnixMs: Date.parse(instant) });

function check(name: string, config: unknown, inside: string[], outside: string[]): void {
  for (const instant of inside)
    assert.equal(asked(name, config, at(instant)), 'true', `${JSON.stringify(config)} ${instant}`);
  for (const instant of outside)
    assert.equal(asked(name, config, at(instant)), 'false', `${JSON.stringify(config)} ${instant}`);
}

const BERLIN = { zone: 'Europe/Berlin' };

test('a window of time on some days, as clocks on the wall show it', () => {
  // 2026-03-02 is a Monday; Berlin is at +1.
  check(
    'time',
    { days: ['monday', 'friday'], from: '08:00', to: '18:00', ...BERLIN },
    ['2026-03-02T07:00:00Z', '2026-03-02T16:59:59.999Z', '2026-03-06T12:00:00Z'],
    ['2026-03-02T06:59:59.999Z', '2026-03-02T17:00:00Z', '2026-03-03T12:00:00Z', '2026-03-01T12:00:00Z'],
  );
  check('time', { from: '08:00', to: '24:00', zone: 'UTC' }, ['2026-03-02T23:59:59Z'], ['2026-03-03T00:00:00Z']);
});

test('whole days', () => {
  check(
    'time',
    { days: ['sunday'], ...BERLIN },
    ['2026-02-28T23:00:00Z', '2026-03-01T22:59:59Z'],
    ['2026-02-28T22:59:59Z', '2026-03-01T23:00:00Z'],
  );
  // Before 1970 too, although nobody asks.
  check('time', { days: ['wednesday'], zone: 'UTC' }, ['1969-12-31T12:00:00Z'], ['1969-12-30T12:00:00Z']);
});

test('a window over midnight belongs to the day on which it begins', () => {
  check(
    'time',
    { days: ['friday'], from: '22:00', to: '06:00', zone: 'UTC' },
    ['2026-03-06T22:00:00Z', '2026-03-06T23:59:59Z', '2026-03-07T00:00:00Z', '2026-03-07T05:59:59Z'],
    ['2026-03-06T05:00:00Z', '2026-03-06T21:59:59Z', '2026-03-07T06:00:00Z', '2026-03-07T22:00:00Z'],
  );
  check('time', { days: ['sunday'], from: '22:00', to: '06:00', zone: 'UTC' }, ['2026-03-02T01:00:00Z'], []);
});

test('clocks that are put forward and back', () => {
  // Berlin, 2026-03-29: 02:00 becomes 03:00, which is 01:00Z. 2026-10-25: 03:00 becomes 02:00, which is 01:00Z.
  const morning = { from: '02:30', to: '04:00', ...BERLIN };
  check(
    'time',
    morning,
    ['2026-03-29T01:00:00Z', '2026-03-29T01:59:59Z'],
    ['2026-03-29T00:59:59Z', '2026-03-29T02:00:00Z'],
  );
  check('time', { from: '02:10', to: '02:50', ...BERLIN }, [], ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z']);
  const twice = { from: '02:00', to: '03:00', ...BERLIN };
  check(
    'time',
    twice,
    ['2026-10-25T00:00:00Z', '2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z', '2026-10-25T01:59:59Z'],
    ['2026-10-24T23:59:59Z', '2026-10-25T02:00:00Z'],
  );
  // Lord Howe moves by half an hour, Kathmandu is at +5:45.
  check('time', { from: '02:00', to: '02:30', zone: 'Australia/Lord_Howe' }, [], ['2026-10-03T15:30:00Z']);
  check(
    'time',
    { from: '12:00', to: '12:15', zone: 'Asia/Kathmandu' },
    ['2026-03-02T06:15:00Z'],
    ['2026-03-02T06:30:00Z'],
  );
});

test('a range of dates includes both, in days or in minutes', () => {
  check(
    'date',
    { from: '2026-03-28', to: '2026-03-29', ...BERLIN },
    ['2026-03-27T23:00:00Z', '2026-03-29T21:59:59Z'],
    ['2026-03-27T22:59:59Z', '2026-03-29T22:00:00Z'],
  );
  check('date', { from: '2026-01-01T08:00', zone: 'UTC' }, ['2026-01-01T08:00:00Z'], ['2026-01-01T07:59:59Z']);
  check('date', { to: '2026-01-01T08:00', zone: 'UTC' }, ['2026-01-01T08:00:59Z'], ['2026-01-01T08:01:00Z']);
  check('date', { to: '2026-12-31', zone: 'UTC' }, ['2026-12-31T23:59:59Z'], ['2027-01-01T00:00:00Z']);
});

test('what they do not take', () => {
  const table: [name: string, config: unknown, problem: RegExp][] = [
    ['time', { days: ['monday'] }, /^time.zone/],
    ['time', { days: ['monday'], zone: 'Berlin' }, /IANA/],
    ['time', { days: ['monday'], zone: '+01:00' }, /by name/],
    ['time', { ...BERLIN }, /days, or from and to/],
    ['time', { days: ['mon'], ...BERLIN }, /one of monday/],
    ['time', { from: '8:00', to: '18:00', ...BERLIN }, /^time.from: a time such as 08:00/],
    ['time', { from: '08:00', ...BERLIN }, /^time.to/],
    ['time', { from: '08:00', to: '24:30', ...BERLIN }, /^time.to/],
    ['time', { from: '08:00', to: '08:00', ...BERLIN }, /other than the end/],
    ['date', { ...BERLIN }, /from or to/],
    ['date', { from: '2026-02-30', ...BERLIN }, /^date.from: a date/],
    ['date', { from: '2026-3-1', ...BERLIN }, /^date.from/],
    ['date', { from: '2026-03-02', to: '2026-03-01', ...BERLIN }, /an end after/],
  ];
  for (const [name, config, problem] of table) assert.match(problemOf(name, config), problem);
});

test('a zone clock that remembers says what the calendar says', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'UTC',
    'Africa/Casablanca',
  ];
  const clocks = new Map(zones.map((zone) => [zone, new ZoneClock(zone)]));
  const instant = fc.integer({ min: Date.parse('2000-01-01Z'), max: Date.parse('2037-01-01Z') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instant, (zone, unixMs) => {
      const there = Temporal.Instant.fromEpochMilliseconds(unixMs).toZonedDateTimeISO(zone);
      const wall = there.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds;
      assert.equal(clocks.get(zone)?.localMs(unixMs), wall);
    }),
    { numRuns: 2_000 },
  );
});

test('a zone clock knows the very millisecond of a change', () => {
  const change = Date.parse('2026-03-29T01:00:00Z');
  for (const order of [
    [change - 1, change],
    [change, change - 1],
  ]) {
    const clock = new ZoneClock('Europe/Berlin');
    const offsets = order.map((unixMs) => (clock.localMs(unixMs) - unixMs) / 3_600_000);
    assert.deepEqual(offsets, order[0] === change ? [2, 1] : [1, 2]);
  }
});
