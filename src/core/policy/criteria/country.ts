import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

/** What is wrong with a country, if anything is. */
export function faultInCountry(text: string): string | undefined {
  return /^[A-Z]{2}$/.test(text) ? undefined : 'a country as two capitals (ISO 3166-1), such as DE';
}

/** Whether the client's address is in one of these countries; unknown where that is. */
export const country: Criterion<readonly string[]> = {
  expects: 'a list of countries',
  parse: (json, path, list) => readTextList(json, path, list, faultInCountry),
  compile(codes) {
    const listed = new Set(codes);
    return ({ place }) => (place?.country === undefined ? Unknown : truthOf(listed.has(place.country)));
  },
};
