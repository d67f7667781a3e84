import type { Criterion, Test } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { False, True, type Truth, Unknown } from '../truth.ts';

/**
 * Whether the request is in one of these lists of the organisation: its address, country or network, or who asks, as
 * each list is of one kind. A list that there is none of is unknown: it satisfies no rule that admits and escapes none
 * that denies.
 */
export const list: Criterion<readonly string[]> = {
  expects: 'a list of names of lists',
  parse: (json, path, problems) => readTextList(json, path, problems),
  compile(names, { lists }) {
    const tests: readonly Test[] = names.map((name) => lists.get(name) ?? (() => Unknown));
    return (context, subject) => {
      let most: Truth = False;
      for (const test of tests) {
        const value = test(context, subject);
        if (value === True) return True;
        if (value > most) most = value;
      }
      return most;
    };
  },
};
