/** Who lives where, and where PoPs may stand: what a `SteeringWorld` is made of. */
import { placeOfCountry } from '../io/geo/country-places.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { WorldClient, WorldPop } from './steering-world.ts';

/** People in millions (rounded, United Nations estimates of 2024) of the countries that hold most of the world's. */
const PEOPLE =
  'IN 1450 CN 1419 US 345 ID 283 PK 251 NG 233 BR 212 BD 174 RU 145 ET 132 MX 131 JP 124 EG 117 PH 116 CD 109 VN 101 ' +
  'IR 92 TR 87 DE 85 TH 72 TZ 69 GB 69 FR 67 ZA 64 IT 59 KE 56 MM 54 CO 53 KR 52 UG 50 SD 50 ES 48 DZ 47 IQ 46 AR 46 ' +
  'AF 43 YE 41 CA 40 PL 39 MA 38 AO 38 UA 38 UZ 36 MY 36 MZ 35 GH 34 PE 34 SA 34 MG 32 CI 32 NP 30 CM 29 VE 28 NE 27 ' +
  'AU 27 KP 27 SY 25 ML 24 BF 24 TW 23 LK 23 KZ 21 ZM 21 TD 20 CL 20 RO 19 SO 19 GT 18 NL 18 SN 19 EC 18 KH 18 ZW 17 ' +
  'BE 12 CZ 11 GR 10 PT 10 SE 11 HU 10 AT 9 CH 9 IL 9 DK 6 FI 6 NO 6 SG 6 IE 5 NZ 5';

/** Cities with data centres, the most common choices first. */
const CITIES =
  'amsterdam 52.37 4.9|newyork 40.71 -74.01|singapore 1.35 103.82|frankfurt 50.11 8.68|losangeles 34.05 -118.24|' +
  'tokyo 35.68 139.69|saopaulo -23.55 -46.63|sydney -33.87 151.21|mumbai 19.08 72.88|johannesburg -26.2 28.04|' +
  'london 51.51 -0.13|paris 48.86 2.35|dallas 32.78 -96.8|chicago 41.88 -87.63|seoul 37.57 126.98|hongkong 22.32 114.17|' +
  'stockholm 59.33 18.06|madrid 40.42 -3.7|milan 45.46 9.19|warsaw 52.23 21.01|dubai 25.2 55.27|lagos 6.52 3.38|' +
  'nairobi -1.29 36.82|cairo 30.04 31.24|istanbul 41.01 28.98|delhi 28.61 77.21|chennai 13.08 80.27|jakarta -6.21 106.85|' +
  'bangkok 13.76 100.5|manila 14.6 120.98|osaka 34.69 135.5|melbourne -37.81 144.96|auckland -36.85 174.76|' +
  'seattle 47.61 -122.33|miami 25.76 -80.19|denver 39.74 -104.99|atlanta 33.75 -84.39|toronto 43.65 -79.38|' +
  'mexicocity 19.43 -99.13|bogota 4.71 -74.07|lima -12.05 -77.04|santiago -33.45 -70.67|buenosaires -34.6 -58.38|' +
  'dublin 53.35 -6.26|vienna 48.21 16.37|zurich 47.37 8.54|helsinki 60.17 24.94|moscow 55.76 37.62|riyadh 24.71 46.68|' +
  'karachi 24.86 67.01|hamburg 53.55 9.99|munich 48.14 11.58|berlin 52.52 13.4|duesseldorf 51.23 6.78';

export function popsAt(names: readonly string[], capacity: number): WorldPop[] {
  return names.map((id) => {
    const [, latitude, longitude] = (CITIES.split('|').find((row) => row.startsWith(`${id} `)) ?? '').split(' ');
    if (latitude === undefined) throw new Error(`no city ${id}`);
    return { id, latitude: Number(latitude), longitude: Number(longitude), capacity };
  });
}

export function mostCommonCities(count: number): string[] {
  return CITIES.split('|')
    .slice(0, count)
    .map((row) => row.split(' ')[0] ?? '');
}

/**
 * Clients of the given countries (all of the table where none is given) by their people, scattered around the centres
 * of their countries: some hundred kilometres, more in large countries.
 */
export function clientsOf(count: number, random: SeededRandom, countries?: readonly string[]): WorldClient[] {
  const words = PEOPLE.split(' ');
  const people = words
    .filter((_, index) => index % 2 === 0)
    .map((code, index) => [code, Number(words[2 * index + 1])] as const)
    .filter(([code]) => !countries || countries.includes(code));
  return Array.from({ length: count }, (_, index) => {
    const place = placeOfCountry(weighted(people, random)) ?? [];
    const point = weighted(
      place.map((one) => [one, one.weight] as const),
      random,
    );
    const scatter = place.length > 1 ? 4 : 2;
    return {
      prefix: `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.0/24`,
      place,
      latitude: Math.max(-89, Math.min(89, point.latitude + scatter * (random.fraction() - 0.5))),
      longitude: point.longitude + scatter * (random.fraction() - 0.5),
      sessionsPerSecond: 0.02 + 0.06 * random.fraction(),
      accessMs: random.chance(0.3) ? 20 + 30 * random.fraction() : 2 + 8 * random.fraction(),
    };
  });
}

function weighted<Value>(values: readonly (readonly [Value, number])[], random: SeededRandom): Value {
  let left = random.fraction() * values.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of values) {
    left -= weight;
    if (left < 0) return value;
  }
  return (values.at(-1) as readonly [Value, number])[0];
}
