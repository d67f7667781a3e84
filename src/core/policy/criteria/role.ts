import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { False, MaybeAfterSignIn, True } from '../truth.ts';

/** Whether the signed-in user has at least one of these roles. Guests and holders of credentials have none. */
export const role: Criterion<readonly string[]> = {
  expects: 'a list of role names',
  parse: (json, path, list) => readTextList(json, path, list),
  compile(names) {
    const listed = new Set(names);
    return (_context, subject) => {
      if (subject === undefined) return MaybeAfterSignIn;
      for (const name of subject.roles) if (listed.has(name)) return True;
      return False;
    };
  },
};
