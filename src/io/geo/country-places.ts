import type { ClientPlace } from '../../core/steering/index.ts';

/**
 * Where the people of each country live: ISO 3166-1 code, latitude, longitude, and for large countries several points
 * with their share in tenths. Rounded by hand from the positions of the largest cities; half a degree matters to nobody.
 */
const ROWS = `
AD 42.5 1.5|AE 25.1 55.2|AF 34.5 69.2|AG 17.1 -61.8|AI 18.2 -63.1|AL 41.3 19.8|AM 40.2 44.5|AO -9.5 14.0|AQ -77.8 166.7
AR -34.6 -58.6 7|AR -32.0 -64.5 3|AS -14.3 -170.7|AT 48.0 15.8|AW 12.5 -70.0|AX 60.1 19.9|AZ 40.4 49.5
AU -33.8 150.9 4|AU -37.8 145.0 3|AU -27.5 153.0 2|AU -32.0 115.9 1
BA 43.9 18.2|BB 13.1 -59.6|BD 23.8 90.4|BE 50.8 4.4|BF 12.3 -1.7|BG 42.6 24.3|BH 26.2 50.6|BI -3.3 29.5|BJ 6.6 2.4|BL 17.9 -62.8
BM 32.3 -64.8|BN 4.9 114.9|BO -17.0 -66.0|BQ 12.2 -68.3|BS 25.0 -77.4|BT 27.5 89.6|BV -54.4 3.4|BW -24.2 26.1|BY 53.8 28.0|BZ 17.4 -88.5
BR -23.2 -46.2 5|BR -12.0 -38.8 2|BR -6.0 -36.5 2|BR -28.5 -51.0 1
CA 43.8 -79.2 5|CA 45.5 -73.6 2|CA 49.3 -122.9 2|CA 51.5 -113.8 1|CC -12.2 96.8|CD -4.4 18.0|CF 4.5 18.6|CG -4.3 14.6|CH 47.2 7.9
CI 5.8 -4.4|CK -21.2 -159.8|CL -33.4 -70.8|CM 4.4 10.8|CO 5.3 -74.8|CR 9.9 -84.1|CU 22.6 -81.0|CV 15.0 -23.6|CW 12.2 -68.9
CX -10.4 105.7|CY 35.0 33.3|CZ 49.9 15.3|CN 31.2 120.0 3|CN 39.5 116.5 3|CN 23.1 113.3 2|CN 30.2 105.0 2
DE 50.9 9.2|DJ 11.6 43.1|DK 55.7 11.4|DM 15.4 -61.4|DO 18.7 -70.2|DZ 36.4 3.0|EC -1.5 -79.3|EE 59.2 25.2|EG 30.2 31.2|EH 27.1 -13.2
ER 15.3 38.9|ES 40.0 -2.6|ET 9.1 38.9|FI 61.0 24.6|FJ -17.9 178.2|FK -51.7 -57.9|FM 6.9 158.2|FO 62.0 -6.8|FR 47.6 2.6
GA 0.3 9.9|GB 52.2 -1.2|GD 12.1 -61.7|GE 41.8 44.2|GF 4.9 -52.4|GG 49.5 -2.5|GH 5.9 -0.8|GI 36.1 -5.4|GL 64.8 -51.0|GM 13.4 -16.6
GN 9.9 -12.6|GP 16.2 -61.5|GQ 3.1 9.2|GR 38.4 23.3|GS -54.3 -36.5|GT 14.7 -90.8|GU 13.5 144.8|GW 11.9 -15.4|GY 6.7 -58.1
HK 22.3 114.2|HM -53.1 73.5|HN 14.8 -87.4|HR 45.5 16.1|HT 18.7 -72.3|HU 47.4 19.3|IE 53.2 -6.8|IL 32.1 34.9|IM 54.2 -4.5
ID -6.6 107.5 6|ID -7.5 112.3 3|ID 1.5 100.5 1|IN 26.5 79.5 4|IN 19.0 74.5 2|IN 13.0 78.5 3|IN 23.0 88.0 1|IO -7.3 72.4|IQ 33.2 44.2
IR 34.8 51.2|IS 64.1 -21.8|IT 43.2 11.4|JE 49.2 -2.1|JM 18.0 -76.8|JO 31.9 35.9|JP 35.5 138.2|KE -1.0 36.9|KG 42.0 74.0
KH 11.7 104.8|KI 1.4 173.0|KM -11.7 43.3|KN 17.3 -62.7|KP 39.2 126.1|KR 37.0 127.4|KW 29.3 47.9|KY 19.3 -81.3|KZ 46.5 72.5
LA 17.8 102.9|LB 33.9 35.6|LC 13.9 -61.0|LI 47.2 9.5|LK 7.0 80.2|LR 6.4 -10.7|LS -29.4 27.7|LT 55.0 24.2|LU 49.6 6.1|LV 56.9 24.3
LY 32.6 15.2|MA 33.4 -6.9|MC 43.7 7.4|MD 47.1 28.7|ME 42.5 19.2|MF 18.1 -63.1|MG -19.0 47.3|MH 7.1 171.3|MK 41.8 21.5
ML 12.8 -7.6|MM 18.5 96.0|MN 47.8 106.5|MO 22.2 113.5|MP 15.2 145.7|MQ 14.6 -61.0|MR 18.1 -15.8|MS 16.7 -62.2|MT 35.9 14.5|MU -20.2 57.5
MV 4.2 73.5|MW -14.0 34.3|MX 20.3 -100.2|MY 3.3 102.0|MZ -20.0 35.5|NA -21.0 16.8|NC -22.2 166.4|NE 13.6 4.2|NF -29.0 168.0
NG 8.2 5.8|NI 12.3 -86.3|NL 52.1 4.9|NO 60.2 9.4|NP 27.6 84.9|NR -0.5 166.9|NU -19.1 -169.9|NZ -38.3 175.4|OM 23.3 58.0
PA 8.9 -79.8|PE -11.5 -77.0|PF -17.6 -149.5|PG -6.8 146.0|PH 13.8 121.4|PK 31.2 72.2|PL 51.9 19.3|PM 46.8 -56.2|PN -25.1 -130.1
PR 18.3 -66.3|PS 31.8 34.9|PT 39.9 -8.7|PW 7.4 134.5|PY -25.4 -57.2|QA 25.3 51.5|RE -21.1 55.5|RO 45.4 25.8|RS 44.5 20.5
RU 55.4 38.5 6|RU 56.0 56.0 2|RU 55.0 82.0 1|RU 50.0 130.0 1|RW -2.0 30.0|SA 24.0 43.8|SB -9.4 160.0|SC -4.6 55.5|SD 14.8 32.6
SE 58.8 16.0|SG 1.3 103.8|SH -15.9 -5.7|SI 46.1 14.7|SJ 78.2 15.6|SK 48.6 18.8|SL 8.4 -12.6|SM 43.9 12.5|SN 14.7 -16.8|SO 2.9 45.0
SR 5.8 -55.2|SS 6.0 31.2|ST 0.3 6.7|SV 13.7 -89.1|SX 18.0 -63.1|SY 34.6 36.9|SZ -26.4 31.3|TC 21.8 -72.2|TD 11.5 16.2
TF -49.4 70.2|TG 6.8 1.2|TH 14.2 100.8|TJ 38.5 69.1|TK -9.2 -171.8|TL -8.6 125.7|TM 38.3 59.5|TN 36.1 10.1|TO -21.1 -175.2
TR 39.4 31.2|TT 10.5 -61.3|TV -8.5 179.2|TW 24.5 121.0|TZ -5.6 35.6|UA 49.2 31.2|UG 0.5 32.6|UM 19.3 166.6|UY -34.7 -56.1|UZ 40.6 67.6
US 40.3 -75.0 3|US 41.0 -86.0 2|US 30.5 -96.5 2|US 33.0 -83.0 1|US 36.0 -119.5 2
VA 41.9 12.5|VC 13.2 -61.2|VE 10.1 -67.2|VG 18.4 -64.6|VI 18.3 -64.9|VN 16.0 106.8|VU -17.7 168.3|WF -13.3 -176.2|WS -13.8 -171.8
XK 42.6 21.0|YE 14.6 44.4|YT -12.8 45.2|ZA -27.6 28.3|ZM -13.8 28.2|ZW -18.2 30.6
`;

const PLACES: ReadonlyMap<string, ClientPlace> = read(ROWS);

/** Where the people of a country live, by ISO 3166-1 alpha-2 code; undefined for a code that nobody has. */
export function placeOfCountry(code: string): ClientPlace | undefined {
  return PLACES.get(code);
}

/** Every code that has a place. */
export function countryCodes(): string[] {
  return [...PLACES.keys()];
}

function read(rows: string): Map<string, ClientPlace> {
  const places = new Map<string, { latitude: number; longitude: number; weight: number }[]>();
  for (const row of rows.split(/[|\n]/).filter(Boolean)) {
    const [code = '', latitude, longitude, weight = '10'] = row.split(' ');
    const points = places.get(code) ?? [];
    points.push({ latitude: Number(latitude), longitude: Number(longitude), weight: Number(weight) });
    places.set(code, points);
  }
  return places;
}
