import { MAXIMUM_LIST_ENTRIES } from '../constants.ts';
import type { Criterion } from '../criterion.ts';
import type { ProblemList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

const LAST = 0xffff_ffff;

/** Whether the client's address belongs to one of these autonomous systems (RFC 6793); unknown where that is. */
export const asn: Criterion<readonly number[]> = {
  expects: 'a list of numbers of autonomous systems',
  parse: readNumbers,
  compile(numbers) {
    const listed = new Set(numbers);
    return ({ place }) => (place?.asn === undefined ? Unknown : truthOf(listed.has(place.asn)));
  },
};

export function isAsn(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= LAST;
}

function readNumbers(json: unknown, path: string, list: ProblemList): readonly number[] | undefined {
  if (!Array.isArray(json) || json.length === 0 || json.length > MAXIMUM_LIST_ENTRIES)
    return list.note(path, `a list of 1 to ${MAXIMUM_LIST_ENTRIES} numbers`, json);
  const wrong = json.findIndex((value) => !isAsn(value));
  if (wrong >= 0) return list.note(`${path}[${wrong}]`, `a whole number from 1 to ${LAST}, such as 3320`, json[wrong]);
  return json as readonly number[];
}
