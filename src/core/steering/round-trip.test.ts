import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACCESS_MAX_MS, CLAIM_FLOOR_SHARE, RTT_BASE_MS, RTT_UNKNOWN_MS, SAMPLES_MIN } from './constants.ts';
import { estimatedRttMs, greatCircleKm, predictedRttsMs } from './round-trip.ts';

const AMSTERDAM = { latitude: 52.37, longitude: 4.9 };
const SYDNEY = { latitude: -33.87, longitude: 151.21 };
const at = (place: { latitude: number; longitude: number }, weight = 1) => ({ ...place, weight });

describe('great circle', () => {
  // Distances as published by the great circle mapper (gcmap.com) between the airports of these cities, within 1 %.
  for (const [name, a, b, km] of [
    ['Amsterdam to Sydney', AMSTERDAM, SYDNEY, 16_650],
    ['London to New York', { latitude: 51.47, longitude: -0.45 }, { latitude: 40.64, longitude: -73.78 }, 5_540],
    ['across the date line', { latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 }, 111],
    ['nowhere', AMSTERDAM, AMSTERDAM, 0],
    ['to the other side', { latitude: 90, longitude: 0 }, { latitude: -90, longitude: 0 }, 20_015],
  ] as const) {
    test(name, () => assert.ok(Math.abs(greatCircleKm(a, b) - km) <= km * 0.01, String(greatCircleKm(a, b))));
  }
});

describe('estimated round trip', () => {
  test('next door has the access network alone', () =>
    assert.equal(estimatedRttMs([at(AMSTERDAM)], AMSTERDAM), RTT_BASE_MS));
  test('is the mean over where a client may be', () => {
    const half = estimatedRttMs([at(AMSTERDAM), at(SYDNEY)], AMSTERDAM);
    const all = estimatedRttMs([at(SYDNEY)], AMSTERDAM);
    assert.ok(Math.abs(half - RTT_BASE_MS - (all - RTT_BASE_MS) / 2) < 1e-9);
  });
  test('of an unknown place is a constant', () => assert.equal(estimatedRttMs([], AMSTERDAM), RTT_UNKNOWN_MS));
});

describe('predicted round trip', () => {
  const estimate = (estimateMs: number) => ({ estimateMs, measured: undefined, isClaim: true });
  const own = (estimateMs: number, rttMs: number, samples = SAMPLES_MIN) => ({
    estimateMs,
    measured: { rttMs, samples },
    isClaim: false,
  });
  const claim = (estimateMs: number, rttMs: number) => ({ ...own(estimateMs, rttMs), isClaim: true });
  for (const [name, evidence, expected] of [
    ['without measurements is the estimate', [estimate(10), estimate(20)], [10, 20]],
    ['a measurement goes before an estimate', [own(10, 14), estimate(20)], [14, 24]],
    [
      'what access costs is learnt from the one that costs least',
      [own(10, 40), own(20, 25), estimate(30)],
      [40, 25, 35],
    ],
    [
      'a measurement that is far too long makes the others worth a try',
      [own(10, 90), estimate(20)],
      [90, 20 + ACCESS_MAX_MS],
    ],
    ['a shorter measurement makes no estimate shorter', [own(10, 5), estimate(20)], [5, 20]],
    ['a single measurement that is good news counts', [own(20, 10, 1), estimate(15)], [10, 15]],
    ['a single measurement that is bad news does not', [own(10, 90, 1), estimate(15)], [10, 15]],
    ['a claim is believed within reason', [claim(20, 10)], [10]],
    ['a claim that beats light is not', [claim(100, 1)], [100 * CLAIM_FLOOR_SHARE]],
  ] as const) {
    test(name, () => assert.deepEqual(predictedRttsMs(evidence), expected));
  }
});
