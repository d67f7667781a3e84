import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { False, MaybeAfterSignIn, True } from '../truth.ts';

/** Whether the signed-in user is in at least one of these groups. Guests and holders of credentials are in none. */
export const group: Criterion<readonly string[]> = {
  expects: 'a list of group names',
  parse: (json, path, list) => readTextList(json, path, list),
  compile(names) {
    const listed = new Set(names);
    return (_context, subject) => {
      if (subject === undefined) return MaybeAfterSignIn;
      for (const name of subject.groups) if (listed.has(name)) return True;
      return False;
    };
  },
};
