/** Where nodes are, and how long a packet takes from one to the other. */
import { type Coordinates, greatCircleKm } from '../src/core/steering/index.ts';
import type { SeededRandom } from '../src/testing/seeded-random.ts';
import { mostCommonCities, popsAt } from '../src/testing/steering-clients.ts';

export type Region = 'america' | 'europe' | 'africa' | 'asia' | 'pacific';

export interface Place extends Coordinates {
  readonly city: string;
  readonly region: Region;
  /** Round trip of its access network. */
  readonly accessMs: number;
}

const CITIES = 54;

/** The cities in which PoPs stand, the most common first; several PoPs in each where there are more PoPs than cities. */
export function popPlaces(count: number): Place[] {
  const cities = cityPlaces();
  return Array.from({ length: count }, (_, index) => cities[index % cities.length] as Place);
}

/** Somewhere near a city, as offices are. */
export function connectorPlaces(count: number, random: SeededRandom): Place[] {
  const cities = cityPlaces();
  return Array.from({ length: count }, () => {
    const { city, region, latitude, longitude } = random.pick(cities);
    const near = {
      latitude: latitude + 4 * (random.fraction() - 0.5),
      longitude: longitude + 4 * (random.fraction() - 0.5),
    };
    return { city, region, ...near, accessMs: 1 + 9 * random.fraction() };
  });
}

export function regionOf({ latitude, longitude }: Coordinates): Region {
  if (longitude < -30) return 'america';
  if (longitude < 60 && latitude > 36) return 'europe';
  if (longitude < 52) return 'africa';
  return latitude < -8 || longitude > 150 ? 'pacific' : 'asia';
}

/** Light in fibre, with a detour of 1.2 to 2 times the great circle that is always the same for two places. */
export function roundTripMs(
  a: Coordinates & { accessMs: number },
  b: Coordinates & { accessMs: number },
  detour: number,
): number {
  return 1 + a.accessMs + b.accessMs + greatCircleKm(a, b) * 0.01 * (1.2 + 0.8 * detour);
}

/** A number in [0, 1) that is always the same for two others. */
export function fractionOf(a: number, b: number): number {
  let value = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}

function cityPlaces(): Place[] {
  return popsAt(mostCommonCities(CITIES), 0).map(({ id, latitude, longitude }) => {
    const at = { latitude, longitude };
    return { city: id, region: regionOf(at), ...at, accessMs: 0.2 };
  });
}
