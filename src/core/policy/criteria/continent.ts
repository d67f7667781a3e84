import { CONTINENTS, type Continent } from '../context.ts';
import type { Criterion } from '../criterion.ts';
import { oneOf, readTextList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

/** Whether the client's address is on one of these continents; unknown where that is. */
export const continent: Criterion<readonly Continent[]> = {
  expects: `a list of ${CONTINENTS.join(', ')}`,
  parse: (json, path, list) => readTextList(json, path, list, oneOf(CONTINENTS)) as readonly Continent[] | undefined,
  compile(names) {
    const listed = new Set<string>(names);
    return ({ place }) => (place?.continent === undefined ? Unknown : truthOf(listed.has(place.continent)));
  },
};
