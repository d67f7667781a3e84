import { anyOf } from '../combine.ts';
import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { Unknown } from '../truth.ts';

/**
 * Whether the request is in one of these lists of the organisation: its address, country or network, or who asks, as
 * each list is of one kind. A list that there is none of is unknown: it satisfies no rule that admits and escapes none
 * that denies.
 */
export const list: Criterion<readonly string[]> = {
  expects: 'a list of names of lists',
  parse: (json, path, problems) => readTextList(json, path, problems),
  compile(names, { lists }) {
    return anyOf(names.map((name) => lists.get(name) ?? (() => Unknown)));
  },
};
