import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  certificateState,
  chooseProof,
  orderLookUnixMs,
  type ProofKind,
  REFUSED_DELAYS_MS,
  type RenewalWindow,
  renewalUnixMs,
  retryUnixMs,
  type Setback,
  windowCheckUnixMs,
} from './index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const living = (days: number) => ({ notBeforeUnixMs: START, notAfterUnixMs: START + days * DAY });

describe('a certificate is renewed', () => {
  const cases: [what: string, days: number, window: [number, number] | undefined, chance: number, afterDays: number][] =
    [
      ['of 90 days after 60', 90, undefined, 0, 60],
      ['a little later where chance has it so', 90, undefined, 1, 64.5],
      ['of a year after two thirds', 366, undefined, 0, 244],
      ['of 10 days after 5', 10, undefined, 0, 5],
      ['of 6 days after 3', 6, undefined, 0, 3],
      ['of an hour after half of it', 1 / 24, undefined, 0, 0.5 / 24],
      ['in the window of its authority', 90, [50, 52], 0.5, 51],
      ['in one that is over long ago: at once', 90, [-10, -9], 0.5, -9.5],
      ['in one that opens too late: while it lives', 90, [95, 99], 0.5, 85.5],
    ];
  for (const [what, days, window, chance, afterDays] of cases)
    test(what, () => {
      const of: RenewalWindow | undefined = window && {
        startUnixMs: START + window[0] * DAY,
        endUnixMs: START + window[1] * DAY,
      };
      assert.equal(renewalUnixMs(living(days), of, chance), Math.floor(START + afterDays * DAY));
    });

  test('always before it ends, whatever the window says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 800 }),
        fc.integer({ min: -99, max: 999 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (days, start, chance) => {
          const startUnixMs = START + start * DAY;
          const window = { startUnixMs, endUnixMs: startUnixMs + 2 * DAY };
          for (const at of [
            renewalUnixMs(living(days), window, chance),
            renewalUnixMs(living(days), undefined, chance),
          ])
            assert.ok(at < START + days * DAY);
        },
      ),
    );
  });

  test('and its window is asked for now and then', () => {
    const after = (retryAfterMs?: number) => windowCheckUnixMs(START, retryAfterMs) - START;
    assert.deepEqual([after(), after(0), after(2 * HOUR), after(40 * DAY)], [6 * HOUR, 60_000, 2 * HOUR, DAY]);
  });
});

describe('what failed is tried again', () => {
  const after = (setback: Setback, failures: number, retryAfterMs?: number, chance = 0) =>
    retryUnixMs(setback, failures, { nowUnixMs: START, retryAfterMs, chance }) - START;

  for (const [what, got, expected] of [
    ['soon where the directory could not be reached', after('unreachable', 1), 30_000],
    ['every hour in the end', after('unreachable', 99), HOUR],
    ['after five minutes where it refused', after('refused', 1), 300_000],
    ['once a day in the end', after('refused', 99), DAY],
    ['after an hour where there were too many', after('rate-limited', 1), HOUR],
    ['when the directory says', after('rate-limited', 1, 30 * HOUR), 30 * HOUR],
    ['also when it says less than usual', after('rate-limited', 4, 600_000), 600_000],
    ['not sooner than it says', after('unreachable', 1, HOUR), HOUR],
    ['with some chance in it', after('refused', 1, undefined, 1), 375_000],
    ['with no more chance than the usual pause has', after('rate-limited', 1, 7 * DAY, 1), 7 * DAY + HOUR / 4],
  ] as const)
    test(what, () => assert.equal(got, expected));

  test('less than five times an hour, which is what authorities allow', () => {
    let atMs = 0;
    let tries = 1;
    for (let failures = 1; atMs < HOUR; failures++) {
      atMs += REFUSED_DELAYS_MS[failures - 1] ?? DAY;
      if (atMs < HOUR) tries++;
    }
    assert.ok(tries <= 4, `${tries} tries`);
  });
});

test('an order is looked at less and less often, and no sooner than the directory asks', () => {
  const after = (sinceMs: number, retryAfterMs?: number) =>
    orderLookUnixMs(START + sinceMs, START, retryAfterMs) - START - sinceMs;
  assert.deepEqual([after(0), after(4_000), after(HOUR), after(0, 15_000)], [500, 1_500, 10_000, 15_000]);
});

describe('a name is proved', () => {
  const all: ProofKind[] = ['http-01', 'tls-alpn-01', 'dns-01'];
  for (const [what, wanted, offered, failures, expected] of [
    ['by what is wanted most', all, all, 0, 'http-01'],
    ['by the next after a failure', all, all, 1, 'tls-alpn-01'],
    ['in turns', all, all, 3, 'http-01'],
    ['by what the directory offers', all, ['dns-01'], 0, 'dns-01'],
    ['by nothing where it offers nothing of that', ['http-01'], ['dns-01'], 0, undefined],
    ['by nothing where nothing is wanted', [], all, 5, undefined],
  ] as const)
    test(what, () => assert.equal(chooseProof(wanted, offered, failures), expected));
});

test('its state is told in a word', () => {
  const validity = living(90);
  const now = START + DAY;
  const states = [
    certificateState({ validity: undefined, isOrdering: false, failures: 3 }, now),
    certificateState({ validity: undefined, isOrdering: true, failures: 0 }, now),
    certificateState({ validity, isOrdering: false, failures: 0 }, now),
    certificateState({ validity, isOrdering: true, failures: 1 }, now),
    certificateState({ validity, isOrdering: false, failures: 1 }, now),
    certificateState({ validity, isOrdering: true, failures: 1 }, START + 90 * DAY),
  ];
  assert.deepEqual(states, ['missing', 'ordering', 'valid', 'renewing', 'failing', 'expired']);
});
