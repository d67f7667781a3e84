import type { Criterion } from '../criterion.ts';
import { LOGIN_METHODS, type LoginMethod } from '../login-method.ts';
import { oneOf, readTextList } from '../problem.ts';
import { False, MaybeAfterSignIn, True } from '../truth.ts';

/** Whether one of these was used to come in. */
export const loginMethod: Criterion<readonly LoginMethod[]> = {
  expects: 'a list of login methods',
  parse: (json, path, list) =>
    readTextList(json, path, list, oneOf(LOGIN_METHODS)) as readonly LoginMethod[] | undefined,
  compile(methods) {
    const listed = new Set<string>(methods);
    return (_context, subject) => {
      if (subject === undefined) return MaybeAfterSignIn;
      for (const name of subject.methods) if (listed.has(name)) return True;
      return False;
    };
  },
};
